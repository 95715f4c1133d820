//! The cookies that the passport sets and takes back.

use crate::browser::{PASSWORD, SetCookie};
use crate::service::{Answer, Service};
use guanxi_server::Settings;
use guanxi_server::networks::TrustedProxies;
use serde_json::json;

/// The names of the cookies that an answer sets, with their attributes.
fn set(answer: &Answer) -> Vec<(String, String)> {
    answer
        .cookies()
        .into_iter()
        .map(|SetCookie { name, attributes, .. }| (name, attributes.join("; ")))
        .collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, attributes)| (name.to_owned(), attributes.to_owned())).to_vec()
}

fn networks(list: &str) -> TrustedProxies {
    serde_json::from_value(json!(list)).unwrap()
}

#[tokio::test]
async fn a_login_sets_them_and_a_logout_takes_them_back() {
    let service = Service::new().await;
    let browser = service.anyone();
    let signup = browser.post("/passport/signup", &[("uname", "新来的"), ("password", PASSWORD)]).await;
    let month = "Max-Age=2592000; Path=/; SameSite=Lax";
    let told = pairs([
        ("SESSDATA", "Max-Age=2592000; Path=/; SameSite=Lax; HttpOnly"),
        ("bili_jct", month),
        ("DedeUserID", month),
        ("buvid3", "Max-Age=63072000; Path=/; SameSite=Lax"),
    ]);
    assert_eq!(set(&signup), told);
    assert_eq!(browser.cookie("DedeUserID").as_deref(), Some("61"));
    assert!(browser.cookie("buvid3").unwrap().ends_with("infoc"));

    let (was, dead) = (browser.cookies(), browser.at(&service));
    let logout = browser.post("/passport/logout", &[]).await;
    let gone = "Max-Age=0; Path=/; SameSite=Lax";
    let told = pairs([
        ("SESSDATA", "Max-Age=0; Path=/; SameSite=Lax; HttpOnly"),
        ("bili_jct", gone),
        ("DedeUserID", gone),
    ]);
    assert_eq!((logout.code(), set(&logout)), (0, told));
    assert!(logout.cookies().iter().all(|cookie| cookie.value.is_empty()));
    // What is left is the device's, and who kept the others has nothing with them.
    assert!(
        browser.cookies().starts_with("buvid3=") && !browser.cookies().contains(';'),
        "{}",
        browser.cookies()
    );
    assert!(was.contains("SESSDATA=") && !dead.is_logged_in().await);
    assert_eq!(dead.post("/passport/logout", &[]).await.code(), -101);
    // This device has its buvid3 already.
    let login = browser.log_in("新来的", PASSWORD).await;
    assert_eq!(set(&login), set(&signup)[..3]);
}

#[tokio::test]
async fn each_login_has_a_token_of_its_own() {
    let service = Service::new().await;
    let browser = service.anyone();
    browser.sign_up("新来的", &[]).await;
    let mut tokens = vec![browser.cookie("SESSDATA").unwrap()];
    for _ in 0..3 {
        assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
        let (token, csrf) = (browser.cookie("SESSDATA").unwrap(), browser.cookie("bili_jct").unwrap());
        assert_eq!((token.len(), csrf.len()), (64, 32));
        assert!(!tokens.contains(&token) && !token.contains(&csrf));
        assert_eq!(csrf, browser.token().csrf());
        tokens.push(token);
    }
}

#[tokio::test]
async fn cookies_planted_before_a_login_are_nobodys() {
    let service = Service::new().await;
    let attacker = service.anyone();
    attacker.sign_up("坏人", &[]).await;
    service.anyone().sign_up("好人", &[]).await;
    let planted = "ab".repeat(32);
    for token in [planted, attacker.cookie("SESSDATA").unwrap()] {
        let victim = service.anyone();
        victim.keep("SESSDATA", &token);
        victim.keep("bili_jct", &victim.token().csrf());
        // A page that sends the csrf logs in whoever fills its form, and they are given a session of their own.
        let login = victim.log_in("好人", PASSWORD).await;
        assert_eq!(login.data()["mid"], 62);
        assert_ne!(victim.cookie("SESSDATA"), Some(token.clone()));
        let planted = service.anyone();
        planted.keep("SESSDATA", &token);
        let who = planted.get("/x/member/web/account").await;
        assert!(who.code() == -101 || who.data()["mid"] == 61, "{}", who.text());
    }
}

#[tokio::test]
async fn cookies_are_secure_behind_https_alone() {
    // public_url, trusted, peer, X-Forwarded-Proto -> Secure
    let cases = [
        (None, "", "127.0.0.1", None, false),
        (Some("http://a.cn"), "", "127.0.0.1", None, false),
        (Some("https://a.cn"), "", "36.40.120.1", None, true),
        (Some("https://a.cn"), "", "36.40.120.1", Some("http"), true),
        (None, "", "36.40.120.1", Some("https"), false),
        (None, "10.0.0.1", "36.40.120.1", Some("https"), false),
        (None, "10.0.0.1", "10.0.0.1", Some("http"), false),
        (None, "10.0.0.1", "10.0.0.1", None, false),
        (None, "10.0.0.0/8", "10.0.0.1", Some("https"), true),
    ];
    let service = Service::new().await;
    service.anyone().sign_up("新来的", &[]).await;
    for (public_url, trusted, peer, proto, secure) in cases {
        let service = service.set(|settings: &mut Settings| {
            settings.public_url = public_url.map(str::to_owned);
            settings.trusted_proxies = networks(trusted);
        });
        let browser = service.anyone().from(peer);
        let browser =
            proto.into_iter().fold(browser, |browser, proto| browser.with("x-forwarded-proto", proto));
        let login = browser.log_in("新来的", PASSWORD).await;
        let code = browser.post("/passport/qrcode", &[]).await;
        let logout = browser.post("/passport/logout", &[]).await;
        for answer in [login, code, logout] {
            assert!(!answer.cookies().is_empty());
            for cookie in answer.cookies() {
                let told = cookie.attributes.iter().any(|attribute| attribute == "Secure");
                assert_eq!(told, secure, "{public_url:?} {trusted} {peer} {proto:?}: {cookie:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_code_to_scan_has_a_cookie_that_no_script_and_no_other_site_sees() {
    let service = Service::new().await;
    let browser = service.anyone();
    let told = pairs([
        ("qrcode_caller", "Max-Age=180; Path=/; HttpOnly; SameSite=Strict"),
        ("buvid3", "Max-Age=63072000; Path=/; SameSite=Lax"),
    ]);
    assert_eq!(set(&browser.post("/passport/qrcode", &[]).await), told);
    // A page at another path asks how far the code is too.
    assert!(browser.cookies().contains("qrcode_caller"));
    let again = browser.post("/passport/qrcode", &[]).await;
    assert_eq!(set(&again), told[..1]);
}

#[tokio::test]
async fn a_buvid_that_is_none_is_replaced() {
    let service = Service::new().await;
    service.anyone().sign_up("新来的", &[]).await;
    let cases = [("", true), (&*"x".repeat(65), true), (&*"x".repeat(64), false), ("AUTO123", false)];
    for (buvid, replaced) in cases {
        let browser = service.anyone();
        browser.keep("buvid3", buvid);
        assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
        assert_eq!(browser.cookie("buvid3").unwrap() != buvid, replaced, "{buvid}");
    }
}
