//! Second factors: an authenticator with and without the script, and a passkey.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use serde_json::json;

with_and_without_script! {
    recovery_code_completes_a_login
}

/// Computes the one-time code of a secret at the time of the service, as an authenticator does.
fn code(secret: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "an authenticator has a clock of its own")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
}

async fn recovery_code_completes_a_login(script: Script) {
    let Some([laptop, phone]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    laptop.sign_up(&community, "小甲", PASSWORD).await;
    laptop.goto(&community.page("/security")).await;
    laptop.follow_link("设置").await;
    laptop.press("设置").await;
    laptop.wait_for_text("用验证器应用扫描二维码").await;
    let text = "return document.querySelector(arguments[0]).textContent";
    let secret = laptop.run_script(text, vec![json!(".secret")]).await;
    laptop.fill("应用上的验证码", &code(secret.as_str().unwrap())).await;
    laptop.press("开启").await;
    laptop.wait_for_text("它们只显示这一次").await;
    let recovery = laptop.run_script(text, vec![json!(".codes code")]).await;
    laptop.follow_link("我已保存").await;
    laptop.wait_for_text("还剩 10 个").await;
    phone.goto(&community.page("/login?back=%2Fsecurity")).await;
    phone.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    phone.fill("密码", PASSWORD).await;
    phone.press("登录").await;
    phone.wait_for_path("/login/factor?back=%2Fsecurity").await;
    phone.fill("验证码", "000000").await;
    phone.press("登录").await;
    phone.wait_for_text("验证码错误").await;
    phone.fill("验证码", recovery.as_str().unwrap()).await;
    phone.press("登录").await;
    phone.wait_for_path("/security").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn passkey_logs_in_without_a_name() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::on_localhost();
    browser.send_cdp("WebAuthn.enable", json!({})).await;
    let authenticator = json!({ "options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
        "isUserVerified": true, "automaticPresenceSimulation": true
    } });
    browser.send_cdp("WebAuthn.addVirtualAuthenticator", authenticator).await;
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.goto(&community.page("/security/factors")).await;
    browser.fill("通行密钥的名称", "笔记本").await;
    browser.press("添加通行密钥").await;
    browser.wait_for_text("它们只显示这一次").await;
    browser.follow_link("我已保存").await;
    browser.wait_for_text("笔记本").await;
    browser.log_out().await;
    browser.press("使用通行密钥").await;
    browser.wait_for_path("/").await;
    browser.goto(&community.page("/logins")).await;
    browser.wait_for_text("通行密钥登录成功").await;
}
