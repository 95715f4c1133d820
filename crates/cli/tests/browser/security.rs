//! Sessions, password, phone, mail and security question.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    login_from_elsewhere_is_marked_and_revoked
    password_change_ends_other_logins
    phone_mail_and_question_are_set
}

const NEW_PASSWORD: &str = "wan-hu-dao-yi-sheng";
const PHONE_USER_AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

async fn login_from_elsewhere_is_marked_and_revoked(script: Script) {
    let Some([laptop, phone]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    laptop.sign_up(&community, "小甲", PASSWORD).await;
    phone.set_user_agent(PHONE_USER_AGENT).await;
    phone.log_in(&community, "小甲", PASSWORD).await;
    laptop.goto(&community.page("/")).await;
    laptop.wait_for_text("新的登录").await;
    laptop.goto(&community.page("/logins")).await;
    laptop.wait_for_text("新设备").await;
    laptop.wait_for_text("本机").await;
    let revoke = laptop.first_button_starting_with("退出登录 Safari浏览器").await;
    laptop.press(&revoke).await;
    laptop.wait_for_text("该登录已退出").await;
    laptop.wait_for_no_text("退出登录").await;
    phone.goto(&community.page("/me")).await;
    phone.wait_for_path("/login?back=%2Fme").await;
}

async fn password_change_ends_other_logins(script: Script) {
    let Some([laptop, phone]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    laptop.sign_up(&community, "小甲", PASSWORD).await;
    phone.log_in(&community, "小甲", PASSWORD).await;
    laptop.goto(&community.page("/security")).await;
    laptop.expand("登录密码").await;
    laptop.fill("新密码", "short-1").await;
    laptop.fill_unchecked("修改密码", &["新密码"], "short-1").await;
    laptop.press("修改密码").await;
    laptop.wait_for_text("密码不合要求").await;
    // The fold is open, and the focus is in the field with the error.
    assert_eq!(laptop.focused().await.0, "new");
    laptop.fill("新密码", NEW_PASSWORD).await;
    laptop.press("修改密码").await;
    laptop.wait_for_text("其他设备上的登录已全部退出").await;
    phone.goto(&community.page("/")).await;
    phone.wait_for_path("/login").await;
    phone.log_in(&community, "小甲", NEW_PASSWORD).await;
}

async fn phone_mail_and_question_are_set(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.goto(&community.page("/security")).await;
    browser.expand("手机号").await;
    browser.fill("新手机号", "13800138000").await;
    // The registration is a recent proof, so the form asks for no password.
    assert!(!browser.has_field("密码").await);
    browser.press("更新手机号").await;
    browser.wait_for_text("手机号已更新").await;
    browser.wait_for_text("138").await;
    browser.wait_for_no_text("13800138000").await;
    browser.expand("邮箱").await;
    browser.fill("新邮箱", "jia@example.cn").await;
    browser.press("更新邮箱").await;
    browser.wait_for_text("邮箱已更新").await;
    browser.expand("密保问题").await;
    browser.fill("问题", "第一只猫叫什么").await;
    browser.fill("答案", "年糕").await;
    browser.press("设置密保问题").await;
    browser.wait_for_text("密保问题已设置").await;
    browser.log_out().await;
    // A phone that is not verified logs nobody in.
    browser.log_in(&community, "小甲", PASSWORD).await;
}
