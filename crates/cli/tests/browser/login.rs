//! Signup, login, return to the requested page, logout.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    member_signs_up_and_returns
    wrong_password_keeps_the_account_field
    taken_name_is_reported
}

async fn member_signs_up_and_returns(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.goto(&community.page("/")).await;
    browser.wait_for_path("/login").await;
    browser.follow_link("注册").await;
    browser.fill("昵称", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.fill("邮箱", "jia@example.cn").await;
    browser.press("注册").await;
    browser.wait_for_path("/").await;
    browser.wait_for_text("欢迎加入").await;
    browser.wait_for_text("小甲").await;
    browser.log_out().await;
    // A page without a session redirects to the login, which leads back.
    browser.goto(&community.page("/followings?group=0")).await;
    browser.wait_for_path("/login?back=%2Ffollowings%3Fgroup%3D0").await;
    browser.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("登录").await;
    browser.wait_for_path("/followings?group=0").await;
    // The flash message is shown once.
    browser.goto(&community.page("/")).await;
    browser.wait_for_no_text("欢迎加入").await;
}

async fn wrong_password_keeps_the_account_field(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.log_out().await;
    browser.goto(&community.page("/login?back=%2Fme")).await;
    browser.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    browser.fill("密码", "a-wrong-password").await;
    browser.press("登录").await;
    browser.wait_for_text("账号或密码错误").await;
    assert_eq!(browser.field_value("昵称、用户名、手机号或邮箱").await, "小甲");
    assert_eq!(browser.field_value("密码").await, "");
    assert_eq!(browser.focused().await, ("password".to_owned(), "账号或密码错误".to_owned()));
    browser.fill("密码", PASSWORD).await;
    browser.press("登录").await;
    browser.wait_for_path("/me").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn form_without_connection_keeps_its_fields() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    let community = Community::empty(&[]);
    browser.goto(&community.page("/signup")).await;
    browser.fill("昵称", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.set_online(false).await;
    browser.press("注册").await;
    browser.wait_for_text("没有网络连接").await;
    assert_eq!(browser.field_value("密码").await, PASSWORD);
    browser.set_online(true).await;
    browser.wait_for_text("网络已经恢复").await;
    browser.press("注册").await;
    browser.wait_for_text("欢迎加入").await;
    // A form that is updated in place does the same.
    browser.goto(&community.page("/me")).await;
    browser.fill("新的签名", "慢慢来").await;
    browser.set_online(false).await;
    browser.press("提交").await;
    browser.wait_for_text("没有网络连接").await;
    assert_eq!(browser.field_value("新的签名").await, "慢慢来");
    browser.set_online(true).await;
    browser.press("提交").await;
    browser.wait_for_text("签名已提交").await;
}

async fn taken_name_is_reported(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.log_out().await;
    browser.goto(&community.page("/signup")).await;
    browser.fill("昵称", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.fill("邮箱", "jia@example.cn").await;
    browser.press("注册").await;
    browser.wait_for_text("昵称已被使用").await;
    assert_eq!(browser.focused().await, ("uname".to_owned(), "昵称已被使用 1 到 16 个字".to_owned()));
    assert_eq!(browser.field_value("邮箱").await, "jia@example.cn");
    browser.fill("昵称", "小乙").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("注册").await;
    browser.wait_for_text("欢迎加入").await;
}
