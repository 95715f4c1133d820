//! A member edits their profile: name, sex, birthday and picture.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use serde_json::json;

with_and_without_script! {
    profile_is_edited_and_shown_to_others
    refused_parts_stand_at_their_fields
    name_is_shown_after_its_review
    operator_removes_a_picture
}

/// A picture, and a file that is none.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/home.png");
const NO_PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// Returns the width of the loaded picture at the head of the page; 0 without one.
async fn picture_width(browser: &Browser) -> u64 {
    let script = "const picture = document.querySelector('.hero img.avatar, .profile img.avatar');
        return picture ? picture.decode().then(() => picture.naturalWidth) : 0";
    browser.run_script(script, Vec::new()).await.as_u64().unwrap()
}

async fn upload(member: &Browser, community: &Community, file: &str) {
    member.goto(&community.page("/me")).await;
    member.expand("头像").await;
    member.choose_file("图片文件", file).await;
    member.press("上传").await;
}

async fn profile_is_edited_and_shown_to_others(script: Script) {
    let Some([member, visitor]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    member.goto(&community.page("/me")).await;
    member.expand("昵称").await;
    member.fill("新的昵称", "小乙").await;
    member.press("修改昵称").await;
    member.wait_for_text("昵称已保存").await;
    member.expand("性别").await;
    member.check("女").await;
    member.press("保存").await;
    member.wait_for_text("性别已更新").await;
    member.expand("生日").await;
    member.fill_unchecked("保存", &["生日"], "2002-03-05").await;
    member.press("保存").await;
    member.wait_for_text("生日已更新").await;
    member.wait_for_text("2002-03-05").await;
    assert_eq!(picture_width(&member).await, 0);
    upload(&member, &community, PICTURE).await;
    member.wait_for_text("头像已更新").await;
    assert_eq!(picture_width(&member).await, 256);

    visitor.goto(&community.page("/space/1")).await;
    visitor.wait_for_text("小乙").await;
    visitor.wait_for_text("生日 03-05").await;
    visitor.wait_for_text("性别 女").await;
    visitor.wait_for_no_text("2002").await;
    assert_eq!(picture_width(&visitor).await, 256);
    assert_eq!(visitor.console_errors().await, [""; 0]);

    member.expand("头像").await;
    member.expand("移除头像").await;
    member.press("确认移除").await;
    member.wait_for_text("头像已移除").await;
    assert_eq!(picture_width(&member).await, 0);
    member.follow_link("空间").await;
    member.follow_link("编辑资料").await;
    member.wait_for_path("/me").await;
    assert_eq!(member.console_errors().await, [""; 0]);
}

async fn refused_parts_stand_at_their_fields(script: Script) {
    let Some(member) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    for uname in ["老大", "小甲"] {
        member.sign_up(&community, uname, PASSWORD).await;
        if uname == "老大" {
            member.log_out().await;
        }
    }
    member.goto(&community.page("/me")).await;
    member.expand("昵称").await;
    member.fill("新的昵称", "老大").await;
    member.press("修改昵称").await;
    member.wait_for_text("昵称已被使用").await;
    assert_eq!(member.focused().await.0, "uname");
    assert_eq!(member.field_value("新的昵称").await, "老大");
    upload(&member, &community, NO_PICTURE).await;
    member.wait_for_text("这个文件不是能用的图片").await;
    assert_eq!(member.focused().await.0, "picture");
    member.goto(&community.page("/me")).await;
    member.expand("生日").await;
    member.fill_unchecked("保存", &["生日"], "1800-01-01").await;
    member.run_script("document.querySelector('#birthday form').noValidate = true", Vec::new()).await;
    member.press("保存").await;
    member.wait_for_text("生日没有填写，或者格式不对").await;
    assert_eq!(member.focused().await.0, "birthday-new");
}

async fn name_is_shown_after_its_review(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[("GUANXI_NAME_REVIEW", "moderator")]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    operator.log_in_operator(&community).await;
    for (name, verdict) in [("广告号", "驳回"), ("小乙", "通过")] {
        member.goto(&community.page("/me")).await;
        member.expand("昵称").await;
        member.fill("新的昵称", name).await;
        member.press("修改昵称").await;
        member.wait_for_text("等待审核").await;
        operator.goto(&community.operator_page("/reviews")).await;
        operator.wait_for_text(name).await;
        if verdict == "通过" {
            operator.press("通过 小甲 的昵称").await;
        } else {
            operator.expand("驳回 小甲 的昵称").await;
            operator.fill("原因", "像广告").await;
            operator.press("驳回").await;
        }
        operator.wait_for_text("没有等待审核的昵称").await;
        member.reload().await;
        if verdict == "驳回" {
            member.expand("昵称").await;
            member.wait_for_text("像广告").await;
        }
    }
    member.wait_for_text("小乙").await;
    member.wait_for_no_text("等待审核").await;
}

async fn operator_removes_a_picture(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    upload(&member, &community, PICTURE).await;
    member.wait_for_text("头像已更新").await;
    operator.log_in_operator(&community).await;
    operator.goto(&community.operator_page("/member?by=uname&text=小甲")).await;
    assert_eq!(picture_width(&operator).await, 256);
    operator.press("移除头像").await;
    operator.wait_for_text("移除这位用户的头像？").await;
    operator.press("确认移除").await;
    operator.wait_for_text("头像已移除").await;
    assert_eq!(picture_width(&operator).await, 0);
    member.reload().await;
    assert_eq!(picture_width(&member).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn file_over_the_limit_is_not_sent() {
    let Some(member) = Browser::open(Script::On).await else { return };
    let community = Community::empty(&[("GUANXI_PICTURE_LIMIT_BYTES", "1024")]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    upload(&member, &community, PICTURE).await;
    let is_valid = "return document.getElementById('picture').validity.customError";
    assert_eq!(member.run_script(is_valid, Vec::new()).await, json!(true));
}
