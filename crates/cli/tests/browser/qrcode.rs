//! A login by a QR code: one browser shows it, another is logged in already.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;

with_and_without_script! {
    one_browser_logs_another_in
    who_says_no_logs_nobody_in
    a_code_expires_and_another_is_drawn
}

const PASSWORD: &str = "chang-an-yi-pian-yue";

/// A code that is shown, and where who scans it comes to.
async fn drawn(browser: &Browser, community: &Community) -> String {
    browser.go(&community.page("/login?back=%2Fsecurity")).await;
    browser.press("显示二维码").await;
    browser.sees("请用已登录的设备扫描").await;
    browser.leads("这个地址").await
}

async fn one_browser_logs_another_in(script: Script) {
    let Some([phone, desk]) = Browser::some(script).await else { return };
    let community = Community::empty(&[]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    phone.log_out().await;
    let scanned = drawn(&desk, &community).await;
    // The phone has to be somebody's first.
    phone.go(&scanned).await;
    phone.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    phone.fill("密码", PASSWORD).await;
    phone.press("登录").await;
    phone.sees("有一台设备请求以你的身份登录").await;
    desk.sees("已扫描").await;
    phone.press("确认登录").await;
    phone.sees("已确认登录").await;
    desk.is_at("/security").await;
    desk.sees("小甲").await;
}

async fn who_says_no_logs_nobody_in(script: Script) {
    let Some([phone, desk]) = Browser::some(script).await else { return };
    let community = Community::empty(&[]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    let scanned = drawn(&desk, &community).await;
    phone.go(&scanned).await;
    desk.sees("已扫描").await;
    phone.follow("取消").await;
    phone.is_at("/").await;
    desk.go(&community.page("/me")).await;
    desk.is_at("/login?back=%2Fme").await;
}

async fn a_code_expires_and_another_is_drawn(script: Script) {
    let Some([phone, desk]) = Browser::some(script).await else { return };
    let community = Community::empty(&[("GUANXI_QRCODE_SECONDS", "4")]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    let late = drawn(&desk, &community).await;
    desk.sees("二维码已失效").await;
    phone.go(&late).await;
    phone.sees("二维码").await;
    phone.misses("请求以你的身份登录").await;
    desk.press("换一个").await;
    desk.sees("请用已登录的设备扫描").await;
    assert_ne!(desk.leads("这个地址").await, late);
}
