//! A member verifies a mail address by a code, loses the password, and sets a new one.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use crate::program::TestDir;

with_and_without_script! {
    mail_is_verified_and_recovers_the_account
}

const MAIL: &str = "jia@example.cn";
const NEW_PASSWORD: &str = "wan-hu-dao-yi-sheng";

/// Returns the code of the newest message on the operators' page. The sender needs a moment.
async fn newest_code(operator: &Browser, community: &Community, text: &str) -> String {
    operator.goto(&community.operator_page("/outbox")).await;
    operator.reload_until_text(text).await;
    let script =
        "return document.querySelector('[aria-labelledby=sent] tbody').innerText.match(/[0-9]{6}/)[0]";
    operator.run_script(script, Vec::new()).await.as_str().unwrap().to_owned()
}

async fn mail_is_verified_and_recovers_the_account(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let folder = TestDir::new();
    let community = Community::empty(&[
        ("GUANXI_MAIL_SENDER", "folder"),
        ("GUANXI_MESSAGE_FOLDER", &folder.path("messages")),
    ]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    member.goto(&community.page("/security")).await;
    member.expand("邮箱").await;
    member.fill("新邮箱", MAIL).await;
    member.press("更新邮箱").await;
    member.wait_for_text("邮箱已更新").await;
    operator.log_in_operator(&community).await;
    let code = newest_code(&operator, &community, "分钟内有效").await;
    member.fill("验证码", "000 0").await;
    member.press("验证邮箱").await;
    member.wait_for_text("验证码错误或已失效").await;
    assert_eq!(member.focused().await.0, "mail-code");
    member.fill("验证码", &code).await;
    member.press("验证邮箱").await;
    member.wait_for_text("验证成功").await;
    member.wait_for_text("已验证").await;
    member.log_out().await;

    member.goto(&community.page("/login")).await;
    member.follow_link("重设密码").await;
    member.fill("手机号或邮箱", MAIL).await;
    member.press("发送验证码").await;
    member.wait_for_text("验证码已经发出").await;
    let code = newest_code(&operator, &community, "你正在重设密码").await;
    member.fill("验证码", &code).await;
    member.press("继续").await;
    member.fill("新密码", NEW_PASSWORD).await;
    member.press("设置密码").await;
    member.wait_for_text("密码已重设").await;
    member.log_in(&community, MAIL, NEW_PASSWORD).await;
}
