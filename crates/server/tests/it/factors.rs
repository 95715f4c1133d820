//! Second factors, the second step of a login, and fresh proofs.

use crate::client::{PASSWORD, TestClient};
use crate::pages::{get_page, post_form};
use crate::service::{Service, mid_of};
use guanxi_storage::Store;
use guanxi_storage::model::Factors;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use totp_rs::{Builder, Secret};

/// A later moment, in another step of the codes.
const LATER: &str = "2026-01-15T12:01:00+08:00";
/// A moment after the proofs of noon have ended.
const AFTERNOON: &str = "2026-01-15T15:00:00+08:00";

/// Returns the one-time code of a secret at the time of a service.
fn code(service: &Service, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(service.app.now().unsigned_abs()).to_string()
}

/// Sets up one-time codes. Returns the secret and the recovery codes.
async fn set_up(service: &Service, browser: &TestClient<'_>) -> (String, Vec<String>) {
    let started = browser.post("/passport/totp", &[]).await.data();
    let secret = started["secret"].as_str().unwrap().to_owned();
    let confirmed = browser.post("/passport/totp/confirm", &[("code", &code(service, &secret))]).await.data();
    let codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    (secret, codes)
}

async fn finish(browser: &TestClient<'_>, code: &str) -> i64 {
    browser.post("/passport/login/factor", &[("code", code)]).await.code()
}

#[tokio::test]
async fn totp_is_set_up_with_recovery_codes() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[]).await;
    let started = browser.post("/passport/totp", &[]).await.data();
    let (secret, url) = (started["secret"].as_str().unwrap(), started["url"].as_str().unwrap());
    assert!(url.starts_with("otpauth://totp/") && url.contains(secret), "{url}");
    assert!(started["svg"].as_str().unwrap().starts_with("<svg"));
    let confirm = async |code: &str| browser.post("/passport/totp/confirm", &[("code", code)]).await;
    assert_eq!(confirm("000000").await.code(), 30111);
    let list = async || browser.get("/passport/factors").await.data();
    let none = json!({
        "totp": false, "recovery_codes": 0, "passkeys": [], "required": false,
        "needs_password": false, "needs_factor": false
    });
    assert_eq!(list().await, none);
    let confirmed = confirm(&code(&service, secret)).await.data();
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(
        (list().await["totp"].take(), list().await["recovery_codes"].take()),
        (json!(true), json!(10))
    );
    assert_eq!(confirm(&code(&service, secret)).await.code(), 30115);
    assert_eq!(browser.post("/passport/totp", &[]).await.code(), 30114);
    let renewed = browser.post("/passport/recovery", &[]).await.data();
    assert_ne!(renewed["recovery_codes"], confirmed["recovery_codes"]);
    // Neither the secret nor a code is stored as it is.
    let stored: Factors = service.app.store.get(mid_of(mid)).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(confirmed["recovery_codes"][0].as_str().unwrap()));
    assert_eq!(browser.post("/passport/totp/remove", &[]).await.code(), 0);
    assert_eq!(list().await, none);
    assert_eq!(browser.post("/passport/totp/remove", &[]).await.code(), 30115);
}

#[tokio::test]
async fn login_needs_the_second_step() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let (secret, codes) = set_up(&service, &browser).await;
    let service = service.at_time(LATER);
    let other = service.anonymous();
    assert_eq!(finish(&other, &codes[0]).await, 30112, "no first step");
    let first = other.log_in("新来的", PASSWORD).await;
    assert_eq!((first.code(), first.json()["message"].as_str()), (30110, Some("需要第二步验证")));
    let [cookie] = &first.cookies()[..] else { panic!("{:?}", first.cookies()) };
    assert_eq!(cookie.name, "login_step");
    for attribute in ["HttpOnly", "SameSite=Strict"] {
        assert!(cookie.attributes.iter().any(|other| other == attribute), "{cookie:?}");
    }
    assert!(!other.is_logged_in().await);
    assert_eq!(finish(&service.anonymous(), &codes[0]).await, 30112, "another client");
    assert_eq!(finish(&other, "000000").await, 30111);
    assert_eq!(other.log_in("新来的", "wrong").await.code(), 30011);
    // A restart between the two steps changes nothing.
    let restarted = service.at_time(LATER);
    let other = other.with_service(&restarted);
    let right = code(&restarted, &secret);
    assert_eq!(finish(&other, &right).await, 0);
    assert!(other.is_logged_in().await && other.cookie("login_step").is_none());
    // The same code and the same recovery code do not work again.
    for (code, result) in [(&right, 30111), (&codes[3].to_uppercase(), 0), (&codes[3], 30111)] {
        let third = restarted.anonymous();
        assert_eq!(third.log_in("新来的", PASSWORD).await.code(), 30110);
        assert_eq!(finish(&third, code).await, result, "{code}");
    }
    let log = other.get("/x/member/web/login/log").await.data();
    let results: Vec<&Value> = log["list"].as_array().unwrap().iter().map(|entry| &entry["status"]).collect();
    assert!(results.contains(&&json!(false)) && results.contains(&&json!(true)), "{results:?}");
}

#[tokio::test]
async fn second_step_has_five_tries() {
    let service =
        Service::with_settings(|settings| settings.login_failures_per_account = NonZeroU32::new(9).unwrap())
            .await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let (_, codes) = set_up(&service, &browser).await;
    let other = service.anonymous();
    assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 30110);
    for _ in 0..5 {
        assert_eq!(finish(&other, "000000").await, 30111);
    }
    assert_eq!(finish(&other, &codes[0]).await, 30112);
    assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 30110);
    assert_eq!(finish(&other, &codes[0]).await, 0);
}

#[tokio::test]
async fn wrong_codes_lock_the_second_step() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let (_, codes) = set_up(&service, &browser).await;
    // The bucket counts across steps, as that of passwords does.
    for wrong in [3, 2] {
        let other = service.anonymous();
        assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 30110);
        for _ in 0..wrong {
            assert_eq!(finish(&other, "000000").await, 30111);
        }
    }
    let other = service.anonymous();
    assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 30110);
    assert_eq!(finish(&other, &codes[0]).await, 30012);
}

#[tokio::test]
async fn dangerous_operation_needs_a_fresh_proof() {
    let noon = Service::new().await;
    let browser = noon.anonymous();
    browser.sign_up("新来的", &[]).await;
    let tel = async |browser: &TestClient<'_>, password: &str| {
        let form = [("tel", "15312345056"), ("password", password)];
        let form = if password.is_empty() { &form[..1] } else { &form[..] };
        browser.post("/passport/tel", form).await.code()
    };
    assert_eq!(tel(&browser, "").await, 0, "the registration is a proof");
    let service = noon.at_time(AFTERNOON);
    let browser = browser.with_service(&service);
    assert_eq!(tel(&browser, "").await, 30113);
    assert_eq!(tel(&browser, "wrong").await, 30011);
    assert_eq!(tel(&browser, PASSWORD).await, 0);
    assert_eq!(browser.post("/passport/totp", &[]).await.code(), 30113);
    assert_eq!(browser.post("/passport/proof", &[]).await.code(), -400);
    assert_eq!(browser.post("/passport/proof", &[("password", "wrong")]).await.code(), 30011);
    assert_eq!(browser.post("/passport/proof", &[("password", PASSWORD)]).await.code(), 0);
    let (secret, codes) = set_up(&service, &browser).await;
    assert_eq!(tel(&browser, "").await, 0);
    // With a factor the password alone does not suffice.
    let evening = service.at_time("2026-01-15T20:00:00+08:00");
    let browser = browser.with_service(&evening);
    assert_eq!(tel(&browser, PASSWORD).await, 30113);
    let needs = browser.get("/passport/factors").await.data();
    assert_eq!((&needs["needs_password"], &needs["needs_factor"]), (&json!(true), &json!(true)));
    assert_eq!(browser.post("/passport/proof", &[("code", "000000")]).await.code(), 30111);
    assert_eq!(browser.post("/passport/proof", &[("code", &code(&evening, &secret))]).await.code(), 0);
    assert_eq!(tel(&browser, "").await, 30113);
    assert_eq!(tel(&browser, PASSWORD).await, 0);
    let both = [("password", PASSWORD), ("code", codes[0].as_str())];
    assert_eq!(browser.post("/passport/proof", &both).await.code(), 0);
    assert_eq!(tel(&browser, "").await, 0);
    assert_eq!(browser.post("/passport/password", &[("new", "chang-an-yi-pian-yue")]).await.code(), 0);
}

#[tokio::test]
async fn required_factor_is_set_up_first() {
    let service = Service::with_settings(|settings| settings.second_factor_from_level = Some(0)).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let form = [("tel", "15312345056")];
    assert_eq!(browser.post("/passport/tel", &form).await.code(), 30118);
    assert_eq!(browser.get("/me").await.redirect_target(), "/security/factors");
    assert!(get_page(&browser, "/security/factors").await.contains("本社区要求"));
    set_up(&service, &browser).await;
    assert_eq!(browser.post("/passport/tel", &form).await.code(), 0);
    get_page(&browser, "/me").await;
    // A higher level is required than that of a new member.
    let service = Service::with_settings(|settings| settings.second_factor_from_level = Some(3)).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    get_page(&browser, "/me").await;
}

#[tokio::test]
async fn pages_lead_through_setup_and_login() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let at = "/security/factors";
    assert_eq!(post_form(&browser, "/passport/totp", at, &[]).await.redirect_target(), at);
    let page = get_page(&browser, at).await;
    let secret = page.split("<code class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let wrong = post_form(&browser, "/passport/totp/confirm", at, &[("code", "000000")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("验证码错误"), "{}", wrong.text());
    let code_field = [("code", code(&service, &secret))];
    let fields = code_field.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shown = post_form(&browser, "/passport/totp/confirm", at, &fields).await;
    assert!(shown.status == 200 && shown.text().matches("<li><code>").count() == 10, "{}", shown.text());
    let recovery = shown.text().split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();

    let other = service.anonymous();
    let login = [("account", "新来的"), ("password", PASSWORD), ("back", "/security"), ("at", "/login")];
    let first = other.post("/form/passport/login", &login).await;
    assert_eq!(first.redirect_target(), "/login/factor?back=%2Fsecurity");
    let step = "/login/factor?back=%2Fsecurity";
    assert!(get_page(&other, step).await.contains("第二步验证"));
    let send = async |code: &str| {
        let fields = [("code", code), ("back", "/security"), ("at", step)];
        other.post("/form/passport/login/factor", &fields).await
    };
    assert!(send("000000").await.text().contains("验证码错误"));
    assert_eq!(send(&recovery).await.redirect_target(), "/security");
    assert_eq!(other.get("/prove?back=%2Fsecurity").await.redirect_target(), "/security");
    // Without a first step the page is that of the login.
    assert!(get_page(&service.anonymous(), "/login/factor").await.contains("昵称、用户名"));

    let later = service.at_time(AFTERNOON);
    let other = other.with_service(&later);
    assert!(get_page(&other, "/security").await.contains("/prove?back=%2Fsecurity"));
    let refused = post_form(&other, "/passport/totp/remove", at, &[]).await;
    assert_eq!(refused.redirect_target(), "/prove?back=%2Fsecurity%2Ffactors");
    get_page(&other, "/prove?back=%2Fsecurity%2Ffactors").await;
    let proof = [("password", PASSWORD.to_owned()), ("code", code(&later, &secret))];
    let fields = proof.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(post_form(&other, "/passport/proof", at, &fields).await.redirect_target(), at);
    assert_eq!(post_form(&other, "/passport/totp/remove", at, &[]).await.redirect_target(), at);
}

#[tokio::test]
async fn passkeys_need_a_domain() {
    let address = "http://192.0.2.1".to_owned();
    let service = Service::with_settings(|settings| settings.public_url = Some(address)).await;
    assert_eq!(service.anonymous().post("/passport/passkeys/challenge", &[]).await.code(), 30117);
    assert!(!get_page(&service.anonymous(), "/login").await.contains("data-challenge"));
    let service = Service::with_settings(|settings| {
        settings.public_url = Some("https://members.example.cn".to_owned());
        settings.passkey_challenges_per_address = NonZeroU32::new(2).unwrap();
    })
    .await;
    let anonymous = service.anonymous();
    for _ in 0..2 {
        let answer = anonymous.post("/passport/passkeys/challenge", &[]).await;
        let options = &answer.data()["options"]["publicKey"];
        assert_eq!(
            (&options["rpId"], &options["userVerification"]),
            (&json!("members.example.cn"), &json!("required"))
        );
        assert_eq!(answer.cookies()[0].name, "passkey_caller");
    }
    assert_eq!(anonymous.post("/passport/passkeys/challenge", &[]).await.code(), 30012);
    assert_eq!(anonymous.post("/passport/passkeys/login", &[("credential", "{}")]).await.code(), 30117);
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let options = browser.post("/passport/passkeys/start", &[]).await.data()["options"]["publicKey"].take();
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let add = [("label", "手机"), ("credential", "{}")];
    assert_eq!(browser.post("/passport/passkeys", &add).await.code(), 30117);
    assert!(get_page(&service.anonymous(), "/login").await.contains("data-challenge"));
}

#[tokio::test]
async fn operator_removes_the_factors_of_a_member() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[]).await;
    set_up(&service, &browser).await;
    let admin = service.operator(guanxi_types::Role::Admin).await;
    let found =
        async || admin.get(&format!("/operator/member?mid={mid}")).await.data()["second_factor"].take();
    assert_eq!(found().await, true);
    for _ in 0..2 {
        assert_eq!(admin.post("/operator/member/factors/remove", json!({ "mid": mid })).await.code(), 0);
    }
    assert_eq!(found().await, false);
    let log = admin.get("/operator/audit").await.data();
    let removals = log["list"].as_array().unwrap().iter();
    let removals = removals.filter(|entry| entry["action"] == "/operator/member/factors/remove");
    assert_eq!(removals.count(), 1, "a removal without effect is not logged");
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
}
