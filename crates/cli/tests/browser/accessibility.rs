//! Accessibility and layout of every page, at two widths and in both colour schemes.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, STRANGER};
use serde_json::json;
use thirtyfour::Key;

with_and_without_script! {
    keyboard_reaches_the_follow_button
}

const MEMBER_PAGES: [&str; 21] = [
    "/",
    "/me",
    "/rewards",
    "/coins",
    "/logins",
    "/security",
    "/realname",
    "/followings",
    "/followings?pn=3",
    "/followings?group=194110",
    "/followings?q=nobody",
    "/fans",
    "/fans?pn=99",
    "/whispers",
    "/blacks",
    "/space/5818410",
    "/space/293793435",
    "/space/5818410/fans?pn=5",
    "/space/5818410/followings",
    "/space/1",
    "/nowhere",
];
const PUBLIC_PAGES: [&str; 6] =
    ["/login", "/login?back=%2Fme", "/login/qr?key=0", "/signup", "/space/293793435", "/openapi"];
const OPERATOR_PAGES: [&str; 7] = [
    "/",
    "/reviews",
    "/member",
    "/member?by=mid&text=293793435",
    "/member?by=mid&text=1",
    "/log",
    "/openapi",
];

/// Window widths of a phone and a desktop, with colour schemes.
const WINDOWS: [(u32, &str); 4] = [(390, "dark"), (390, "light"), (1200, "dark"), (1200, "light")];

/// Returns the faults of the pages.
async fn faults(browser: &Browser, pages: impl Iterator<Item = String> + Clone) -> Vec<String> {
    let mut faults = Vec::new();
    for (width, scheme) in WINDOWS {
        browser.set_width(width).await;
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.send_cdp("Emulation.setEmulatedMedia", feature).await;
        for page in pages.clone() {
            browser.goto(&page).await;
            faults.extend(
                browser
                    .accessibility_faults()
                    .await
                    .into_iter()
                    .map(|fault| format!("{page} at {width}, {scheme}: {fault}")),
            );
        }
    }
    faults
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn member_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    assert_none(&faults(&browser, MEMBER_PAGES.iter().map(|path| community.page(path))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn public_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    assert_none(&faults(&browser, PUBLIC_PAGES.iter().map(|path| community.page(path))).await);
    browser.goto(&community.page("/login")).await;
    browser.press("显示二维码").await;
    browser.wait_for_text("请用已登录的设备扫描").await;
    assert_none(&browser.accessibility_faults().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn operator_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    assert_none(&faults(&browser, ["/login"].iter().map(|path| community.operator_page(path))).await);
    browser.log_in_operator(&community).await;
    assert_none(&faults(&browser, OPERATOR_PAGES.iter().map(|path| community.operator_page(path))).await);
}

async fn keyboard_reaches_the_follow_button(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    let focused = "return document.activeElement.ariaLabel";
    let mut steps = 0;
    while browser.run_script(focused, vec![]).await != json!("关注 北窗旧书") {
        steps += 1;
        assert!(steps < 40, "the button is not reachable by keyboard");
        browser.press_key(Key::Tab).await;
    }
    browser.press_key(Key::Enter).await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    if script == Script::On {
        // The focus remains on the button after the update in place.
        assert_eq!(browser.run_script(focused, vec![]).await, json!("取消关注 北窗旧书"));
    }
}
