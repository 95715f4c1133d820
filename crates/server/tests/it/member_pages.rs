//! Members' pages: access, forms, and errors on the page of the form.

use crate::client::{PASSWORD, TestClient};
use crate::service::{MEMBER_COUNT, Service, TestResponse};
use guanxi_api::params::encode_form;
use guanxi_server::Settings;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER,
};
use std::num::NonZeroU32;

/// Pages that require a login.
const MEMBER_PAGES: [&str; 11] = [
    "/",
    "/me",
    "/rewards",
    "/coins",
    "/logins",
    "/security",
    "/realname",
    "/followings",
    "/fans",
    "/whispers",
    "/blacks",
];

/// Public pages.
const PUBLIC_PAGES: [&str; 5] = ["/space/2", "/space/2/fans", "/space/2/followings", "/login", "/signup"];

fn header(answer: &TestResponse, name: http::HeaderName) -> &str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn redirect_target(answer: &TestResponse) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    header(answer, LOCATION)
}

/// Gets a page, checks that it is a well-formed one, and returns its text.
async fn get_page(browser: &TestClient<'_>, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_is_page(path, &answer);
    answer.text().to_owned()
}

fn assert_is_page(path: &str, answer: &TestResponse) {
    let text = answer.text();
    assert_eq!(header(answer, CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
    assert_eq!(header(answer, CACHE_CONTROL), "no-store", "{path}");
    let policy = header(answer, CONTENT_SECURITY_POLICY);
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(text.matches("<h1").count(), 1, "{path}");
    assert!(text.contains("<main id=\"main\"") && text.trim_end().ends_with("</html>"), "{path}");
    // The content security policy would block these.
    for inline in ["<style", "style=\"", "onclick", "javascript:", "http://", "https://"] {
        let own =
            text.replace("http://127.0.0.1:8080/login/confirm", "").replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(inline), "{path} has {inline}");
    }
}

/// Posts a form of the page at a path.
async fn post_form(
    browser: &TestClient<'_>,
    endpoint: &str,
    at: &str,
    fields: &[(&str, &str)],
) -> TestResponse {
    browser.post(&format!("/form{endpoint}"), &[fields, &[("back", at)]].concat()).await
}

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
        let to = if path == "/" { "/login".to_owned() } else { format!("/login?back=%2F{}", &path[1..]) };
        assert_eq!(redirect_target(&anonymous.get(path).await), to);
    }
    for path in ["/login", "/signup"] {
        assert_eq!(redirect_target(&me.get(path).await), "/");
    }
}

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
        assert_eq!((full.status.as_u16(), header(&full, RETRY_AFTER)), (503, "1"), "{path}");
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
    assert_eq!(redirect_target(&to), "/login?back=%2Ffans");
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
async fn form_calls_the_api_and_redirects_back() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let at = "/space/2/fans?pn=2&order=asc";
    let done = post_form(&me, "/x/relation/modify", at, &[("fid", "2"), ("act", "1")]).await;
    assert_eq!(redirect_target(&done), at);
    let attribute = me.get("/x/relation?fid=2").await.data()["attribute"].clone();
    assert_eq!(attribute, 2);
    // The next page shows the message once.
    assert!(get_page(&me, "/followings").await.contains(">已关注</p>"));
    assert!(!get_page(&me, "/followings").await.contains(">已关注</p>"));
}

#[tokio::test]
async fn form_redirects_to_local_paths_only() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for back in ["https://b.cn/", "//b.cn/", "/\\b.cn/", "javascript:alert(1)", "", "\r\nx: y"] {
        let done = post_form(&me, "/x/relation/modify", back, &[("fid", "2"), ("act", "1")]).await;
        assert_eq!(redirect_target(&done), "/", "{back}");
        let text = get_page(
            &service.anonymous(),
            &format!("/login?{}", guanxi_api::params::encode_form([("back", back)])),
        )
        .await;
        assert!(text.contains(r#"name="back" value="/""#), "{back}");
    }
}

#[tokio::test]
async fn form_without_session_redirects_to_login() {
    let service = Service::new().await;
    let done =
        post_form(&service.anonymous(), "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")])
            .await;
    assert_eq!(redirect_target(&done), "/login?back=%2Fspace%2F2");
}

#[tokio::test]
async fn cross_site_form_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let form = "fid=2&act=1&back=%2Fspace%2F2";
    for csrf in ["", "&csrf=", "&csrf=0123456789abcdef0123456789abcdef"] {
        let response = me.post_raw("/form/x/relation/modify", &format!("{form}{csrf}")).await;
        assert_eq!(response.status, 403);
        assert_is_page(csrf, &response);
        assert!(response.text().contains("页面已过期"));
    }
    assert_eq!(me.get("/x/relation?fid=2").await.data()["attribute"], 0);
    let cross_site = service.anonymous().with_header("sec-fetch-site", "cross-site");
    for path in ["/form/passport/login", "/form/passport/signup"] {
        let response = cross_site
            .post(path, &[("account", "成员1"), ("uname", "新人"), ("password", PASSWORD), ("at", "/login")])
            .await;
        assert_eq!(response.status, 403, "{path}");
    }
    assert_eq!(cross_site.post("/login/qr", &[]).await.status, 403);
}

#[tokio::test]
async fn rejected_form_keeps_fields_except_secrets() {
    let service = Service::new().await;
    let fields = [
        ("uname", "成员1"),
        ("password", "not-for-a-page"),
        ("mail", "a@b.cn"),
        ("back", "/"),
        ("at", "/signup"),
    ];
    let response = service.anonymous().post("/form/passport/signup", &fields).await;
    assert_eq!(response.status, 422);
    assert_is_page("/signup", &response);
    let text = response.text();
    assert!(
        text.contains("昵称已被使用")
            && text.contains(r#"value="成员1""#)
            && text.contains(r#"value="a@b.cn""#)
    );
    assert!(!text.contains("not-for-a-page"));
    let fields =
        [("account", "成员1"), ("password", "wrong"), ("back", "/fans"), ("at", "/login?back=%2Ffans")];
    let response = service.anonymous().post("/form/passport/login", &fields).await;
    assert!(
        response.text().contains("账号或密码错误")
            && response.text().contains(r#"name="back" value="/fans""#)
    );
    let me = service.log_in_as(1).await;
    let response = post_form(&me, "/x/member/web/sign/update", "/me", &[("user_sign", "早😀")]).await;
    assert!(response.text().contains("签名不能包含表情图片") && response.text().contains(">早😀</textarea>"));
}

#[tokio::test]
async fn signup_then_follow_is_visible() {
    let service = Service::new().await;
    let me = service.anonymous();
    let fields = [
        ("uname", "小甲"),
        ("password", PASSWORD),
        ("tel", ""),
        ("mail", ""),
        ("back", "/"),
        ("at", "/signup"),
    ];
    assert_eq!(redirect_target(&me.post("/form/passport/signup", &fields).await), "/");
    assert!(get_page(&me, "/").await.contains("小甲"));
    post_form(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")]).await;
    assert!(get_page(&me, "/followings").await.contains(r#"<a href="/space/2">"#));
    assert!(get_page(&me, "/space/2").await.contains("已关注"));
    assert_eq!(redirect_target(&post_form(&me, "/passport/logout", "/login", &[]).await), "/login");
    assert_eq!(redirect_target(&me.get("/").await), "/login");
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
async fn list_keeps_its_page_after_changes() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=MEMBER_COUNT {
        assert_eq!(me.change_relation(1, fid).await, 0);
    }
    let second = get_page(&me, "/followings?pn=2").await;
    assert!(second.contains("第 2 / 2 页") && second.contains(r#"name="back" value="/followings?pn=2""#));
    // After the last page becomes empty, the page before is shown.
    for fid in 2..=10 {
        post_form(&me, "/x/relation/modify", "/followings?pn=2", &[("fid", &fid.to_string()), ("act", "2")])
            .await;
    }
    let last = get_page(&me, "/followings?pn=2").await;
    assert!(last.contains("成员60") && !last.contains("第 2"));
    assert!(get_page(&me, "/followings?order=asc").await.contains("从最近的看起"));
}

#[tokio::test]
async fn members_are_assigned_to_several_groups() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=4 {
        me.change_relation(1, fid).await;
    }
    for tag in ["同学", "同事"] {
        assert_eq!(
            redirect_target(&post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", tag)]).await),
            "/followings"
        );
    }
    let groups = me.get("/x/relation/tags").await.data();
    let tagid = |at: usize| groups[at]["tagid"].to_string();
    let boxes = [("fids", "2"), ("fids", "3"), ("tagids", &tagid(2)), ("tagids", &tagid(3))];
    post_form(&me, "/x/relation/tags/addUsers", "/followings", &boxes).await;
    let group_path = format!("/followings?group={}", tagid(3));
    let text = get_page(&me, &group_path).await;
    assert!(text.contains("成员2") && text.contains("成员3") && !text.contains("成员4"));
    assert!(get_page(&me, "/followings?group=0").await.contains("成员4"));
    let response = post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", "同学")]).await;
    assert!(response.text().contains("该分组已经存在") && response.text().contains(r#"value="同学""#));
    let fields = [("tagid", tagid(3)), ("at", group_path.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        redirect_target(&post_form(&me, "/x/relation/tag/del", "/followings", &fields).await),
        "/followings"
    );
    assert_eq!(me.get(&group_path).await.status, 200);
}

#[tokio::test]
async fn search_scans_the_newest_by_name_and_mid() {
    let limited = |settings: &mut Settings| settings.search_scan_limit = NonZeroU32::new(20).unwrap();
    let service = Service::with_settings(limited).await;
    let me = service.log_in_as(1).await;
    for mid in 2..=40 {
        service.log_in_as(mid).await.change_relation(1, 1).await;
    }
    let found = get_page(&me, &format!("/fans?{}", guanxi_api::params::encode_form([("q", "成员3")]))).await;
    assert!(found.contains("成员39") && found.contains("只在最近的 20 人里查找"));
    assert!(get_page(&me, "/fans?q=40").await.contains("成员40"));
    // Only the newest are scanned.
    assert!(get_page(&me, "/fans?q=2").await.matches(r#"<a href="/space/2">"#).count() == 0);
}

#[tokio::test]
async fn qr_login_works_without_script() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let shown = redirect_target(&screen.post("/login/qr", &[("back", "/fans")]).await).to_owned();
    let text = get_page(&screen, &shown).await;
    assert!(
        text.contains("<svg")
            && text.contains(r#"http-equiv="refresh""#)
            && text.contains("请用已登录的设备扫描")
    );
    let key = shown.split("key=").nth(1).unwrap().split('&').next().unwrap();
    let confirm = format!("/login/confirm?key={key}");
    assert!(redirect_target(&screen.get(&confirm).await).starts_with("/login?back=%2Flogin%2Fconfirm"));
    assert!(get_page(&phone, &confirm).await.contains("确认登录"));
    assert!(get_page(&screen, &shown).await.contains("已扫描"));
    assert_eq!(
        redirect_target(&post_form(&phone, "/passport/qrcode/confirm", "/", &[("key", key)]).await),
        "/"
    );
    // The code logs no other client in.
    assert!(get_page(&service.anonymous(), &shown).await.contains("二维码已失效"));
    assert_eq!(redirect_target(&screen.get(&shown).await), "/fans");
    assert!(screen.is_logged_in().await);
}

#[tokio::test]
async fn page_with_secret_is_not_compressed() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await.with_header("accept-encoding", "gzip");
    let answer = me.get("/followings").await;
    assert!(answer.bytes.len() > 1024 && !answer.headers.contains_key(CONTENT_ENCODING));
    let style = service.anonymous().with_header("accept-encoding", "gzip").get("/assets/guanxi.css").await;
    assert_eq!(header(&style, CONTENT_ENCODING), "gzip");
}

#[tokio::test]
async fn get_of_a_form_path_redirects_home() {
    let service = Service::new().await;
    assert_eq!(redirect_target(&service.anonymous().get("/form/x/relation/modify").await), "/");
}

#[tokio::test]
async fn query_does_not_fill_in_forms() {
    let service = Service::new().await;
    let (me, anonymous) = (service.log_in_as(1).await, service.anonymous());
    for (browser, path) in [
        (&me, "/security?tel=13800000000&mail=a%40b.cn"),
        (&me, "/me?user_sign=13800000000"),
        (&me, "/followings?tag=13800000000"),
        (&anonymous, "/signup?uname=13800000000&tel=13800000000"),
        (&anonymous, "/login?account=13800000000"),
    ] {
        let text = get_page(browser, path).await;
        // The page's own URL appears percent-encoded after a `?`.
        assert!(!text.contains("value=\"13800000000") && !text.contains(">13800000000<"), "{path}");
    }
}

#[tokio::test]
async fn find_redirects_by_mid_and_name() {
    let service = Service::new().await;
    service.import_rows(&[r#"{"card":{"mid":900,"uname":"七七"}}"#]).await;
    let me = service.log_in_as(1).await;
    for (who, mid) in [("2", 2), ("%E6%88%90%E5%91%9830", 30), ("%E4%B8%83%E4%B8%83", 900)] {
        assert_eq!(redirect_target(&me.get(&format!("/find?who={who}")).await), format!("/space/{mid}"));
    }
    for who in ["61", "", "%E6%B2%A1%E6%9C%89"] {
        assert_eq!(me.get(&format!("/find?who={who}")).await.status, 404, "{who}");
    }
}
