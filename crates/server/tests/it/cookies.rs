//! Cookies that login and logout set and expire.

use crate::client::{PASSWORD, SetCookie};
use crate::service::{Service, TestResponse};
use guanxi_server::Settings;

/// Returns names and attributes of the cookies that a response sets.
fn cookies_set(answer: &TestResponse) -> Vec<(String, String)> {
    answer
        .cookies()
        .into_iter()
        .map(|SetCookie { name, attributes, .. }| (name, attributes.join("; ")))
        .collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, attributes)| (name.to_owned(), attributes.to_owned())).to_vec()
}

#[tokio::test]
async fn login_sets_cookies_and_logout_expires_them() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let signup = browser.post("/passport/signup", &[("uname", "新来的"), ("password", PASSWORD)]).await;
    let month = "Max-Age=2592000; Path=/; SameSite=Lax";
    let expected = pairs([
        ("SESSDATA", "Max-Age=2592000; Path=/; SameSite=Lax; HttpOnly"),
        ("bili_jct", month),
        ("DedeUserID", month),
        ("buvid3", "Max-Age=63072000; Path=/; SameSite=Lax"),
    ]);
    assert_eq!(cookies_set(&signup), expected);
    assert_eq!(browser.cookie("DedeUserID").as_deref(), Some("61"));
    assert!(browser.cookie("buvid3").unwrap().ends_with("infoc"));

    let (was, dead) = (browser.cookies(), browser.with_service(&service));
    let logout = browser.post("/passport/logout", &[]).await;
    let gone = "Max-Age=0; Path=/; SameSite=Lax";
    let expected = pairs([
        ("SESSDATA", "Max-Age=0; Path=/; SameSite=Lax; HttpOnly"),
        ("bili_jct", gone),
        ("DedeUserID", gone),
    ]);
    assert_eq!((logout.code(), cookies_set(&logout)), (0, expected));
    assert!(logout.cookies().iter().all(|cookie| cookie.value.is_empty()));
    // Only the device cookie remains, and a client that stored the others cannot use them.
    assert!(
        browser.cookies().starts_with("buvid3=") && !browser.cookies().contains(';'),
        "{}",
        browser.cookies()
    );
    assert!(was.contains("SESSDATA=") && !dead.is_logged_in().await);
    assert_eq!(dead.post("/passport/logout", &[]).await.code(), -101);
    // This device already has a buvid3.
    let login = browser.log_in("新来的", PASSWORD).await;
    assert_eq!(cookies_set(&login), cookies_set(&signup)[..3]);
}

#[tokio::test]
async fn each_login_has_its_own_token() {
    let service = Service::new().await;
    let browser = service.anonymous();
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
async fn login_ignores_cookies_planted_before_it() {
    let service = Service::new().await;
    let attacker = service.anonymous();
    attacker.sign_up("坏人", &[]).await;
    service.anonymous().sign_up("好人", &[]).await;
    let planted = "ab".repeat(32);
    for token in [planted, attacker.cookie("SESSDATA").unwrap()] {
        let victim = service.anonymous();
        victim.set_cookie("SESSDATA", &token);
        victim.set_cookie("bili_jct", &victim.token().csrf());
        // A login page with the planted session's CSRF token logs the victim in with a new session.
        let login = victim.log_in("好人", PASSWORD).await;
        assert_eq!(login.data()["mid"], 62);
        assert_ne!(victim.cookie("SESSDATA"), Some(token.clone()));
        let planted = service.anonymous();
        planted.set_cookie("SESSDATA", &token);
        let account = planted.get("/x/member/web/account").await;
        assert!(account.code() == -101 || account.data()["mid"] == 61, "{}", account.text());
    }
}

#[tokio::test]
async fn cookies_are_secure_only_with_https() {
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
    service.anonymous().sign_up("新来的", &[]).await;
    for (public_url, trusted, peer, proto, secure) in cases {
        let service = service.reconfigured(|settings: &mut Settings| {
            settings.public_url = public_url.map(str::to_owned);
            settings.trusted_proxies = trusted.parse().unwrap();
        });
        let browser = service.anonymous().with_address(peer);
        let browser =
            proto.into_iter().fold(browser, |browser, proto| browser.with_header("x-forwarded-proto", proto));
        let login = browser.log_in("新来的", PASSWORD).await;
        let code = browser.post("/passport/qrcode", &[]).await;
        let logout = browser.post("/passport/logout", &[]).await;
        for answer in [login, code, logout] {
            assert!(!answer.cookies().is_empty());
            for cookie in answer.cookies() {
                let is_secure = cookie.attributes.iter().any(|attribute| attribute == "Secure");
                assert_eq!(is_secure, secure, "{public_url:?} {trusted} {peer} {proto:?}: {cookie:?}");
            }
        }
    }
}

#[tokio::test]
async fn qr_cookie_is_http_only_and_same_site_strict() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let expected = pairs([
        ("qrcode_caller", "Max-Age=180; Path=/; HttpOnly; SameSite=Strict"),
        ("buvid3", "Max-Age=63072000; Path=/; SameSite=Lax"),
    ]);
    assert_eq!(cookies_set(&browser.post("/passport/qrcode", &[]).await), expected);
    // Pages at other paths poll the code too.
    assert!(browser.cookies().contains("qrcode_caller"));
    let again = browser.post("/passport/qrcode", &[]).await;
    assert_eq!(cookies_set(&again), expected[..1]);
}

#[tokio::test]
async fn invalid_buvid_is_replaced() {
    let service = Service::new().await;
    service.anonymous().sign_up("新来的", &[]).await;
    let cases = [("", true), (&*"x".repeat(65), true), (&*"x".repeat(64), false), ("AUTO123", false)];
    for (buvid, replaced) in cases {
        let browser = service.anonymous();
        browser.set_cookie("buvid3", buvid);
        assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
        assert_eq!(browser.cookie("buvid3").unwrap() != buvid, replaced, "{buvid}");
    }
}
