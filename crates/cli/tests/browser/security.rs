//! What keeps an account its owner's: where it is logged in, and what one proves oneself with.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;

with_and_without_script! {
    a_login_from_elsewhere_is_marked_and_ended
    a_new_password_ends_the_other_logins
    phone_mail_and_question
}

const PASSWORD: &str = "chang-an-yi-pian-yue";
const NEW: &str = "wan-hu-dao-yi-sheng";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

async fn a_login_from_elsewhere_is_marked_and_ended(script: Script) {
    let Some([desk, phone]) = Browser::some(script).await else { return };
    let community = Community::empty(&[]);
    desk.sign_up(&community, "小甲", PASSWORD).await;
    phone.named(PHONE).await;
    phone.log_in(&community, "小甲", PASSWORD).await;
    desk.go(&community.page("/")).await;
    desk.sees("新的登录").await;
    desk.go(&community.page("/logins")).await;
    desk.sees("新设备").await;
    desk.sees("本机").await;
    let revoke = desk.first_named("退出 Safari浏览器").await;
    desk.press(&revoke).await;
    desk.sees("该登录已退出").await;
    desk.misses("退出登录").await;
    phone.go(&community.page("/me")).await;
    phone.is_at("/login?back=%2Fme").await;
}

async fn a_new_password_ends_the_other_logins(script: Script) {
    let Some([desk, phone]) = Browser::some(script).await else { return };
    let community = Community::empty(&[]);
    desk.sign_up(&community, "小甲", PASSWORD).await;
    phone.log_in(&community, "小甲", PASSWORD).await;
    desk.go(&community.page("/security")).await;
    desk.unfold("登录密码").await;
    desk.fill("现在的密码", "a-wrong-password").await;
    desk.fill("新密码", NEW).await;
    desk.press("修改密码").await;
    desk.sees("密码错误").await;
    desk.unfold("登录密码").await;
    desk.fill("现在的密码", PASSWORD).await;
    desk.fill("新密码", NEW).await;
    desk.press("修改密码").await;
    desk.sees("其他设备上的登录已全部退出").await;
    phone.go(&community.page("/")).await;
    phone.is_at("/login").await;
    phone.log_in(&community, "小甲", NEW).await;
}

async fn phone_mail_and_question(script: Script) {
    let Some(browser) = Browser::one(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.go(&community.page("/security")).await;
    browser.unfold("手机号").await;
    browser.fill("新手机号", "13800138000").await;
    browser.fill("密码", "a-wrong-password").await;
    browser.press("更新手机号").await;
    // What was typed is there yet, and is open.
    browser.sees("密码错误").await;
    assert_eq!(browser.written("新手机号").await, "13800138000");
    browser.fill("密码", PASSWORD).await;
    browser.press("更新手机号").await;
    browser.sees("手机号已更新").await;
    browser.sees("138").await;
    browser.misses("13800138000").await;
    browser.unfold("邮箱").await;
    browser.fill("新邮箱", "jia@example.cn").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("更新邮箱").await;
    browser.sees("邮箱已更新").await;
    browser.unfold("密保问题").await;
    browser.fill("问题", "第一只猫叫什么").await;
    browser.fill("答案", "年糕").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("设置密保问题").await;
    browser.sees("密保问题已设置").await;
    browser.log_out().await;
    browser.log_in(&community, "13800138000", PASSWORD).await;
}
