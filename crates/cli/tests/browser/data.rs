//! Own data: the audience of lists, download, import, and leaving.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use crate::program::TestDir;

with_and_without_script! {
    hidden_list_is_not_shown_to_others
    relations_are_downloaded_previewed_and_imported
    member_leaves_and_stays
}

/// The mid of the first member who signs up.
const FIRST: &str = "1";

async fn hidden_list_is_not_shown_to_others(script: Script) {
    let Some([me, other]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    me.sign_up(&community, "小甲", PASSWORD).await;
    other.sign_up(&community, "小乙", PASSWORD).await;
    me.goto(&community.page("/data")).await;
    for list in ["followings", "followers"] {
        me.click_css(&format!("input[name={list}][value=oneself]")).await;
    }
    me.press("保存").await;
    me.wait_for_text("隐私设置已保存").await;
    other.goto(&community.page(&format!("/space/{FIRST}"))).await;
    other.wait_for_text("对方没有公开这个列表").await;
    other.goto(&community.page(&format!("/space/{FIRST}/fans"))).await;
    other.wait_for_text("用户已设置隐私，无法查看").await;
}

async fn relations_are_downloaded_previewed_and_imported(script: Script) {
    let Some([me, other]) = Browser::open_many(script).await else { return };
    let (community, folder) = (Community::empty(&[]), TestDir::new());
    other.sign_up(&community, "小甲", PASSWORD).await;
    me.sign_up(&community, "小乙", PASSWORD).await;
    me.goto(&community.page("/data")).await;
    me.press("准备文件").await;
    me.wait_for_text("正在准备").await;
    // The archive is made in the background.
    while !me.describe().await.contains("已备好") {
        me.goto(&community.page("/data")).await;
    }
    assert!(me.link_href_starting_with("下载").await.ends_with("/data.zip"));
    let bad = folder.write("bad.csv", "mid\nx\n");
    me.choose_file("CSV 文件", &bad).await;
    me.press("查看变化").await;
    me.wait_for_text("第 2 行：mid 无效").await;
    let csv = folder.write("relations.csv", "mid,kind,groups\n1,follow,同学\n99,follow,\n");
    me.choose_file("CSV 文件", &csv).await;
    me.press("查看变化").await;
    me.wait_for_text("现在还没有改变任何内容").await;
    me.wait_for_text("用户不存在").await;
    me.press("导入").await;
    me.wait_for_text("已导入 1 项").await;
    me.goto(&community.page("/followings")).await;
    me.wait_for_text("小甲").await;
}

async fn member_leaves_and_stays(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    browser.sign_up(&community, "小甲", PASSWORD).await;
    browser.goto(&community.page("/data")).await;
    browser.expand("注销账号").await;
    browser.fill("你的 UID", "2").await;
    browser.press("注销我的账号").await;
    browser.wait_for_text("请输入 1 以确认").await;
    browser.fill("你的 UID", FIRST).await;
    browser.press("注销我的账号").await;
    browser.wait_for_text("账号将被注销").await;
    browser.log_in(&community, "小甲", PASSWORD).await;
    browser.wait_for_text("你的账号将于").await;
    browser.press("保留我的账号").await;
    browser.wait_for_text("账号已保留").await;
    browser.wait_for_no_text("你的账号将于").await;
}
