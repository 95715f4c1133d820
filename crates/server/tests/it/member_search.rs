//! The search of members by name: the endpoint and the page.

use crate::pages::{assert_is_page, get_page};
use crate::service::Service;
use guanxi_api::params::encode_form;
use guanxi_server::Settings;
use http::header::RETRY_AFTER;
use serde_json::{Value, json};
use std::num::NonZeroU32;

const NAMES: [&str; 4] = [
    r#"{"card":{"mid":901,"uname":"陈睿","sign":"签名"}}"#,
    r#"{"card":{"mid":902,"uname":"小陈","official":{"title":"作者","verified":"person"}}}"#,
    r#"{"card":{"mid":903,"uname":"陈列"}}"#,
    r#"{"card":{"mid":904,"uname":"<陈>"}}"#,
];

async fn named_service() -> Service {
    let service = Service::new().await;
    service.import_rows(&NAMES).await;
    service
}

fn find_path(text: &str) -> String {
    format!("/find?{}", encode_form([("who", text)]))
}

fn api_path(text: &str, more: &[(&str, &str)]) -> String {
    let params = [("q", text)].into_iter().chain(more.iter().copied());
    format!("/passport/members?{}", encode_form(params))
}

fn mids(data: &Value) -> Vec<u64> {
    let list = data["list"].as_array().expect("a list");
    list.iter().map(|member| member["mid"].as_u64().expect("a mid")).collect()
}

#[tokio::test]
async fn endpoint_finds_by_part_of_name_and_pinyin() {
    let service = named_service().await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 903).await, 0);
    for (text, expected) in [
        ("陈", &[903, 901, 902, 904][..]),
        ("CR", &[901]),
        ("chenl", &[903]),
        ("xc", &[902]),
        ("睿", &[901]),
        ("901", &[901]),
        ("没有", &[]),
    ] {
        let data = me.get(&api_path(text, &[])).await.data();
        assert_eq!(mids(&data), expected, "{text}");
        assert_eq!((&data["total"], &data["complete"]), (&json!(expected.len()), &json!(true)), "{text}");
    }
    assert_eq!(me.get(&api_path("  ", &[])).await.code(), -400);
    let data = me.get(&api_path("陈", &[("ps", "2"), ("pn", "2")])).await.data();
    assert_eq!((mids(&data), &data["total"]), (vec![902, 904], &json!(4)));
    assert_eq!(data["list"][0]["official_verify"], json!({"type": 0, "desc": "作者"}));
    assert!(data["list"][0]["face"].as_str().is_some_and(|face| face.starts_with("http")));
    let first = &me.get(&api_path("陈", &[("ps", "1")])).await.data()["list"][0];
    assert_eq!((&first["attribute"], &first["uname"]), (&json!(2), &json!("陈列")));
    let anonymous = service.anonymous().get(&api_path("陈列", &[])).await.data();
    assert_eq!(anonymous["list"][0]["attribute"], json!(0));
}

#[tokio::test]
async fn search_is_limited_in_length_scan_and_rate() {
    let limited = |settings: &mut Settings| {
        settings.find_scan_limit = NonZeroU32::new(10).unwrap();
        settings.find_min_chars = NonZeroU32::new(2).unwrap();
        settings.finds_per_minute = NonZeroU32::new(9).unwrap();
    };
    let service = Service::with_settings(limited).await;
    let (me, other) = (service.log_in_as(1).await, service.log_in_as(2).await);
    let data = me.get(&api_path("成员", &[])).await.data();
    assert_eq!((&data["total"], &data["complete"]), (&json!(10), &json!(false)));
    assert!(get_page(&me, &find_path("成员")).await.contains("只看了 10 个名字"));
    assert_eq!(me.get(&api_path("成", &[])).await.code(), -400);
    assert_eq!(mids(&me.get(&api_path("7", &[])).await.data())[0], 7, "a mid is found whatever its length");
    assert_eq!(me.get(&api_path(&"成".repeat(65), &[])).await.code(), -400);
    let long = me.get(&find_path(&"成".repeat(65))).await;
    assert!(long.text().contains("最多 64 个字") && !long.text().contains(&"成".repeat(65)));
    let short = me.get(&find_path("成")).await;
    assert_is_page("/find", &short);
    assert!(short.text().contains("至少要写 2 个字"));
    // Three searches are counted, since rejected texts are not searched.
    for _ in 0..6 {
        assert_eq!(me.get(&api_path("成员", &[])).await.code(), 0);
    }
    let rejected = me.get(&api_path("成员", &[])).await;
    assert_eq!(rejected.code(), 30012);
    assert!(rejected.header(RETRY_AFTER).parse::<u64>().is_ok_and(|seconds| seconds <= 7));
    let page = me.get(&find_path("成员")).await;
    assert!(page.text().contains(r#"aria-invalid="true""#) && page.text().contains("后再试"));
    assert_eq!(other.get(&api_path("成员", &[])).await.code(), 0);
    assert_eq!(service.anonymous().get(&api_path("成员", &[])).await.code(), 0);
}

#[tokio::test]
async fn search_needs_a_free_slot() {
    let service =
        Service::with_settings(|settings| settings.search_concurrency = NonZeroU32::new(1).unwrap()).await;
    let permit = service.app.search_pool.acquire().unwrap();
    let me = service.log_in_as(1).await;
    assert_eq!(me.get(&find_path("成员")).await.status, 503);
    drop(permit);
    assert_eq!(me.get(&find_path("成员")).await.status, 200);
}

#[tokio::test]
async fn page_lists_found_members_with_buttons_and_pages() {
    let service = named_service().await;
    let me = service.log_in_as(1).await;
    let page = get_page(&me, &find_path("陈")).await;
    let places: Vec<_> = ["/space/901", "/space/903", "/space/902", "/space/904"]
        .iter()
        .map(|link| page.find(&format!(r#"<p class="name"><a href="{link}""#)))
        .collect();
    assert!(places.iter().all(Option::is_some), "{page}");
    assert!(page.contains("&#60;陈&#62;") && page.contains(r#"value="陈""#) && page.contains("找到 4"));
    assert!(page.contains(r#"id="relation-901" name="act" value="1""#));
    let second = get_page(&me, &format!("{}&pn=2", find_path("成员"))).await;
    assert!(
        second.contains("第 2 / 2 页") && second.contains("who=%E6%88%90%E5%91%98&amp;pn=1")
            || second.contains("who=%E6%88%90%E5%91%98&#38;pn=1"),
        "{second}"
    );
    assert!(get_page(&me, &format!("{}&pn=9", find_path("成员"))).await.contains("第 2 / 2 页"));
    // The exact name of several members is listed first, that of one leads to the member.
    assert_eq!(me.get(&find_path("陈睿")).await.redirect_target(), "/space/901");
    assert!(get_page(&me, &find_path("睿")).await.contains("/space/901"));
    assert!(get_page(&me, "/find").await.contains("昵称、拼音或 UID"));
}

#[tokio::test]
async fn every_page_has_one_search_for_members() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for path in ["/", "/me", "/followings", "/space/2", "/security", "/find", "/find?who=x"] {
        let answer = me.get(path).await;
        assert_eq!(answer.text().matches("data-suggest").count(), 1, "{path}");
        assert_eq!(answer.text().matches(r#"action="/find""#).count(), 1, "{path}");
    }
    for path in ["/login", "/signup", "/space/2", "/nowhere"] {
        let page = service.anonymous().with_header("accept", "text/html").get(path).await;
        assert_eq!(page.text().matches("data-suggest").count(), 1, "{path}");
    }
}
