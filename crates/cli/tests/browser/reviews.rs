//! What an operator reviews in a browser of theirs, and what the member is told of it.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;

with_and_without_script! {
    a_sign_is_approved_and_another_is_not
    a_real_name_is_rejected_and_then_verified
}

const PASSWORD: &str = "chang-an-yi-pian-yue";
const MODERATED: (&str, &str) = ("GUANXI_SIGN_REVIEW", "moderator");

async fn propose(member: &Browser, community: &Community, sign: &str) {
    member.go(&community.page("/me")).await;
    member.fill("新的签名", sign).await;
    member.press("提交").await;
    member.sees("等待审核").await;
}

async fn a_sign_is_approved_and_another_is_not(script: Script) {
    let Some([member, operator]) = Browser::some(script).await else { return };
    let community = Community::empty(&[MODERATED]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    propose(&member, &community, "慢慢来，比较快").await;
    operator.operate(&community).await;
    operator.follow("去审核").await;
    operator.sees("慢慢来，比较快").await;
    operator.press("通过 小甲 的签名").await;
    operator.sees("没有等待审核的签名").await;
    member.reload().await;
    member.sees("审核通过").await;
    member.go(&community.page("/")).await;
    member.sees("签名通过了审核").await;

    propose(&member, &community, "加我的群").await;
    operator.go(&community.desk("/reviews")).await;
    operator.sees("现在：慢慢来，比较快").await;
    operator.unfold("驳回 小甲 的签名").await;
    operator.fill("原因", "请不要打广告").await;
    operator.press("驳回").await;
    operator.sees("没有等待审核的签名").await;
    member.reload().await;
    member.sees("审核未通过").await;
    member.sees("请不要打广告").await;
    member.go(&community.page("/")).await;
    member.sees("签名没有通过审核：请不要打广告").await;
    member.sees("慢慢来，比较快").await;
    member.press("都知道了").await;
    member.misses("签名没有通过审核").await;
    member.reload().await;
    member.sees("七天硬币").await;
    member.misses("签名没有通过审核").await;
}

async fn apply(member: &Browser, community: &Community, card: &str) {
    member.go(&community.page("/realname")).await;
    member.fill("姓名", "王小明").await;
    member.fill("证件号码", card).await;
    member.press("提交申请").await;
}

async fn a_real_name_is_rejected_and_then_verified(script: Script) {
    let Some([member, operator]) = Browser::some(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    apply(&member, &community, "110101199003072317").await;
    member.sees("证件号码有误").await;
    member.misses("等待审核").await;
    apply(&member, &community, "110101199003072316").await;
    member.sees("等待审核").await;
    operator.operate(&community).await;
    operator.follow("审核").await;
    operator.sees("110101199003072316").await;
    operator.unfold("驳回 小甲 的实名").await;
    operator.fill("原因", "姓名看不清").await;
    operator.press("驳回").await;
    operator.sees("没有等待审核的实名申请").await;
    member.go(&community.page("/")).await;
    member.sees("实名认证没有通过：姓名看不清").await;
    member.follow("实名认证没有通过：姓名看不清").await;
    member.sees("审核未通过：姓名看不清").await;
    apply(&member, &community, "110101199003072316").await;
    member.sees("等待审核").await;
    operator.reload().await;
    operator.press("通过 小甲 的实名").await;
    operator.sees("没有等待审核的实名申请").await;
    member.reload().await;
    member.sees("已通过实名认证").await;
    // Who has the page sees the card no more than others do.
    member.misses("110101199003072316").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn lost_answer_is_not_sent_again() {
    // The request is carried out, and its answer is lost.
    const LOSE_ANSWERS: &str = "const real = window.fetch; window.sent = 0;
        window.fetch = async (...request) => { window.sent += 1; await real(...request); throw new TypeError('lost'); };";
    let Some([member, operator]) = Browser::some(Script::On).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.operate(&community).await;
    let page = community.desk("/member?by=uname&text=小甲");
    operator.go(&page).await;
    operator.ask(LOSE_ANSWERS, Vec::new()).await;
    operator.unfold("硬币…").await;
    operator.fill("变更", "7").await;
    operator.fill("原因", "开张").await;
    for sent in 1..=2 {
        operator.press("变更").await;
        operator.sees("不知道是否已完成").await;
        assert_eq!(operator.ask("return window.sent", Vec::new()).await, sent);
    }
    operator.go(&page).await;
    operator.reads("硬币8").await;
}
