//! Language and theme of pages: by the browser, by the setting, and as remembered.

use crate::pages::{get_page, post_form};
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
