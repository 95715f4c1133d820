//! The search of the pages of members' lists.

use crate::pages::{assert_is_page, get_page};
use crate::service::Service;
use guanxi_api::params::encode_form;
use guanxi_server::Settings;
use http::header::RETRY_AFTER;
use std::num::NonZeroU32;

#[tokio::test]
async fn search_is_limited_in_length_and_concurrency() {
    let service =
        Service::with_settings(|settings| settings.search_concurrency = NonZeroU32::new(1).unwrap()).await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 2).await, me.change_relation(1, 3).await), (0, 0));
    let search = async |path: &str, text: &str| {
        let answer = me.get(&format!("{path}?{}", encode_form([("q", text)]))).await;
        assert_is_page(path, &answer);
        answer
    };
    let fits = format!("成员2{}", "\u{3000}".repeat(62));
    let found = search("/followings", &fits).await;
    assert!(
        found.text().contains("成员2</bdi>") && !found.text().contains("成员3</bdi>"),
        "{}",
        found.text()
    );
    let permit = service.app.search_pool.acquire().unwrap();
    for path in ["/followings", "/fans", "/whispers", "/blacks"] {
        // A longer text is not searched for, so it needs no permit.
        let long = search(path, &"Σ".repeat(65)).await;
        assert!(long.status == 200 && long.text().contains("最多 64 个字"), "{path}: {}", long.text());
        let full = search(path, "成员").await;
        assert_eq!((full.status.as_u16(), full.header(RETRY_AFTER)), (503, "1"), "{path}");
        assert_eq!(me.get(path).await.status, 200, "{path} without a search");
    }
    assert_eq!(me.get("/followings?group=0").await.status, 200, "a group has a list of its own");
    drop(permit);
    assert_eq!(search("/followings", "成员").await.status, 200);
    assert!(get_page(&me, "/fans").await.contains("maxlength=\"64\""));
}

#[tokio::test]
async fn search_folds_names() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    service.import_rows(&[r#"{"card":{"mid":2,"uname":"ＡＢＣ straße"}}"#]).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    for (text, found) in [("abc", true), ("STRASSE", true), ("ｂｃ", true), ("2", true), ("abd", false)] {
        let text = get_page(&me, &format!("/followings?{}", encode_form([("q", text)]))).await;
        assert_eq!(text.contains("/space/2"), found, "{text}");
    }
}

#[tokio::test]
async fn search_scans_the_newest_by_name_and_mid() {
    let limited = |settings: &mut Settings| settings.search_scan_limit = NonZeroU32::new(20).unwrap();
    let service = Service::with_settings(limited).await;
    let me = service.log_in_as(1).await;
    for mid in 2..=40 {
        service.log_in_as(mid).await.change_relation(1, 1).await;
    }
    let found = get_page(&me, &format!("/fans?{}", encode_form([("q", "成员3")]))).await;
    assert!(found.contains("成员39") && found.contains("只在最近的 20 人里查找"));
    assert!(get_page(&me, "/fans?q=40").await.contains("成员40"));
    // Only the newest are scanned.
    assert!(get_page(&me, "/fans?q=2").await.matches(r#"<a href="/space/2">"#).count() == 0);
}
