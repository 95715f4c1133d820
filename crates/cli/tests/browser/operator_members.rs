//! Operators' list of members: filters, an action on many, notes and the coin ledger.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    ticked_members_are_silenced_after_a_question
    note_is_written_and_deleted
    coins_of_many_are_in_the_ledger
}

async fn ticked_members_are_silenced_after_a_question(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    for name in ["小甲", "小乙", "大丙"] {
        member.sign_up(&community, name, PASSWORD).await;
        member.log_out().await;
    }
    operator.log_in_operator(&community).await;
    operator.follow_link("用户").await;
    operator.wait_for_text("大丙").await;
    operator.fill("昵称包含", "小").await;
    operator.press("筛选").await;
    operator.wait_for_no_text("大丙").await;
    operator.check("选中 小甲").await;
    operator.check("选中 小乙").await;
    operator.press("继续…").await;
    operator.wait_for_text("封禁 2 位用户？").await;
    operator.wait_for_text("小甲").await;
    operator.press("确认封禁").await;
    operator.wait_for_text("2 位用户已完成。").await;
    operator.follow_link("回到列表").await;
    operator.wait_for_text("已封禁").await;
    operator.goto(&community.operator_page("/members?silenced=true")).await;
    operator.wait_for_text("小乙").await;
    operator.wait_for_no_text("大丙").await;
}

async fn note_is_written_and_deleted(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.log_in_operator(&community).await;
    operator.goto(&community.operator_page("/member?by=mid&text=1")).await;
    operator.fill("新备注", "电话里说会改名字").await;
    operator.press("添加备注").await;
    operator.wait_for_text("已添加备注").await;
    operator.wait_for_text("电话里说会改名字").await;
    member.goto(&community.page("/space/1")).await;
    member.wait_for_text("小甲").await;
    member.wait_for_no_text("电话里说会改名字").await;
    operator.press(&operator.first_button_starting_with("删除 ").await).await;
    operator.wait_for_text("删除这条备注？").await;
    operator.press("删除").await;
    operator.wait_for_text("已删除备注").await;
    operator.wait_for_no_text("电话里说会改名字").await;
    operator.goto(&community.operator_page("/log")).await;
    operator.wait_for_text("删除备注").await;
    operator.wait_for_no_text("电话里说会改名字").await;
}

async fn coins_of_many_are_in_the_ledger(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.log_in_operator(&community).await;
    operator.set_language("en").await;
    operator.goto(&community.operator_page("/members")).await;
    operator.check("Select 小甲").await;
    operator.field("Action on the selected members").await.send_keys("Coins").await.unwrap();
    operator.press("Continue…").await;
    operator.wait_for_text("Change the coins of 1 member?").await;
    operator.fill("Change", "2.5").await;
    operator.fill("Reason", "opening").await;
    operator.press("Change coins").await;
    operator.wait_for_text("1 member is done.").await;
    operator.goto(&community.operator_page("/member/coins?mid=1")).await;
    operator.wait_for_text("+2.5").await;
    operator.wait_for_text("opening").await;
}
