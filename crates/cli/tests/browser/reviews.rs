//! Reviews by an operator, and their results on the member's pages.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    bio_is_approved_and_another_rejected
    realname_is_rejected_then_verified
    member_is_silenced_after_a_question
}

const MODERATED: (&str, &str) = ("GUANXI_SIGN_REVIEW", "moderator");

async fn submit_bio(member: &Browser, community: &Community, sign: &str) {
    member.goto(&community.page("/me")).await;
    member.fill("新的签名", sign).await;
    member.press("提交").await;
    member.wait_for_text("等待审核").await;
}

async fn bio_is_approved_and_another_rejected(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[MODERATED]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    submit_bio(&member, &community, "慢慢来，比较快").await;
    member.goto(&community.page("/")).await;
    member.wait_for_text("新的签名，等待审核：慢慢来，比较快").await;
    member.goto(&community.page("/me")).await;
    operator.log_in_operator(&community).await;
    operator.follow_link("去审核").await;
    operator.wait_for_text("慢慢来，比较快").await;
    operator.press("通过 小甲 的签名").await;
    operator.wait_for_text("没有等待审核的签名").await;
    member.reload().await;
    member.wait_for_text("审核通过").await;
    member.goto(&community.page("/")).await;
    member.wait_for_text("签名通过了审核").await;

    submit_bio(&member, &community, "加我的群").await;
    operator.goto(&community.operator_page("/reviews")).await;
    operator.wait_for_text("现在：慢慢来，比较快").await;
    operator.expand("驳回 小甲 的签名").await;
    operator.fill("原因", "请不要打广告").await;
    operator.press("驳回").await;
    operator.wait_for_text("没有等待审核的签名").await;
    member.reload().await;
    member.wait_for_text("审核未通过").await;
    member.wait_for_text("请不要打广告").await;
    member.goto(&community.page("/")).await;
    member.wait_for_text("签名没有通过审核：请不要打广告").await;
    member.wait_for_text("慢慢来，比较快").await;
    member.press("全部标为已读").await;
    member.wait_for_no_text("签名没有通过审核").await;
    member.reload().await;
    member.wait_for_text("七天硬币").await;
    member.wait_for_no_text("签名没有通过审核").await;
}

async fn apply(member: &Browser, community: &Community, card: &str) {
    member.goto(&community.page("/realname")).await;
    member.fill("姓名", "王小明").await;
    member.fill("证件号码", card).await;
    member.press("提交申请").await;
}

async fn realname_is_rejected_then_verified(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    apply(&member, &community, "110101199003072317").await;
    member.wait_for_text("证件号码有误").await;
    member.wait_for_no_text("等待审核").await;
    assert_eq!(member.focused().await.0, "card");
    assert_eq!(member.field_value("姓名").await, "王小明");
    assert_eq!(member.field_value("证件号码").await, "110101199003072317");
    apply(&member, &community, "110101199003072316").await;
    member.wait_for_text("等待审核").await;
    operator.log_in_operator(&community).await;
    operator.follow_link("审核").await;
    operator.wait_for_text("110101199003072316").await;
    operator.expand("驳回 小甲 的实名").await;
    operator.fill("原因", "姓名看不清").await;
    operator.press("驳回").await;
    operator.wait_for_text("没有等待审核的实名申请").await;
    member.goto(&community.page("/")).await;
    member.wait_for_text("实名认证没有通过：姓名看不清").await;
    member.follow_link("未读 实名认证没有通过：姓名看不清").await;
    member.wait_for_text("审核未通过：姓名看不清").await;
    apply(&member, &community, "110101199003072316").await;
    member.wait_for_text("等待审核").await;
    operator.reload().await;
    operator.press("通过 小甲 的实名").await;
    operator.wait_for_text("通过这个实名认证？").await;
    operator.wait_for_compact_text("姓名王小明").await;
    operator.press("确认通过").await;
    operator.wait_for_text("没有等待审核的实名申请").await;
    member.reload().await;
    member.wait_for_text("已通过实名认证").await;
    // The member's own page masks the card number.
    member.wait_for_no_text("110101199003072316").await;
}

async fn member_is_silenced_after_a_question(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.log_in_operator(&community).await;
    let page = community.operator_page("/member?by=uname&text=小甲");
    operator.goto(&page).await;
    operator.press("标记为封禁").await;
    operator.wait_for_text("封禁这位用户？").await;
    operator.follow_link("取消").await;
    operator.wait_for_no_text("封禁这位用户？").await;
    operator.wait_for_no_text("已封禁").await;
    if script == Script::On {
        // The focus returns to the button that asked.
        assert_eq!(operator.focused().await.0, "silence");
    }
    operator.press("标记为封禁").await;
    operator.press("确认封禁").await;
    operator.wait_for_text("封禁状态已变更").await;
    operator.wait_for_text("已封禁").await;
    operator.press("取消封禁标记").await;
    operator.wait_for_button("标记为封禁").await;

    // A rejected payment keeps what was typed.
    operator.expand("硬币…").await;
    operator.fill("变更", "-7").await;
    operator.fill("原因", "开张").await;
    operator.press("变更").await;
    operator.wait_for_compact_text("余额1→-6").await;
    operator.press("确认变更").await;
    operator.wait_for_text("硬币不足").await;
    assert_eq!(operator.focused().await, ("delta".to_owned(), "硬币不足".to_owned()));
    assert_eq!(operator.field_value("原因").await, "开张");
    operator.fill("变更", "7").await;
    operator.press("变更").await;
    operator.press("确认变更").await;
    operator.wait_for_text("硬币已变更").await;
    operator.wait_for_compact_text("硬币8").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn reject_menu_leaves_the_card_number_visible() {
    let Some([member, operator]) = Browser::open_many(Script::On).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    apply(&member, &community, "110101199003072316").await;
    member.wait_for_text("等待审核").await;
    operator.log_in_operator(&community).await;
    for width in [360, 1200] {
        operator.set_width(width).await;
        operator.goto(&community.operator_page("/reviews")).await;
        operator.expand("驳回 小甲 的实名").await;
        let covered = "const [text, menu] = ['#realnames-list .pending code', '#realnames-list .menu > div']
            .map((selector) => document.querySelector(selector).getBoundingClientRect());
            return text.bottom > menu.top && text.right > menu.left && menu.right > text.left && menu.bottom > text.top";
        assert_eq!(operator.run_script(covered, Vec::new()).await, false, "at {width}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn form_is_not_resent_after_a_lost_response() {
    // Executes the request, but loses its response.
    const LOSE_RESPONSES: &str = "const real = window.fetch; window.sent = 0;
        window.fetch = async (...request) => { window.sent += 1; await real(...request); throw new TypeError('lost'); };";
    let Some([member, operator]) = Browser::open_many(Script::On).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.log_in_operator(&community).await;
    let page = community.operator_page("/member?by=uname&text=小甲");
    operator.goto(&page).await;
    operator.expand("硬币…").await;
    operator.fill("变更", "7").await;
    operator.fill("原因", "开张").await;
    operator.press("变更").await;
    operator.wait_for_button("确认变更").await;
    operator.run_script(LOSE_RESPONSES, Vec::new()).await;
    for sent in 1..=2 {
        operator.press("确认变更").await;
        operator.wait_for_text("不知道是否已完成").await;
        assert_eq!(operator.run_script("return window.sent", Vec::new()).await, sent);
    }
    operator.goto(&page).await;
    operator.wait_for_compact_text("硬币8").await;
}
