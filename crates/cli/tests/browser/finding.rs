//! The search for members: in the header of every page, with suggestions, and its page.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, STRANGER};
use serde_json::json;
use thirtyfour::Key;

with_and_without_script! {
    member_is_found_by_pinyin_and_followed
    member_is_found_on_english_pages
}

async fn member_is_found_by_pinyin_and_followed(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    browser.goto(&community.page("/rewards")).await;
    browser.fill("找人", "bcj").await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_path("/find?who=bcj").await;
    browser.press("关注 北窗旧书").await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    browser.wait_for_path("/find?who=bcj").await;
    browser.fill("昵称、拼音或 UID", "没有这个人").await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_text("没有找到这样的人").await;
    assert_eq!(browser.field_value("昵称、拼音或 UID").await, "没有这个人");
    browser.fill("昵称、拼音或 UID", "北窗旧书").await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_path(&format!("/space/{STRANGER}")).await;
}

async fn member_is_found_on_english_pages(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    browser.goto(&community.page("/rewards")).await;
    browser.press("English").await;
    browser.fill("Find people", "chuangjiu").await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_text("Nobody like that was found").await;
    browser.fill("Name, pinyin or UID", "bei chuang").await;
    browser.press_key(Key::Enter).await;
    browser.press("Follow 北窗旧书").await;
    browser.wait_for_button("Unfollow 北窗旧书").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn suggestions_are_chosen_by_keyboard_and_click() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    browser.goto(&community.page("/me")).await;
    let state = async || {
        let script = "const field = document.getElementById('find'); \
            return [field.ariaExpanded, field.getAttribute('aria-activedescendant'), field.value]";
        browser.run_script(script, vec![]).await
    };
    browser.fill("找人", "bcj").await;
    browser.wait_for_text("北窗旧书").await;
    assert_eq!(state().await, json!(["true", null, "bcj"]));
    browser.press_key(Key::Up).await;
    browser.press_key(Key::Down).await;
    assert_eq!(state().await, json!(["true", "find-options-0", "bcj"]));
    browser.press_key(Key::Escape).await;
    browser.wait_for_no_text("北窗旧书").await;
    assert_eq!(state().await, json!(["false", null, "bcj"]));
    browser.fill("找人", "北窗").await;
    browser.wait_for_text("北窗旧书").await;
    browser.press_key(Key::Down).await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_path(&format!("/space/{STRANGER}")).await;
    browser.goto(&community.page("/me")).await;
    browser.fill("找人", "chuangjiu").await;
    browser.press_key(Key::Tab).await;
    browser.wait_for_no_text("个建议").await;
    browser.fill("找人", "beichuang").await;
    browser.wait_for_text("北窗旧书").await;
    browser.run_script("document.querySelector('.options li').click()", vec![]).await;
    browser.wait_for_path(&format!("/space/{STRANGER}")).await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}
