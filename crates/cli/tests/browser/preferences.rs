//! Language and theme: by the switch, and remembered.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use serde_json::json;

with_and_without_script! {
    language_is_switched_and_remembered
    theme_is_switched_and_remembered
}

async fn language_is_switched_and_remembered(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.goto(&community.page("/signup")).await;
    browser.wait_for_pressed("中文").await;
    browser.press("English").await;
    browser.wait_for_pressed("English").await;
    assert_eq!(browser.current_path().await, "/signup");
    browser.fill("Name", "Alice").await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign up").await;
    browser.wait_for_text("Welcome").await;
    browser.goto(&community.page("/me")).await;
    browser.fill("New bio", "slow and steady").await;
    browser.press("Submit").await;
    browser.wait_for_text("Bio submitted").await;
    browser.wait_for_text("Waits for review").await;
    // The operators' pages are on another port of the same host.
    browser.goto(&community.operator_page("/login")).await;
    browser.wait_for_text("Operator sign-in").await;
    browser.goto(&community.page("/me")).await;
    browser.press("中文").await;
    browser.wait_for_text("我的信息").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}

async fn theme_is_switched_and_remembered(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    let shown =
        "return [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]";
    let (light, dark) = ("rgb(244, 242, 237)", "rgb(20, 22, 26)");
    let features = json!([{ "name": "prefers-color-scheme", "value": "light" }]);
    browser.send_cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    browser.goto(&community.page("/login")).await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["system", light]));
    browser.press("深色").await;
    browser.wait_for_pressed("深色").await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["dark", dark]));
    browser.goto(&community.page("/signup")).await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["dark", dark]));
    browser.press("跟随系统").await;
    browser.wait_for_pressed("跟随系统").await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["system", light]));
    let features = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
    browser.send_cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["system", dark]));
    browser.press("浅色").await;
    browser.wait_for_pressed("浅色").await;
    assert_eq!(browser.run_script(shown, vec![]).await, json!(["light", light]));
}
