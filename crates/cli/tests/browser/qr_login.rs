//! Login by QR code between two browsers.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    confirmed_code_logs_the_other_browser_in
    cancelled_code_logs_nobody_in
    code_page_has_no_password_to_lose
    expired_code_is_replaced
}

/// Shows a code and returns the URL that it encodes.
async fn show_code(browser: &Browser, community: &Community) -> String {
    browser.goto(&community.page("/login?back=%2Fsecurity")).await;
    browser.press("显示二维码").await;
    browser.wait_for_text("请用已登录的设备扫描").await;
    browser.link_href("这个地址").await
}

async fn confirmed_code_logs_the_other_browser_in(script: Script) {
    let Some([phone, laptop]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    phone.log_out().await;
    let confirm_url = show_code(&laptop, &community).await;
    // The phone must log in first.
    phone.goto(&confirm_url).await;
    phone.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    phone.fill("密码", PASSWORD).await;
    phone.press("登录").await;
    phone.wait_for_text("有一台设备请求以你的身份登录").await;
    laptop.wait_for_text("已扫描").await;
    phone.press("确认登录").await;
    phone.wait_for_text("已确认登录").await;
    laptop.wait_for_path("/security").await;
    laptop.wait_for_text("小甲").await;
}

async fn cancelled_code_logs_nobody_in(script: Script) {
    let Some([phone, laptop]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    let confirm_url = show_code(&laptop, &community).await;
    phone.goto(&confirm_url).await;
    laptop.wait_for_text("已扫描").await;
    phone.press("取消").await;
    phone.wait_for_path("/").await;
    phone.wait_for_text("那台设备不会登录").await;
    laptop.wait_for_text("那台设备取消了登录").await;
    laptop.goto(&community.page("/me")).await;
    laptop.wait_for_path("/login?back=%2Fme").await;
}

async fn code_page_has_no_password_to_lose(script: Script) {
    let Some(laptop) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    show_code(&laptop, &community).await;
    // Without the script the page of the code reloads, and a form on it would be emptied.
    assert_eq!(laptop.has_field("密码").await, script == Script::On);
    if script == Script::Off {
        laptop.follow_link("用密码登录").await;
        laptop.wait_for_path("/login?back=%2Fsecurity").await;
        assert!(laptop.has_field("密码").await);
    }
}

async fn expired_code_is_replaced(script: Script) {
    let Some([phone, laptop]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[("GUANXI_QRCODE_TTL_SECONDS", "4")]);
    phone.sign_up(&community, "小甲", PASSWORD).await;
    let expired_url = show_code(&laptop, &community).await;
    laptop.wait_for_text("二维码已失效").await;
    phone.goto(&expired_url).await;
    phone.wait_for_text("二维码").await;
    phone.wait_for_no_text("请求以你的身份登录").await;
    laptop.press("换一个").await;
    laptop.wait_for_text("请用已登录的设备扫描").await;
    assert_ne!(laptop.link_href("这个地址").await, expired_url);
}
