//! The door: sign up, log in, come to where one wanted, log out.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;

with_and_without_script! {
    a_member_signs_up_and_comes_back
    a_wrong_password_costs_nothing_that_was_typed
    a_name_that_is_taken_is_told
}

const PASSWORD: &str = "chang-an-yi-pian-yue";

async fn a_member_signs_up_and_comes_back(script: Script) {
    let Some(browser) = Browser::one(script).await else { return };
    let community = Community::empty(&[]);
    browser.go(&community.page("/")).await;
    browser.is_at("/login").await;
    browser.follow("注册").await;
    browser.fill("昵称", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.fill("邮箱", "jia@example.cn").await;
    browser.press("注册").await;
    browser.is_at("/").await;
    browser.sees("欢迎加入").await;
    browser.sees("小甲").await;
    browser.log_out().await;
    // Who is logged out gets nowhere but to the door, and from there to where they wanted.
    browser.go(&community.page("/followings?group=0")).await;
    browser.is_at("/login?back=%2Ffollowings%3Fgroup%3D0").await;
    browser.fill("昵称、用户名、手机号或邮箱", "jia@example.cn").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("登录").await;
    browser.is_at("/followings?group=0").await;
    // What is said is said once.
    browser.go(&community.page("/")).await;
    browser.misses("欢迎加入").await;
}

async fn a_wrong_password_costs_nothing_that_was_typed(script: Script) {
    let Some(browser) = Browser::one(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.log_out().await;
    browser.go(&community.page("/login?back=%2Fme")).await;
    browser.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    browser.fill("密码", "a-wrong-password").await;
    browser.press("登录").await;
    browser.sees("账号或密码错误").await;
    assert_eq!(browser.written("昵称、用户名、手机号或邮箱").await, "小甲");
    assert_eq!(browser.written("密码").await, "");
    browser.fill("密码", PASSWORD).await;
    browser.press("登录").await;
    browser.is_at("/me").await;
}

async fn a_name_that_is_taken_is_told(script: Script) {
    let Some(browser) = Browser::one(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.log_out().await;
    browser.go(&community.page("/signup")).await;
    browser.fill("昵称", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.fill("邮箱", "jia@example.cn").await;
    browser.press("注册").await;
    browser.sees("昵称已被使用").await;
    assert_eq!(browser.written("邮箱").await, "jia@example.cn");
    browser.fill("昵称", "小乙").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("注册").await;
    browser.sees("欢迎加入").await;
}
