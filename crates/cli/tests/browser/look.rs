//! How every page looks, and whether all can use it: narrow and wide, light and dark, by eye, by ear and by keyboard.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;
use serde_json::json;
use thirtyfour::Key;

with_and_without_script! {
    the_keyboard_follows_somebody
}

/// 社会易姐QwQ, who has much of everything, and somebody whom they do not follow.
const SOCIABLE: u64 = 293_793_435;
const STAR: u64 = 5_818_410;

const OF_MEMBERS: [&str; 21] = [
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
const OF_STRANGERS: [&str; 6] =
    ["/login", "/login?back=%2Fme", "/login/qr?key=0", "/signup", "/space/293793435", "/openapi"];
const OF_OPERATORS: [&str; 6] =
    ["/", "/reviews", "/member", "/member?by=mid&text=293793435", "/member?by=mid&text=1", "/log"];

/// How wide windows are, that of a telephone and that on a desk, and in which colours.
const WINDOWS: [(u32, &str); 4] = [(390, "dark"), (390, "light"), (1200, "dark"), (1200, "light")];

/// What is wrong with some pages.
async fn faults(browser: &Browser, pages: impl Iterator<Item = String> + Clone) -> Vec<String> {
    let mut faults = Vec::new();
    for (width, scheme) in WINDOWS {
        browser.is_wide(width).await;
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.say("Emulation.setEmulatedMedia", feature).await;
        for page in pages.clone() {
            browser.go(&page).await;
            faults.extend(
                browser
                    .faults()
                    .await
                    .into_iter()
                    .map(|fault| format!("{page} at {width}, {scheme}: {fault}")),
            );
        }
    }
    faults
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pages_of_members_have_no_faults() {
    let Some(browser) = Browser::one(Script::On).await else { return };
    let community = Community::demo(SOCIABLE);
    browser.be_member(&community).await;
    none(&faults(&browser, OF_MEMBERS.iter().map(|path| community.page(path))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pages_of_strangers_have_no_faults() {
    let Some(browser) = Browser::one(Script::On).await else { return };
    let community = Community::demo(SOCIABLE);
    none(&faults(&browser, OF_STRANGERS.iter().map(|path| community.page(path))).await);
    browser.go(&community.page("/login")).await;
    browser.press("显示二维码").await;
    browser.sees("请用已登录的设备扫描").await;
    none(&browser.faults().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pages_of_operators_have_no_faults() {
    let Some(browser) = Browser::one(Script::On).await else { return };
    let community = Community::demo(SOCIABLE);
    none(&faults(&browser, ["/login"].iter().map(|path| community.desk(path))).await);
    browser.operate(&community).await;
    none(&faults(&browser, OF_OPERATORS.iter().map(|path| community.desk(path))).await);
}

async fn the_keyboard_follows_somebody(script: Script) {
    let Some(browser) = Browser::one(script).await else { return };
    let community = Community::demo(SOCIABLE);
    browser.be_member(&community).await;
    browser.go(&community.page(&format!("/space/{STAR}"))).await;
    let focused = "return document.activeElement.ariaLabel";
    let mut steps = 0;
    while browser.ask(focused, vec![]).await != json!("关注 北窗旧书") {
        steps += 1;
        assert!(steps < 40, "the keyboard does not come to the button");
        browser.key(Key::Tab).await;
    }
    browser.key(Key::Enter).await;
    browser.offers("取消关注 北窗旧书").await;
    if script == Script::On {
        // The page is the same: who cannot see it is where they were.
        assert_eq!(browser.ask(focused, vec![]).await, json!("取消关注 北窗旧书"));
    }
}
