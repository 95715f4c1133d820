//! Pages: each is there for whom it is for, each form does what the API does, and what is refused is said where it was asked.

use crate::browser::{Browser, PASSWORD};
use crate::service::{Answer, MEMBERS, Service};
use guanxi_api::params::encode;
use guanxi_server::Settings;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER,
};
use std::num::NonZeroU32;

/// The pages that are a member's own.
const OWN: [&str; 11] = [
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

/// Those that are anybody's.
const OPEN: [&str; 5] = ["/space/2", "/space/2/fans", "/space/2/followings", "/login", "/signup"];

fn header(answer: &Answer, name: http::HeaderName) -> &str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn leads_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    header(answer, LOCATION)
}

/// A page, which is one.
async fn page(browser: &Browser<'_>, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    is_page(path, &answer);
    answer.text().to_owned()
}

fn is_page(path: &str, answer: &Answer) {
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
    // Nothing that the policy would not let through.
    for inline in ["<style", "style=\"", "onclick", "javascript:", "http://", "https://"] {
        let own =
            text.replace("http://127.0.0.1:8080/login/confirm", "").replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(inline), "{path} has {inline}");
    }
}

/// Sends a form of the page at a path.
async fn send(browser: &Browser<'_>, endpoint: &str, at: &str, fields: &[(&str, &str)]) -> Answer {
    browser.post(&format!("/do{endpoint}"), &[fields, &[("back", at)]].concat()).await
}

#[tokio::test]
async fn every_page_is_there_for_whom_it_is_for() {
    let service = Service::new().await;
    let (me, anyone) = (service.member(1).await, service.anyone());
    for path in OWN.into_iter().chain(["/space/1", "/space/2", "/space/2/fans"]) {
        let text = page(&me, path).await;
        assert!(text.contains(&me.csrf()) && text.contains("成员1"), "{path}");
    }
    for path in OPEN {
        assert!(!page(&anyone, path).await.contains("退出"), "{path}");
    }
    for path in OWN {
        let to = if path == "/" { "/login".to_owned() } else { format!("/login?back=%2F{}", &path[1..]) };
        assert_eq!(leads_to(&anyone.get(path).await), to);
    }
    for path in ["/login", "/signup"] {
        assert_eq!(leads_to(&me.get(path).await), "/");
    }
}

#[tokio::test]
async fn a_search_is_short_and_has_a_place() {
    let service = Service::with(|settings| settings.search_concurrency = NonZeroU32::new(1).unwrap()).await;
    let me = service.member(1).await;
    assert_eq!((me.act(1, 2).await, me.act(1, 3).await), (0, 0));
    let ask = async |path: &str, text: &str| {
        let answer = me.get(&format!("{path}?{}", encode([("q", text)]))).await;
        is_page(path, &answer);
        answer
    };
    let fits = format!("成员2{}", "\u{3000}".repeat(62));
    let found = ask("/followings", &fits).await;
    assert!(
        found.text().contains("成员2</bdi>") && !found.text().contains("成员3</bdi>"),
        "{}",
        found.text()
    );
    let place = service.app.searches.place().unwrap();
    for path in ["/followings", "/fans", "/whispers", "/blacks"] {
        // Nothing is looked for that is longer, so it needs no place.
        let long = ask(path, &"Σ".repeat(65)).await;
        assert!(long.status == 200 && long.text().contains("最多 64 个字"), "{path}: {}", long.text());
        let full = ask(path, "成员").await;
        assert_eq!((full.status.as_u16(), header(&full, RETRY_AFTER)), (503, "1"), "{path}");
        assert_eq!(me.get(path).await.status, 200, "{path} without a search");
    }
    assert_eq!(me.get("/followings?group=0").await.status, 200, "a group has a list of its own");
    drop(place);
    assert_eq!(ask("/followings", "成员").await.status, 200);
    assert!(page(&me, "/fans").await.contains("maxlength=\"64\""));
}

#[tokio::test]
async fn names_are_found_as_they_are_compared() {
    let service = Service::new().await;
    let me = service.member(1).await;
    service.load(&[r#"{"card":{"mid":2,"uname":"ＡＢＣ straße"}}"#]).await;
    assert_eq!(me.act(1, 2).await, 0);
    for (text, found) in [("abc", true), ("STRASSE", true), ("ｂｃ", true), ("2", true), ("abd", false)] {
        let text = page(&me, &format!("/followings?{}", encode([("q", text)]))).await;
        assert_eq!(text.contains("/space/2"), found, "{text}");
    }
}

#[tokio::test]
async fn whatever_a_page_is_asked_for_it_answers() {
    let service = Service::new().await;
    let me = service.member(1).await;
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
        is_page(path, &answer);
        assert!(answer.text().contains(words), "{path}");
    }
}

#[tokio::test]
async fn page_of_long_address_is_no_longer_than_its_own() {
    let service = Service::new().await;
    // Each of the pages has a form: for a fan, for another login, for whom the space is.
    let (_other_login, me) = (service.member(1).await, service.member(1).await);
    assert_eq!(service.member(2).await.act(1, 1).await, 0);
    for path in ["/fans", "/logins", "/space/2"] {
        let own = page(&me, path).await;
        let long = page(&me, &format!("{path}?{}", "&".repeat(60_000))).await;
        assert!(long.len() < own.len() + 100, "{path}: {} and {}", long.len(), own.len());
        let kept = page(&me, &format!("{path}?pn=1")).await;
        assert!(kept.contains(&format!(r#"value="{path}?pn=1""#)), "{path}");
    }
    let to = service.anyone().get(&format!("/fans?{}", "&".repeat(60_000))).await;
    assert_eq!(leads_to(&to), "/login?back=%2Ffans");
}

#[tokio::test]
async fn people_are_told_of_no_page_by_a_page_and_programs_as_ever() {
    let service = Service::new().await;
    let browser = service.anyone().with("accept", "text/html,*/*;q=0.8");
    let told = browser.get("/nowhere").await;
    assert_eq!(told.status, 404);
    is_page("/nowhere", &told);
    assert!(told.text().contains("没有这个页面"));
    let told = service.anyone().get("/nowhere").await;
    assert_eq!((told.status.as_u16(), told.code()), (404, -404));
}

#[tokio::test]
async fn a_form_does_what_the_api_does_and_leads_back() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let at = "/space/2/fans?pn=2&order=asc";
    let done = send(&me, "/x/relation/modify", at, &[("fid", "2"), ("act", "1")]).await;
    assert_eq!(leads_to(&done), at);
    let attribute = me.get("/x/relation?fid=2").await.data()["attribute"].clone();
    assert_eq!(attribute, 2);
    // The next page says so, once.
    assert!(page(&me, "/followings").await.contains(">已关注</p>"));
    assert!(!page(&me, "/followings").await.contains(">已关注</p>"));
}

#[tokio::test]
async fn a_form_leads_nowhere_else() {
    let service = Service::new().await;
    let me = service.member(1).await;
    for back in ["https://b.cn/", "//b.cn/", "/\\b.cn/", "javascript:alert(1)", "", "\r\nx: y"] {
        let done = send(&me, "/x/relation/modify", back, &[("fid", "2"), ("act", "1")]).await;
        assert_eq!(leads_to(&done), "/", "{back}");
        let text =
            page(&service.anyone(), &format!("/login?{}", guanxi_api::params::encode([("back", back)])))
                .await;
        assert!(text.contains(r#"name="back" value="/""#), "{back}");
    }
}

#[tokio::test]
async fn who_is_not_logged_in_any_more_is_asked_to() {
    let service = Service::new().await;
    let done = send(&service.anyone(), "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")]).await;
    assert_eq!(leads_to(&done), "/login?back=%2Fspace%2F2");
}

#[tokio::test]
async fn no_other_sites_page_sends_a_form() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let form = "fid=2&act=1&back=%2Fspace%2F2";
    for csrf in ["", "&csrf=", "&csrf=0123456789abcdef0123456789abcdef"] {
        let told = me.post_bare("/do/x/relation/modify", &format!("{form}{csrf}")).await;
        assert_eq!(told.status, 403);
        is_page(csrf, &told);
        assert!(told.text().contains("页面已过期"));
    }
    assert_eq!(me.get("/x/relation?fid=2").await.data()["attribute"], 0);
    let elsewhere = service.anyone().with("sec-fetch-site", "cross-site");
    for path in ["/do/passport/login", "/do/passport/signup"] {
        let told = elsewhere
            .post(path, &[("account", "成员1"), ("uname", "新人"), ("password", PASSWORD), ("at", "/login")])
            .await;
        assert_eq!(told.status, 403, "{path}");
    }
    assert_eq!(elsewhere.post("/login/qr", &[]).await.status, 403);
}

#[tokio::test]
async fn what_was_typed_stays_but_for_secrets() {
    let service = Service::new().await;
    let fields = [
        ("uname", "成员1"),
        ("password", "not-for-a-page"),
        ("mail", "a@b.cn"),
        ("back", "/"),
        ("at", "/signup"),
    ];
    let told = service.anyone().post("/do/passport/signup", &fields).await;
    assert_eq!(told.status, 422);
    is_page("/signup", &told);
    let text = told.text();
    assert!(
        text.contains("昵称已被使用")
            && text.contains(r#"value="成员1""#)
            && text.contains(r#"value="a@b.cn""#)
    );
    assert!(!text.contains("not-for-a-page"));
    let fields =
        [("account", "成员1"), ("password", "wrong"), ("back", "/fans"), ("at", "/login?back=%2Ffans")];
    let told = service.anyone().post("/do/passport/login", &fields).await;
    assert!(told.text().contains("账号或密码错误") && told.text().contains(r#"name="back" value="/fans""#));
    let me = service.member(1).await;
    let told = send(&me, "/x/member/web/sign/update", "/me", &[("user_sign", "早😀")]).await;
    assert!(told.text().contains("签名不能包含表情图片") && told.text().contains(">早😀</textarea>"));
}

#[tokio::test]
async fn somebody_signs_up_and_sees_their_own_follow() {
    let service = Service::new().await;
    let me = service.anyone();
    let fields = [
        ("uname", "小甲"),
        ("password", PASSWORD),
        ("tel", ""),
        ("mail", ""),
        ("back", "/"),
        ("at", "/signup"),
    ];
    assert_eq!(leads_to(&me.post("/do/passport/signup", &fields).await), "/");
    assert!(page(&me, "/").await.contains("小甲"));
    send(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")]).await;
    assert!(page(&me, "/followings").await.contains(r#"<a href="/space/2">"#));
    assert!(page(&me, "/space/2").await.contains("已关注"));
    assert_eq!(leads_to(&send(&me, "/passport/logout", "/login", &[]).await), "/login");
    assert_eq!(leads_to(&me.get("/").await), "/login");
}

#[tokio::test]
async fn a_name_is_text_whatever_stands_in_it() {
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
    service.load(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.member(1).await;
    for mid in 101..=105 {
        assert_eq!(me.act(1, mid).await, 0);
        let them = service.member(mid).await;
        assert_eq!(them.act(1, 1).await, 0);
        page(&them, "/").await;
        page(&them, "/me").await;
        page(&me, &format!("/space/{mid}")).await;
    }
    for path in ["/followings", "/fans", "/space/1", "/followings?q=%3Cscript%3E"] {
        let text = page(&me, path).await;
        for made in ["<script>x", "<img src=x", "\"onload"] {
            assert!(!text.contains(made), "{path} has {made}");
        }
        // What turns the direction of text round stands within an isolation of its own.
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
async fn a_list_keeps_its_place_and_its_end() {
    let service = Service::new().await;
    let me = service.member(1).await;
    for fid in 2..=MEMBERS {
        assert_eq!(me.act(1, fid).await, 0);
    }
    let second = page(&me, "/followings?pn=2").await;
    assert!(second.contains("第 2 / 2 页") && second.contains(r#"name="back" value="/followings?pn=2""#));
    // Whoever takes the last of the last page sees the one that is the last then.
    for fid in 2..=10 {
        send(&me, "/x/relation/modify", "/followings?pn=2", &[("fid", &fid.to_string()), ("act", "2")]).await;
    }
    let last = page(&me, "/followings?pn=2").await;
    assert!(last.contains("成员60") && !last.contains("第 2"));
    assert!(page(&me, "/followings?order=asc").await.contains("从最近的看起"));
}

#[tokio::test]
async fn several_are_put_into_several_groups_at_once() {
    let service = Service::new().await;
    let me = service.member(1).await;
    for fid in 2..=4 {
        me.act(1, fid).await;
    }
    for tag in ["同学", "同事"] {
        assert_eq!(
            leads_to(&send(&me, "/x/relation/tag/create", "/followings", &[("tag", tag)]).await),
            "/followings"
        );
    }
    let groups = me.get("/x/relation/tags").await.data();
    let tagid = |at: usize| groups[at]["tagid"].to_string();
    let boxes = [("fids", "2"), ("fids", "3"), ("tagids", &tagid(2)), ("tagids", &tagid(3))];
    send(&me, "/x/relation/tags/addUsers", "/followings", &boxes).await;
    let of = format!("/followings?group={}", tagid(3));
    let text = page(&me, &of).await;
    assert!(text.contains("成员2") && text.contains("成员3") && !text.contains("成员4"));
    assert!(page(&me, "/followings?group=0").await.contains("成员4"));
    let told = send(&me, "/x/relation/tag/create", "/followings", &[("tag", "同学")]).await;
    assert!(told.text().contains("该分组已经存在") && told.text().contains(r#"value="同学""#));
    let fields = [("tagid", tagid(3)), ("at", of.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(leads_to(&send(&me, "/x/relation/tag/del", "/followings", &fields).await), "/followings");
    assert_eq!(me.get(&of).await.status, 200);
}

#[tokio::test]
async fn a_search_finds_by_name_and_mid_among_the_newest() {
    let few = |settings: &mut Settings| settings.search_limit = NonZeroU32::new(20).unwrap();
    let service = Service::with(few).await;
    let me = service.member(1).await;
    for mid in 2..=40 {
        service.member(mid).await.act(1, 1).await;
    }
    let found = page(&me, &format!("/fans?{}", guanxi_api::params::encode([("q", "成员3")]))).await;
    assert!(found.contains("成员39") && found.contains("只在最近的 20 人里查找"));
    assert!(page(&me, "/fans?q=40").await.contains("成员40"));
    // Among the newest alone.
    assert!(page(&me, "/fans?q=2").await.matches(r#"<a href="/space/2">"#).count() == 0);
}

#[tokio::test]
async fn a_screen_without_a_script_is_logged_in_by_a_code() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let shown = leads_to(&screen.post("/login/qr", &[("back", "/fans")]).await).to_owned();
    let text = page(&screen, &shown).await;
    assert!(
        text.contains("<svg")
            && text.contains(r#"http-equiv="refresh""#)
            && text.contains("请用已登录的设备扫描")
    );
    let key = shown.split("key=").nth(1).unwrap().split('&').next().unwrap();
    let confirm = format!("/login/confirm?key={key}");
    assert!(leads_to(&screen.get(&confirm).await).starts_with("/login?back=%2Flogin%2Fconfirm"));
    assert!(page(&phone, &confirm).await.contains("确认登录"));
    assert!(page(&screen, &shown).await.contains("已扫描"));
    assert_eq!(leads_to(&send(&phone, "/passport/qrcode/confirm", "/", &[("key", key)]).await), "/");
    // Nobody else is logged in by it.
    assert!(page(&service.anyone(), &shown).await.contains("二维码已失效"));
    assert_eq!(leads_to(&screen.get(&shown).await), "/fans");
    assert!(screen.is_logged_in().await);
}

#[tokio::test]
async fn a_page_with_a_secret_is_not_compressed() {
    let service = Service::new().await;
    let me = service.member(1).await.with("accept-encoding", "gzip");
    let answer = me.get("/followings").await;
    assert!(answer.bytes.len() > 1024 && !answer.headers.contains_key(CONTENT_ENCODING));
    let style = service.anyone().with("accept-encoding", "gzip").get("/assets/guanxi.css").await;
    assert_eq!(header(&style, CONTENT_ENCODING), "gzip");
}

#[tokio::test]
async fn an_address_of_a_form_is_no_page() {
    let service = Service::new().await;
    assert_eq!(leads_to(&service.anyone().get("/do/x/relation/modify").await), "/");
}

#[tokio::test]
async fn an_address_fills_in_no_form() {
    let service = Service::new().await;
    let (me, anyone) = (service.member(1).await, service.anyone());
    for (browser, path) in [
        (&me, "/security?tel=13800000000&mail=a%40b.cn"),
        (&me, "/me?user_sign=13800000000"),
        (&me, "/followings?tag=13800000000"),
        (&anyone, "/signup?uname=13800000000&tel=13800000000"),
        (&anyone, "/login?account=13800000000"),
    ] {
        let text = page(browser, path).await;
        // Where the page itself is named, it stands encoded behind a `?`.
        assert!(!text.contains("value=\"13800000000") && !text.contains(">13800000000<"), "{path}");
    }
}

#[tokio::test]
async fn somebody_is_found_by_mid_and_by_name() {
    let service = Service::new().await;
    service.load(&[r#"{"card":{"mid":900,"uname":"七七"}}"#]).await;
    let me = service.member(1).await;
    for (who, mid) in [("2", 2), ("%E6%88%90%E5%91%9830", 30), ("%E4%B8%83%E4%B8%83", 900)] {
        assert_eq!(leads_to(&me.get(&format!("/find?who={who}")).await), format!("/space/{mid}"));
    }
    for who in ["61", "", "%E6%B2%A1%E6%9C%89"] {
        assert_eq!(me.get(&format!("/find?who={who}")).await.status, 404, "{who}");
    }
}
