//! Whom one follows, in which groups, whispers and blocks; and the way through long lists.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;

with_and_without_script! {
    follow_and_unfollow
    two_people_in_two_groups
    whisper_block_and_the_ways_back
    a_fan_is_removed
    a_deed_on_the_third_page_stays_there
}

/// 松果电台 follows one member, 北窗旧书 and 岭南城北 are strangers to them.
const ME: u64 = 15_858_903;
const STAR: u64 = 5_818_410;
const SOUTH: u64 = 50_995_243;
/// 社会易姐QwQ has 699 followings and 365 fans.
const SOCIABLE: u64 = 293_793_435;

/// One of the demo's members in a browser.
async fn member(script: Script, mid: u64) -> Option<(Community, Browser)> {
    let browser = Browser::one(script).await?;
    let community = Community::demo(mid);
    browser.be_member(&community).await;
    Some((community, browser))
}

async fn follow_and_unfollow(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.go(&community.page(&format!("/space/{STAR}"))).await;
    browser.press("关注 北窗旧书").await;
    browser.offers("取消关注 北窗旧书").await;
    browser.is_at(&format!("/space/{STAR}")).await;
    browser.go(&community.page("/followings")).await;
    browser.sees("北窗旧书").await;
    browser.press("取消关注 北窗旧书").await;
    browser.misses("北窗旧书").await;
    browser.is_at("/followings").await;
    browser.sees("已取消关注").await;
}

async fn two_people_in_two_groups(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    for (mid, uname) in [(STAR, "北窗旧书"), (SOUTH, "岭南城北")] {
        browser.go(&community.page(&format!("/space/{mid}"))).await;
        browser.press(&format!("关注 {uname}")).await;
        browser.offers(&format!("取消关注 {uname}")).await;
    }
    browser.go(&community.page("/followings")).await;
    for group in ["读书", "邻居"] {
        browser.unfold("新建分组").await;
        browser.fill("分组名", group).await;
        browser.press("创建").await;
        browser.reads(&format!("{group}0")).await;
    }
    browser.tick("选中 北窗旧书").await;
    browser.tick("选中 岭南城北").await;
    browser.unfold("给选中的人分组").await;
    browser.tick("读书").await;
    browser.tick("邻居").await;
    browser.press("确定").await;
    browser.sees("分组已更新").await;
    for group in ["读书2", "邻居2"] {
        browser.follow_near(group).await;
        browser.sees("北窗旧书").await;
        browser.sees("岭南城北").await;
        browser.misses("社会易姐QwQ").await;
    }
    browser.unfold("改名或删除").await;
    browser.fill("新的分组名", "街坊").await;
    browser.press("改名").await;
    browser.sees("分组已改名").await;
    browser.reads("街坊2").await;
    browser.unfold("改名或删除").await;
    browser.press("删除这个分组").await;
    browser.is_at("/followings").await;
    browser.sees("分组已删除").await;
    browser.misses("街坊").await;
    browser.offers("取消关注 岭南城北").await;
    browser.reads("读书2").await;
}

async fn whisper_block_and_the_ways_back(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.go(&community.page(&format!("/space/{STAR}"))).await;
    browser.unfold("更多操作：北窗旧书").await;
    browser.press("悄悄关注").await;
    browser.offers("取消悄悄关注 北窗旧书").await;
    browser.go(&community.page("/followings")).await;
    browser.misses("北窗旧书").await;
    browser.go(&community.page("/whispers")).await;
    browser.unfold("更多操作：北窗旧书").await;
    browser.press("改为公开关注").await;
    browser.sees("你没有悄悄关注谁").await;
    browser.go(&community.page("/followings")).await;
    browser.unfold("更多操作：北窗旧书").await;
    browser.press("拉黑").await;
    browser.misses("北窗旧书").await;
    browser.go(&community.page("/blacks")).await;
    browser.press("移出黑名单 北窗旧书").await;
    browser.sees("黑名单是空的").await;
    browser.go(&community.page(&format!("/space/{STAR}"))).await;
    browser.offers("关注 北窗旧书").await;
}

async fn a_fan_is_removed(script: Script) {
    let Some((community, browser)) = member(script, SOCIABLE).await else { return };
    browser.go(&community.page("/fans?q=%E5%93%A5%E6%9C%AC%E5%93%88%E6%A0%B9")).await;
    browser.unfold("更多操作：哥本哈根iii").await;
    browser.press("移除粉丝").await;
    browser.sees("没有找到符合的人").await;
    browser.follow("全部").await;
    browser.sees("364").await;
    // A search is typed, too, and finds by UID.
    browser.fill("在粉丝里查找", "387195656").await;
    browser.press("查找").await;
    browser.misses("第 1 / 8 页").await;
    browser.sees("L_E_M_O_H_E").await;
    assert_eq!(browser.written("在粉丝里查找").await, "387195656");
}

async fn a_deed_on_the_third_page_stays_there(script: Script) {
    let Some((community, browser)) = member(script, SOCIABLE).await else { return };
    browser.go(&community.page("/followings")).await;
    browser.sees("第 1 / 14 页").await;
    browser.follow("下一页").await;
    browser.is_at("/followings?pn=2").await;
    browser.follow("下一页").await;
    browser.sees("第 3 / 14 页").await;
    let first = "取消关注 ";
    let name = browser.first_named(first).await;
    browser.press(&name).await;
    browser.sees("698").await;
    browser.sees("第 3 / 14 页").await;
    browser.is_at("/followings?pn=3").await;
    browser.misses(name.trim_start_matches(first)).await;
}
