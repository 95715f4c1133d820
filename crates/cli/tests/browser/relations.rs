//! Follows, groups, whispers, blocks, and paging of long lists.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, STRANGER};
use serde_json::json;
use thirtyfour::Key;

with_and_without_script! {
    member_is_followed_and_unfollowed
    members_are_assigned_to_groups
    whisper_and_block_are_set_and_undone
    follower_is_removed
    action_on_a_later_page_stays_on_it
    action_far_down_is_told_and_undone_there
    page_of_members_is_changed_and_undone
    member_is_followed_into_a_group_with_a_remark
    deleted_group_is_restored
    rejected_group_form_keeps_its_fields
    anonymous_follow_is_done_after_login
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
    browser.wait_for_text("已取消关注 北窗旧书").await;
    browser.wait_for_path("/followings").await;
    browser.reload().await;
    browser.wait_for_no_text("北窗旧书").await;
}

async fn members_are_assigned_to_groups(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.set_width(1200).await;
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
    browser.expand("分组").await;
    browser.check("读书").await;
    browser.check("邻居").await;
    browser.press("加入这些分组").await;
    browser.wait_for_text("已把 2 人加入分组").await;
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
    browser.reload().await;
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
    browser.wait_for_text("已拉黑 北窗旧书").await;
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
    browser.wait_for_text(&format!("已取消关注 {}", name.trim_start_matches(first))).await;
    browser.reload().await;
    browser.wait_for_no_text(name.trim_start_matches(first)).await;
}

async fn action_far_down_is_told_and_undone_there(script: Script) {
    let Some((community, browser)) = member(script, MEMBER_WITH_MANY_RELATIONS).await else { return };
    browser.goto(&community.page("/followings")).await;
    browser.wait_for_text("第 1 / 14 页").await;
    let buttons = "return [...document.querySelectorAll('.list button[id^=relation-]')]";
    let name_of = |row: usize| format!("{buttons}[{row}].ariaLabel");
    let name = browser.run_script(&name_of(46), vec![]).await;
    let uname = name.as_str().unwrap().trim_start_matches("取消关注 ").to_owned();
    // The rows are compared before and after: order, dates and groups.
    let rows = "return [...document.querySelectorAll('.details')].map((row) => row.innerText).join()";
    let before = browser.run_script(rows, vec![]).await;
    browser.run_script(&format!("{buttons}[46].focus()").replace("return", ""), vec![]).await;
    browser.press(name.as_str().unwrap()).await;
    browser.wait_for_text(&format!("已取消关注 {uname}")).await;
    let is_at_row = "const flash = document.getElementById('flash'); const row = flash.closest('li'); \
        const { top, bottom } = flash.getBoundingClientRect(); \
        return [[...row.parentElement.children].indexOf(row), top >= 0 && bottom <= innerHeight]";
    assert_eq!(browser.run_script(is_at_row, vec![]).await, json!([46, true]));
    if script == Script::On {
        let focused = "return document.activeElement === document.getElementById('flash').closest('li')";
        assert_eq!(browser.run_script(focused, vec![]).await, json!(true));
        let told = "return document.querySelector('[role=status]:not(#flash)').innerText";
        assert_eq!(browser.run_script(told, vec![]).await, json!(format!("已取消关注 {uname}")));
        // The button is the next one for the keyboard.
        browser.press_key(Key::Tab).await;
        browser.press_key(Key::Enter).await;
    } else {
        browser.press("撤销").await;
    }
    browser.wait_for_text("已撤销").await;
    assert_eq!(browser.run_script(is_at_row, vec![]).await, json!([46, true]));
    browser.reload().await;
    browser.wait_for_no_text("已撤销").await;
    assert_eq!(browser.run_script(rows, vec![]).await, before);
}

async fn page_of_members_is_changed_and_undone(script: Script) {
    let Some((community, browser)) = member(script, MEMBER_WITH_MANY_RELATIONS).await else { return };
    browser.goto(&community.page("/followings?show=one_way&sort=name")).await;
    let rows = "return [...document.querySelectorAll('.list .name')].map((row) => row.innerText).join()";
    let before = browser.run_script(rows, vec![]).await;
    browser.run_script("document.querySelector('[name=scope]').value = 'page'", vec![]).await;
    browser.expand("批量操作").await;
    browser.press("取消关注").await;
    browser.wait_for_text("已取消关注 50 人").await;
    browser.wait_for_path("/followings?show=one_way&sort=name").await;
    assert_ne!(browser.run_script(rows, vec![]).await, before);
    browser.press("撤销").await;
    browser.wait_for_text("已撤销").await;
    assert_eq!(browser.run_script(rows, vec![]).await, before);
    if script == Script::On {
        browser.check("全选本页").await;
        let scope = "const [option] = document.querySelector('[name=scope]').options; return option.label";
        assert_eq!(browser.run_script(scope, vec![]).await, json!("勾选的人 (50)"));
    }
    // The numbers of the pages, and a page that is typed.
    browser.goto(&community.page("/followings")).await;
    browser.follow_link("14").await;
    browser.wait_for_text("第 14 / 14 页").await;
    browser.fill("跳到第几页", "7").await;
    browser.press_key(Key::Enter).await;
    browser.wait_for_text("第 7 / 14 页").await;
}

async fn member_is_followed_into_a_group_with_a_remark(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.expand("关注并放进分组").await;
    browser.check("特别关注").await;
    browser.press("关注").await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    browser.expand("备注").await;
    browser.fill("北窗旧书 的备注", "隔壁书店").await;
    browser.press("保存").await;
    browser.wait_for_text("备注已保存").await;
    browser.goto(&community.page("/followings?group=-10")).await;
    browser.wait_for_text("隔壁书店").await;
    browser.fill("在关注里查找", "隔壁").await;
    browser.press("查找").await;
    browser.wait_for_text("北窗旧书").await;
}

async fn deleted_group_is_restored(script: Script) {
    let Some((community, browser)) = member(script, MEMBER_WITH_MANY_RELATIONS).await else { return };
    browser.goto(&community.page("/followings?group=194110")).await;
    let rows = "return document.querySelector('.list').innerText";
    let before = browser.run_script(rows, vec![]).await;
    browser.expand("改名或删除").await;
    browser.press("删除这个分组").await;
    browser.wait_for_text("分组已删除").await;
    browser.press("撤销").await;
    browser.wait_for_text("已撤销").await;
    browser.goto(&community.page("/followings?group=194110")).await;
    assert_eq!(browser.run_script(rows, vec![]).await, before);
}

async fn rejected_group_form_keeps_its_fields(script: Script) {
    let Some((community, browser)) = member(script, ME).await else { return };
    browser.set_width(1200).await;
    browser.goto(&community.page("/followings")).await;
    browser.check("选中 社会易姐QwQ").await;
    browser.expand("分组").await;
    browser.press("加入这些分组").await;
    browser.wait_for_text("请先选择分组").await;
    assert!(browser.field("选中 社会易姐QwQ").await.is_selected().await.unwrap());
    browser.check("特别关注").await;
    browser.press("加入这些分组").await;
    browser.wait_for_text("已把 1 人加入分组").await;
    browser.expand("新建分组").await;
    browser.fill("分组名", "默认分组").await;
    browser.press("创建").await;
    browser.wait_for_text("该分组已经存在").await;
    let focused = "const { id, ariaInvalid } = document.activeElement; return [id, ariaInvalid]";
    assert_eq!(browser.run_script(focused, vec![]).await, json!(["tag", "true"]));
    browser.fill("分组名", "一二三四五六七八九十一二三四五六").await;
    browser.press("创建").await;
    browser.wait_for_text("分组已创建").await;
    // A long name fits into the sidebar.
    let overflow = "return [...document.querySelectorAll('.groups *')].filter((it) => it.scrollWidth > it.clientWidth + 1 \
        && getComputedStyle(it).display !== 'inline').length";
    assert_eq!(browser.run_script(overflow, vec![]).await, json!(0));
    if script == Script::On {
        let focused = "return document.activeElement.innerText";
        assert_eq!(browser.run_script(focused, vec![]).await, json!("新建分组"), "the opener of the fold");
    }
}

async fn anonymous_follow_is_done_after_login(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::demo(ME);
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.press("关注 北窗旧书").await;
    browser.wait_for_path(&format!("/login?back=%2Fspace%2F{STRANGER}")).await;
    browser.use_session(&community).await;
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    browser.wait_for_text("已关注").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn menu_closes_when_the_focus_leaves_it() {
    let Some((community, browser)) = member(Script::On, ME).await else { return };
    browser.goto(&community.page("/followings")).await;
    browser.expand("更多操作：社会易姐QwQ").await;
    let open = "return document.querySelectorAll('.menu[open]').length";
    for expected in [1, 1, 1, 0] {
        browser.press_key(Key::Tab).await;
        assert_eq!(browser.run_script(open, vec![]).await, json!(expected));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn phone_shows_the_relation() {
    let Some((community, browser)) = member(Script::On, ME).await else { return };
    browser.set_width(390).await;
    browser.goto(&community.page("/followings")).await;
    browser.wait_for_text("互相关注").await;
}
