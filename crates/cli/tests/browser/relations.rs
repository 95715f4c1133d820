//! Follows, groups, whispers, blocks, and paging of long lists.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, STRANGER};

with_and_without_script! {
    member_is_followed_and_unfollowed
    members_are_assigned_to_groups
    whisper_and_block_are_set_and_undone
    follower_is_removed
    action_on_a_later_page_stays_on_it
}

/// 松果电台 follows one member. 北窗旧书 and 岭南城北 are strangers to them.
const ME: u64 = 15_858_903;
const OTHER_STRANGER: u64 = 50_995_243;

/// Opens a browser with a session of a demo member.
async fn member(script: Script, mid: u64) -> Option<(Community, Browser)> {
    let browser = Browser::open(script).await?;
    let community = Community::demo(mid);
    browser.use_session(&community).await;
    Some((community, browser))
}

async fn member_is_followed_and_unfollowed(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.press("关注 北窗旧书").await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    browser.wait_for_path(&format!("/space/{STRANGER}")).await;
    browser.goto(&community.page("/followings")).await;
    browser.wait_for_text("北窗旧书").await;
    browser.press("取消关注 北窗旧书").await;
    browser.wait_for_no_text("北窗旧书").await;
    browser.wait_for_path("/followings").await;
    browser.wait_for_text("已取消关注").await;
}

async fn members_are_assigned_to_groups(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    for (mid, uname) in [(STRANGER, "北窗旧书"), (OTHER_STRANGER, "岭南城北")] {
        browser.goto(&community.page(&format!("/space/{mid}"))).await;
        browser.press(&format!("关注 {uname}")).await;
        browser.wait_for_button(&format!("取消关注 {uname}")).await;
    }
    browser.goto(&community.page("/followings")).await;
    for group in ["读书", "邻居"] {
        browser.expand("新建分组").await;
        browser.fill("分组名", group).await;
        browser.press("创建").await;
        browser.wait_for_compact_text(&format!("{group}0")).await;
    }
    browser.check("选中 北窗旧书").await;
    browser.check("选中 岭南城北").await;
    browser.expand("给选中的人分组").await;
    browser.check("读书").await;
    browser.check("邻居").await;
    browser.press("确定").await;
    browser.wait_for_text("分组已更新").await;
    for group in ["读书2", "邻居2"] {
        browser.follow_compact_link(group).await;
        browser.wait_for_text("北窗旧书").await;
        browser.wait_for_text("岭南城北").await;
        browser.wait_for_no_text("社会易姐QwQ").await;
    }
    browser.expand("改名或删除").await;
    browser.fill("新的分组名", "街坊").await;
    browser.press("改名").await;
    browser.wait_for_text("分组已改名").await;
    browser.wait_for_compact_text("街坊2").await;
    browser.expand("改名或删除").await;
    browser.press("删除这个分组").await;
    browser.wait_for_path("/followings").await;
    browser.wait_for_text("分组已删除").await;
    browser.wait_for_no_text("街坊").await;
    browser.wait_for_button("取消关注 岭南城北").await;
    browser.wait_for_compact_text("读书2").await;
}

async fn whisper_and_block_are_set_and_undone(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.expand("更多操作：北窗旧书").await;
    browser.press("悄悄关注").await;
    browser.wait_for_button("取消悄悄关注 北窗旧书").await;
    browser.goto(&community.page("/followings")).await;
    browser.wait_for_no_text("北窗旧书").await;
    browser.goto(&community.page("/whispers")).await;
    browser.expand("更多操作：北窗旧书").await;
    browser.press("改为公开关注").await;
    browser.wait_for_text("你没有悄悄关注谁").await;
    browser.goto(&community.page("/followings")).await;
    browser.expand("更多操作：北窗旧书").await;
    browser.press("拉黑").await;
    browser.wait_for_no_text("北窗旧书").await;
    browser.goto(&community.page("/blacks")).await;
    browser.press("移出黑名单 北窗旧书").await;
    browser.wait_for_text("黑名单是空的").await;
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.wait_for_button("关注 北窗旧书").await;
}

async fn follower_is_removed(script: Script) {
    let Some((community, browser)) = member(script, MEMBER_WITH_MANY_RELATIONS).await else { return };
    browser.goto(&community.page("/fans?q=%E5%93%A5%E6%9C%AC%E5%93%88%E6%A0%B9")).await;
    browser.expand("更多操作：哥本哈根iii").await;
    browser.press("移除粉丝").await;
    browser.wait_for_text("没有找到符合的人").await;
    browser.follow_link("全部").await;
    browser.wait_for_text("364").await;
    // The search form finds by UID too.
    browser.fill("在粉丝里查找", "387195656").await;
    browser.press("查找").await;
    browser.wait_for_no_text("第 1 / 8 页").await;
    browser.wait_for_text("L_E_M_O_H_E").await;
    assert_eq!(browser.field_value("在粉丝里查找").await, "387195656");
}

async fn action_on_a_later_page_stays_on_it(script: Script) {
    let Some((community, browser)) = member(script, MEMBER_WITH_MANY_RELATIONS).await else { return };
    browser.goto(&community.page("/followings")).await;
    browser.wait_for_text("第 1 / 14 页").await;
    browser.follow_link("下一页").await;
    browser.wait_for_path("/followings?pn=2").await;
    browser.follow_link("下一页").await;
    browser.wait_for_text("第 3 / 14 页").await;
    let first = "取消关注 ";
    let name = browser.first_button_starting_with(first).await;
    browser.press(&name).await;
    browser.wait_for_text("698").await;
    browser.wait_for_text("第 3 / 14 页").await;
    browser.wait_for_path("/followings?pn=3").await;
    browser.wait_for_no_text(name.trim_start_matches(first)).await;
}
