//! News, levels, coins by month and first steps on members' pages.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};

with_and_without_script! {
    follower_is_news_until_read
    first_steps_vanish_when_dismissed
    month_of_coins_and_exp_is_chosen
}

/// Returns the name of the link to the news, as a screen reader says it.
async fn news_link(browser: &Browser) -> String {
    let script = "return document.getElementById('news-link').ariaLabel";
    browser.run_script(script, Vec::new()).await.as_str().unwrap_or_default().to_owned()
}

async fn follower_is_news_until_read(script: Script) {
    let Some([me, other]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[]);
    me.sign_up(&community, "小甲", PASSWORD).await;
    other.sign_up(&community, "小乙", PASSWORD).await;
    other.goto(&community.page("/space/1")).await;
    other.press("关注 小甲").await;
    other.wait_for_text("已关注").await;

    me.goto(&community.page("/coins")).await;
    assert_eq!(news_link(&me).await, "消息，1 条未读");
    me.goto(&community.page("/news")).await;
    me.wait_for_text("小乙 关注了你").await;
    let button = me.first_button_starting_with("标为已读").await;
    me.press(&button).await;
    me.wait_for_no_text("全部标为已读").await;
    assert_eq!(news_link(&me).await, "消息");
    me.wait_for_text("小乙 关注了你").await;

    // The own answer is no news, the news of the other member are.
    me.goto(&community.page("/space/2")).await;
    me.press("关注 小乙").await;
    me.wait_for_text("互相关注").await;
    assert_eq!(news_link(&me).await, "消息");
    other.goto(&community.page("/")).await;
    assert_eq!(news_link(&other).await, "消息，1 条未读");
    other.wait_for_text("小甲 关注了你").await;
    other.press("English").await;
    other.wait_for_text("小甲 follows you").await;
    assert_eq!(news_link(&other).await, "News, 1 unread");
    other.goto(&community.page("/news")).await;
    other.press("Mark all as read").await;
    other.wait_for_no_text("Mark all as read").await;
    assert_eq!(news_link(&other).await, "News");
    other.wait_for_text("小甲 follows you").await;
}

async fn first_steps_vanish_when_dismissed(script: Script) {
    let Some(me) = Browser::open(script).await else { return };
    let community = Community::empty(&[]);
    me.sign_up(&community, "小甲", PASSWORD).await;
    me.goto(&community.page("/")).await;
    me.wait_for_text("已完成 0 / 4").await;
    me.follow_link("写一句签名").await;
    me.fill("新的签名", "慢慢来").await;
    me.press("提交").await;
    me.wait_for_text("签名已提交").await;
    me.goto(&community.page("/")).await;
    me.wait_for_text("已完成 1 / 4").await;
    me.press("不再显示").await;
    me.wait_for_no_text("先做这几件事").await;
    me.reload().await;
    me.wait_for_text("七天硬币").await;
    me.wait_for_no_text("先做这几件事").await;
}

async fn month_of_coins_and_exp_is_chosen(script: Script) {
    let Some(me) = Browser::open(script).await else { return };
    let community = Community::empty(&[("GUANXI_START_TIME", "2026-01-15T12:00:00+08:00")]);
    me.sign_up(&community, "小甲", PASSWORD).await;
    me.goto(&community.page("/coins")).await;
    me.wait_for_text("登录奖励").await;
    assert!(me.link_href("下载 CSV").await.ends_with("/coins.csv?month=2026-01"));
    me.goto(&community.page("/levels")).await;
    me.wait_for_text("2026-01-15").await;
    me.wait_for_text("当前等级").await;
    me.press("查看").await;
    me.wait_for_text("本月 5").await;
    me.press("English").await;
    me.wait_for_text("5 this month").await;
    me.goto(&community.page("/levels?month=2025-12")).await;
    me.wait_for_text("No experience in this month").await;
}
