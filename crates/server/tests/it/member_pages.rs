//! Members' pages: access, errors, escaping and redirects.

use crate::pages::{assert_is_page, get_page, post_form};
use crate::service::Service;
use http::header::CONTENT_ENCODING;

/// Pages that require a login.
const MEMBER_PAGES: [&str; 15] = [
    "/",
    "/me",
    "/rewards",
    "/news",
    "/levels",
    "/coins",
    "/logins",
    "/security",
    "/security/factors",
    "/realname",
    "/data",
    "/followings",
    "/fans",
    "/whispers",
    "/blacks",
];

/// Public pages.
const PUBLIC_PAGES: [&str; 6] =
    ["/space/2", "/space/2/fans", "/space/2/followings", "/login", "/signup", "/recover"];

#[tokio::test]
async fn pages_are_shown_according_to_login() {
    let service = Service::new().await;
    let (me, anonymous) = (service.log_in_as(1).await, service.anonymous());
    for path in MEMBER_PAGES.into_iter().chain(["/space/1", "/space/2", "/space/2/fans"]) {
        let text = get_page(&me, path).await;
        assert!(text.contains(&me.csrf()) && text.contains("成员1"), "{path}");
    }
    for path in PUBLIC_PAGES {
        assert!(!get_page(&anonymous, path).await.contains("退出"), "{path}");
    }
    for path in MEMBER_PAGES {
        let to = if path == "/" {
            "/login".to_owned()
        } else {
            format!("/login?back={}", path.replace('/', "%2F"))
        };
        assert_eq!(anonymous.get(path).await.redirect_target(), to);
    }
    for path in ["/login", "/signup"] {
        assert_eq!(me.get(path).await.redirect_target(), "/");
    }
}

#[tokio::test]
async fn pages_accept_any_query() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for query in [
        "pn=x",
        "pn=0",
        "pn=99999999999999999999",
        "group=x",
        "group=77",
        "q=%ff",
        "q=%00",
        "order=up",
        "&&=;",
    ] {
        for path in ["/followings", "/fans", "/whispers", "/blacks", "/space/1/fans", "/login/qr", "/login"] {
            let answer = me.get(&format!("{path}?{query}")).await;
            assert!(answer.status == 200 || answer.status == 303, "{path}?{query}: {}", answer.text());
        }
    }
    for (path, status, words) in [
        ("/space/61", 404, "用户不存在"),
        ("/space/61/fans", 404, "用户不存在"),
        ("/space/61/followings?pn=6", 404, "用户不存在"),
        ("/space/x", 404, "用户不存在"),
        ("/space/2/fans?pn=6", 403, "别人的列表只能看前五页"),
        ("/login/confirm?key=none", 422, "二维码已失效"),
    ] {
        let answer = me.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_is_page(path, &answer);
        assert!(answer.text().contains(words), "{path}");
    }
}

#[tokio::test]
async fn long_query_does_not_grow_the_page() {
    let service = Service::new().await;
    // Each page has a form: for a follower, for another session, for the space's member.
    let (_other_login, me) = (service.log_in_as(1).await, service.log_in_as(1).await);
    assert_eq!(service.log_in_as(2).await.change_relation(1, 1).await, 0);
    for path in ["/fans", "/logins", "/space/2"] {
        let own = get_page(&me, path).await;
        let long = get_page(&me, &format!("{path}?{}", "&".repeat(60_000))).await;
        assert!(long.len() < own.len() + 100, "{path}: {} and {}", long.len(), own.len());
        let short = get_page(&me, &format!("{path}?pn=1")).await;
        assert!(short.contains(&format!(r#"value="{path}?pn=1""#)), "{path}");
    }
    let to = service.anonymous().get(&format!("/fans?{}", "&".repeat(60_000))).await;
    assert_eq!(to.redirect_target(), "/login?back=%2Ffans");
}

#[tokio::test]
async fn unknown_path_is_a_page_for_browsers_only() {
    let service = Service::new().await;
    let browser = service.anonymous().with_header("accept", "text/html,*/*;q=0.8");
    let response = browser.get("/nowhere").await;
    assert_eq!(response.status, 404);
    assert_is_page("/nowhere", &response);
    assert!(response.text().contains("没有这个页面"));
    let response = service.anonymous().get("/nowhere").await;
    assert_eq!((response.status.as_u16(), response.code()), (404, -404));
}

#[tokio::test]
async fn hostile_names_are_escaped() {
    let service = Service::new().await;
    // name, sign
    let hostile = [
        ("<script>x", "<script>x</script>"),
        (r#""onload="x"#, r#""onload="x"#),
        ("'><img src=x>", "'><img src=x>"),
        ("gpj.exe", "\u{202e}gpj.exe"),
        ("&lt;b&gt;", "&lt;b&gt;"),
    ];
    let row = |(mid, (name, sign)): (usize, &(&str, &str))| {
        let face = "https://a.cn/'onerror='x";
        serde_json::json!({"card": {"mid": mid, "uname": name, "sign": sign, "face": face}}).to_string()
    };
    let rows: Vec<String> = (101..).zip(&hostile).map(row).collect();
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.log_in_as(1).await;
    for mid in 101..=105 {
        assert_eq!(me.change_relation(1, mid).await, 0);
        let them = service.log_in_as(mid).await;
        assert_eq!(them.change_relation(1, 1).await, 0);
        get_page(&them, "/").await;
        get_page(&them, "/me").await;
        get_page(&me, &format!("/space/{mid}")).await;
    }
    for path in ["/followings", "/fans", "/space/1", "/followings?q=%3Cscript%3E"] {
        let text = get_page(&me, path).await;
        for markup in ["<script>x", "<img src=x", "\"onload"] {
            assert!(!text.contains(markup), "{path} has {markup}");
        }
        // Bidirectional controls are isolated.
        for (at, _) in text.match_indices('\u{202e}') {
            let before = &text[..at];
            assert!(
                before.ends_with("<bdi>")
                    || before.ends_with("选中 ")
                    || before.ends_with(['：', ' ', '"', '>']),
                "{}",
                &text[at - 30..at + 20]
            );
        }
    }
}

#[tokio::test]
async fn qr_login_works_without_script() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let shown = screen.post("/login/qr", &[("back", "/fans")]).await.redirect_target().to_owned();
    let text = get_page(&screen, &shown).await;
    assert!(
        text.contains("<svg")
            && text.contains(r#"http-equiv="refresh""#)
            && text.contains("请用已登录的设备扫描")
    );
    let key = shown.split("key=").nth(1).unwrap().split('&').next().unwrap();
    let confirm = format!("/login/confirm?key={key}");
    assert!(screen.get(&confirm).await.redirect_target().starts_with("/login?back=%2Flogin%2Fconfirm"));
    assert!(get_page(&phone, &confirm).await.contains("确认登录"));
    assert!(get_page(&screen, &shown).await.contains("已扫描"));
    assert_eq!(
        post_form(&phone, "/passport/qrcode/confirm", "/", &[("key", key)]).await.redirect_target(),
        "/"
    );
    // The code logs no other client in.
    assert!(get_page(&service.anonymous(), &shown).await.contains("二维码已失效"));
    assert_eq!(screen.get(&shown).await.redirect_target(), "/fans");
    assert!(screen.is_logged_in().await);
}

#[tokio::test]
async fn page_with_secret_is_not_compressed() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await.with_header("accept-encoding", "gzip");
    let answer = me.get("/followings").await;
    assert!(answer.bytes.len() > 1024 && !answer.headers.contains_key(CONTENT_ENCODING));
    let style = service.anonymous().with_header("accept-encoding", "gzip").get("/assets/guanxi.css").await;
    assert_eq!(style.header(CONTENT_ENCODING), "gzip");
}

#[tokio::test]
async fn find_redirects_by_mid_and_name() {
    let service = Service::new().await;
    service.import_rows(&[r#"{"card":{"mid":900,"uname":"七七"}}"#]).await;
    let me = service.log_in_as(1).await;
    for (who, mid) in [("2", 2), ("%E6%88%90%E5%91%9830", 30), ("%E4%B8%83%E4%B8%83", 900), ("900", 900)] {
        assert_eq!(me.get(&format!("/find?who={who}")).await.redirect_target(), format!("/space/{mid}"));
    }
    for (who, status) in [("61", 404), ("%E6%B2%A1%E6%9C%89", 404), ("", 200)] {
        let page = me.get(&format!("/find?who={who}")).await;
        assert_eq!(page.status, status, "{who}");
        assert_is_page(who, &page);
        assert_eq!(page.text().contains("没有找到"), status == 404);
    }
    let page = service.anonymous().get("/find?who=%E6%B2%A1%E6%9C%89").await;
    assert!(page.text().contains(r#"value="没有" aria-invalid="true""#));
}
