//! `/`: profile summary, daily rewards, coins of the week and news.

use super::rewards::{Task, daily_tasks};
use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{
    Avatar, BIO_MAX_GRAPHEMES, NAME_MAX_GRAPHEMES, truncate_graphemes, verification_label,
};
use crate::web::chart::Chart;
use crate::web::format::{self, Count};
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_bio::GetBio;
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::account::get_vip::{self, GetVip};
use guanxi_api::account::list_news::{ListNews, NewsItem, NewsKind};
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::{GetCard, LevelInfo};
use guanxi_api::profile::get_space::GetSpace;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/home.html")]
struct Home {
    layout: Layout,
    avatar: Avatar,
    uname: String,
    bio: String,
    /// Bio that waits for a review.
    pending_bio: Option<String>,
    verification: String,
    mid: u64,
    level: Level,
    coins: String,
    vip: String,
    is_vip_active: bool,
    counts: [Count; 4],
    tasks: [Task; 4],
    chart: Chart,
    news: Vec<NewsRow>,
    seen_until: i64,
}

/// A level and the progress to the next one.
pub(super) struct Level {
    pub(super) number: u8,
    pub(super) exp: String,
    /// Experience gained within the level, and the experience that the level spans; both 1 on the last level.
    pub(super) progress: u64,
    pub(super) required: u64,
    /// Formatted experience missing to the next level; empty on the last.
    pub(super) missing: String,
}

impl Level {
    fn new(info: &LevelInfo) -> Level {
        let (exp, min) = (info.current_exp, info.current_min);
        let next = u64::try_from(info.next_exp).ok().filter(|next| *next > min);
        let (progress, required) = next.map_or((1, 1), |next| (exp.saturating_sub(min), next - min));
        let missing = next.map(|next| format::format_count(next.saturating_sub(exp))).unwrap_or_default();
        Level { number: info.current_level, exp: format::format_count(exp), progress, required, missing }
    }
}

/// A news item as text.
struct NewsRow {
    text: String,
    quote: String,
    time: String,
    path: &'static str,
    is_alert: bool,
}

/// Shows the page.
pub async fn home(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let mid = context.require_login()?;
    let layout = context.layout("首页", NavSection::Account).await?;
    let card = context
        .call_api(handlers::profile::get_card::get_card, GetCard { mid, photo: Flag(false) })
        .await?
        .card;
    let bio = context.call_api(handlers::account::get_bio::get_bio, GetBio {}).await?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    let counters = context
        .call_api(
            handlers::relations::get_relation_counters::get_relation_counters,
            GetRelationCounters { vmid: mid },
        )
        .await?;
    let vip = context.call_api(handlers::account::get_vip::get_vip, GetVip {}).await?;
    let rewards =
        context.call_api(handlers::account::get_daily_rewards::get_daily_rewards, GetDailyRewards {}).await?;
    let log = context.call_api(handlers::account::get_coin_log::get_coin_log, GetCoinLog {}).await?;
    let news = context.call_api(handlers::account::list_news::list_news, ListNews {}).await?.list;
    let count = |label, number, path: &str| Count::new(label, number, path.to_owned());
    let seen_until = news.iter().map(|item| item.time).max().unwrap_or(0);
    context.render(&Home {
        layout,
        avatar: Avatar::new(&context.app.image_origins, mid, &card.name, &card.face),
        uname: truncate_graphemes(&card.name, NAME_MAX_GRAPHEMES),
        bio: truncate_graphemes(&bio.sign, BIO_MAX_GRAPHEMES),
        pending_bio: bio.waits.map(|pending| truncate_graphemes(&pending.sign, BIO_MAX_GRAPHEMES)),
        verification: verification_label(&card.official_verify),
        mid: mid.get(),
        level: Level::new(&card.level_info),
        coins: format::format_coins(space.coins),
        is_vip_active: vip.vip_status == 1,
        vip: vip_label(vip),
        counts: [
            count("关注", counters.following, "/followings"),
            count("粉丝", counters.follower, "/fans"),
            count("悄悄关注", counters.whisper, "/whispers"),
            count("黑名单", counters.black, "/blacks"),
        ],
        tasks: daily_tasks(rewards),
        chart: Chart::new(context.now, log.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        news: news.into_iter().map(news_row).collect(),
        seen_until,
    })
}

/// Returns the VIP label; empty for none.
fn vip_label(vip: get_vip::Data) -> String {
    let kind = match vip.vip_type {
        0 => return String::new(),
        1 => "月度大会员",
        _ => "年度大会员",
    };
    let expires = vip.vip_due_date / 1000;
    match vip.vip_status {
        1 if expires > 0 => format!("{kind} · {} 到期", format::format_date(expires)),
        1 => kind.to_owned(),
        2 => format!("{kind} · 已冻结"),
        3 => format!("{kind} · 已锁定"),
        _ => format!("{kind} · 已过期"),
    }
}

fn news_row(item: NewsItem) -> NewsRow {
    let (text, quote, path, is_alert) = match item.r#type {
        NewsKind::SignApproved => ("签名通过了审核".to_owned(), item.text, "/me", false),
        NewsKind::SignRejected => (with_remark("签名没有通过审核", &item.remark), item.text, "/me", true),
        NewsKind::RealnameVerified => ("实名认证通过了".to_owned(), String::new(), "/realname", false),
        NewsKind::RealnameRejected => {
            (with_remark("实名认证没有通过", &item.remark), String::new(), "/realname", true)
        }
        NewsKind::Login => {
            let device = if item.text.is_empty() { "未知设备".to_owned() } else { item.text };
            (format!("新的登录：{device}，{}（{}）", item.remark, item.ip), String::new(), "/logins", true)
        }
    };
    NewsRow {
        text,
        quote: truncate_graphemes(&quote, 40),
        time: format::format_minute(item.time),
        path,
        is_alert,
    }
}

fn with_remark(text: &str, remark: &str) -> String {
    if remark.is_empty() { text.to_owned() } else { format!("{text}：{remark}") }
}
