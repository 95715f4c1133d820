//! Language and theme of pages: by the browser, by the setting, and as remembered.

use crate::client::CHROME;
use crate::pages::{assert_is_english, get_page, post_form};
use crate::service::Service;
use guanxi_server::web::language::Language;
use http::header::{CONTENT_LANGUAGE, SET_COOKIE, VARY};

#[tokio::test]
async fn language_is_remembered_or_of_the_browser_or_of_the_setting() {
    let chinese = Service::new().await;
    let english = chinese.reconfigured(|settings| settings.language = Language::English);
    // service, Accept-Language, remembered language, language of the page
    let cases = [
        (&chinese, "", "", "zh-CN"),
        (&english, "", "", "en"),
        (&english, "de", "", "en"),
        (&chinese, "en-US,en;q=0.9", "", "en"),
        (&english, "zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN"),
        (&chinese, "en", "zh-CN", "zh-CN"),
        (&chinese, "zh", "en", "en"),
        (&chinese, "en", "xx", "en"),
    ];
    for (service, accepted, remembered, language) in cases {
        let browser = service.anonymous().with_header("accept-language", accepted);
        if !remembered.is_empty() {
            browser.set_cookie("language", remembered);
        }
        let page = browser.get("/login").await;
        let case = format!("{accepted} {remembered}");
        assert!(page.text().contains(&format!("<html lang=\"{language}\"")), "{case}: {}", page.text());
        assert!(page.text().contains(if language == "en" { "Sign in" } else { "登录" }), "{case}");
        assert_eq!(page.header(CONTENT_LANGUAGE), language, "{case}");
        assert_eq!(page.header(VARY), "accept-language, cookie", "{case}");
    }
}

#[tokio::test]
async fn preferences_are_remembered_for_a_year() {
    let service = Service::new().await;
    for browser in [service.anonymous(), service.log_in_as(1).await] {
        let path = "/space/2?x=1";
        for (name, value) in [("language", "en"), ("theme", "dark")] {
            let set = post_form(&browser, "/preferences", path, &[(name, value)]).await;
            assert_eq!(set.redirect_target(), path);
            let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
            assert_eq!(set.header(SET_COOKIE), cookie);
        }
        let page = get_page(&browser, path).await;
        assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"), "{page}");
        assert!(page.contains("name=\"theme\" value=\"dark\" aria-pressed=\"true\""), "{page}");
        assert!(page.contains("name=\"color-scheme\" content=\"dark\""), "{page}");
        post_form(&browser, "/preferences", path, &[("theme", "system")]).await;
        assert!(get_page(&browser, path).await.contains("data-theme=\"system\""));
    }
}

#[tokio::test]
async fn invalid_and_forged_preferences_are_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for (form, status) in [("language=fr", 422), ("theme=blue", 422), ("theme=dark&csrf=0", 403)] {
        let csrf = me.csrf();
        let form = if form.contains("csrf") { form.to_owned() } else { format!("{form}&csrf={csrf}") };
        let page = me.post_raw("/form/preferences", &form).await;
        assert_eq!(page.status, status, "{form}: {}", page.text());
        assert!(page.text().contains("id=\"flash\"") && me.cookie("theme").is_none(), "{form}");
    }
    let other_site = service.anonymous().with_header("sec-fetch-site", "cross-site");
    assert_eq!(other_site.post_raw("/form/preferences", "theme=dark&back=/login").await.status, 403);
}

#[tokio::test]
async fn error_of_a_form_is_in_the_language_of_the_page() {
    let service = Service::new().await;
    let browser = service.anonymous().with_header("accept-language", "en");
    let fields = [("account", "成员1"), ("password", "wrong password")];
    let page = post_form(&browser, "/passport/login", "/login", &fields).await;
    assert!(page.text().contains("Wrong account or password"), "{}", page.text());
    // The API is not a page: its messages keep their bytes.
    let answer = browser.post("/passport/login", &fields).await;
    assert!(answer.text().contains("\"message\":\"账号或密码错误\""), "{}", answer.text());
}

#[tokio::test]
async fn english_pages_have_no_chinese_text() {
    let service = Service::new().await;
    let client = service.log_in_as(1).await;
    let me = client.with_header("accept-language", "en").with_header("accept", "text/html");
    let me = me.with_header("user-agent", CHROME);
    for (act, fid) in [(1, 2), (1, 3), (3, 4), (5, 5)] {
        assert_eq!(me.change_relation(act, fid).await, 0);
    }
    assert_eq!(service.log_in_as(2).await.change_relation(1, 1).await, 0);
    let tag = me.post("/x/relation/tag/create", &[("tag", "Friends")]).await.data()["tagid"].to_string();
    me.post("/x/relation/tags/addUsers", &[("fids", "2"), ("tagids", &tag)]).await;
    me.post("/x/member/web/sign/update", &[("user_sign", "hello")]).await;
    let key = service.anonymous().post("/passport/qrcode", &[]).await.data()["key"].clone();
    let confirm = format!("/login/confirm?key={}", key.as_str().unwrap());
    let group = format!("/followings?group={tag}");
    for path in [
        "/",
        "/me",
        "/rewards",
        "/coins",
        "/logins",
        "/security",
        "/realname",
        "/followings",
        &group,
        "/fans",
        "/whispers",
        "/blacks",
        "/followings?q=nobody",
        "/space/1",
        "/space/2",
        "/space/2/fans",
        "/space/2/followings",
        "/space/2/fans?pn=6",
        "/space/x",
        "/find",
        "/find?who=nobody",
        "/nowhere",
        &confirm,
    ] {
        assert_is_english(path, me.get(path).await.text());
    }
    let forms: [(&str, &[(&str, &str)]); 5] = [
        ("/x/relation/modify", &[("act", "2"), ("fid", "3")]),
        ("/x/relation/tag/create", &[("tag", "Friends")]),
        ("/passport/password", &[("old", "x"), ("new", "y")]),
        ("/passport/mail", &[("mail", "x"), ("password", "y")]),
        ("/passport/realname", &[("realname", "Wang Ming"), ("card_type", "6"), ("card", "AB123456")]),
    ];
    for (form, fields) in forms {
        let mut page = post_form(&me, form, "/fans", fields).await;
        if page.status == 303 {
            page = me.get("/fans").await;
        }
        assert_is_english(form, page.text());
    }
    let anonymous = service.anonymous().with_header("accept-language", "en");
    let code = anonymous.post("/login/qr", &[("back", "/fans")]).await.redirect_target().to_owned();
    for path in ["/login", "/signup", "/space/2", &code, "/login/qr?key=none"] {
        assert_is_english(path, anonymous.get(path).await.text());
    }
}
