//! Forms of the OpenAPI page, which send requests.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, PASSWORD, STRANGER};

with_and_without_script! {
    form_shows_the_response
}

async fn form_shows_the_response(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    browser.set_language("en").await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.goto(&community.page("/openapi")).await;
    browser.expand("Try it: GET /x/web-interface/card").await;
    browser.fill("mid", &STRANGER.to_string()).await;
    browser.press("Send").await;
    if script == Script::Off {
        browser.wait_for_path(&format!("/x/web-interface/card?mid={STRANGER}&photo=")).await;
        browser.wait_for_text("\"code\":0,").await;
        return;
    }
    browser.wait_for_text("code 0").await;
    browser.wait_for_text("\"name\": \"北窗旧书\",").await;
    browser.wait_for_text("x-request-id: ").await;
    let url = community.page(&format!("/x/web-interface/card?mid={STRANGER}"));
    browser.wait_for_text(&format!("curl \"{url}\"")).await;
    assert_eq!(browser.current_path().await, "/openapi");
    assert_eq!(browser.console_errors().await, [""; 0]);

    browser.fill("mid", "x").await;
    browser.press("Send").await;
    browser.wait_for_text("code -400").await;
    browser.wait_for_text("guanxi-hint: mid is not a number").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn csrf_is_prefilled_from_the_session() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.goto(&community.page("/openapi?language=en")).await;
    browser.expand("Try it: POST /x/relation/tag/create").await;
    browser.fill("tag", "同事 '\"&$").await;
    browser.wait_for_text("-d \"tag=%E5%90%8C%E4%BA%8B%20%27%22%26%24&csrf=$csrf\"").await;
    browser.press("Send").await;
    browser.wait_for_text("code 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn operator_form_sends_token_and_json() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.goto(&community.operator_page("/openapi?language=en")).await;
    browser.expand("Try it: POST /operator/member/coins").await;
    browser.fill("mid", &STRANGER.to_string()).await;
    browser.fill("delta", "1.5").await;
    browser.fill("reason", "it's \"ours\"").await;
    browser.press("Send").await;
    browser.wait_for_text("code -401").await;
    browser.fill("Operator token", community.token()).await;
    browser.press("Send").await;
    browser.wait_for_text("code 0").await;
    let json = format!(r#"{{"mid":{STRANGER},"delta":1.5,"reason":"it'\''s \"ours\""}}"#);
    browser.wait_for_text(&format!("-H \"Authorization: Bearer $TOKEN\" --json '{json}'")).await;
}
