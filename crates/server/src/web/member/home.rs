//! `/`: profile summary, daily rewards, coins of the week and news.

use super::rewards::{Task, daily_tasks};
use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{
    Avatar, BIO_MAX_GRAPHEMES, NAME_MAX_GRAPHEMES, truncate_graphemes, verification_label,
};
use crate::web::chart::Chart;
use crate::web::first_steps::FirstSteps;
use crate::web::format::{self, Count};
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::news::{NewsLine, news_lines};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_bio::GetBio;
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::account::get_first_steps::GetFirstSteps;
use guanxi_api::account::get_vip::{self, GetVip};
use guanxi_api::account::list_news::{self, ListNews};
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
    news: Vec<NewsLine>,
    steps: Option<FirstSteps>,
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

/// Shows the page.
pub async fn home(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (mid, t) = (context.require_login()?, context.language());
    let list_news::Data { unread, list: news, .. } = context
        .call_api(handlers::account::list_news::list_news, ListNews { all: Flag(false), before: None })
        .await?;
    let layout = context.layout_with_unread(t.text("home"), NavSection::Account, unread).await?;
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
    let steps =
        context.call_api(handlers::account::get_first_steps::get_first_steps, GetFirstSteps {}).await?;
    let count = |label, number, path: &str| Count::new(t, label, number, path.to_owned());
    let seen_until = news.iter().map(|item| item.time).max().unwrap_or(0);
    context.render(&Home {
        layout,
        avatar: context.avatar(mid, &card.name, &card.face),
        uname: truncate_graphemes(&card.name, NAME_MAX_GRAPHEMES),
        bio: truncate_graphemes(&bio.sign, BIO_MAX_GRAPHEMES),
        pending_bio: bio.waits.map(|pending| truncate_graphemes(&pending.sign, BIO_MAX_GRAPHEMES)),
        verification: verification_label(&card.official_verify, t),
        mid: mid.get(),
        level: Level::new(&card.level_info),
        coins: format::format_coins(space.coins),
        is_vip_active: vip.vip_status == 1,
        vip: vip_label(vip, t),
        counts: [
            count(Key("followings"), counters.following, "/followings"),
            count(Key("followers"), counters.follower, "/fans"),
            count(Key("whispers"), counters.whisper, "/whispers"),
            count(Key("blocks"), counters.black, "/blacks"),
        ],
        tasks: daily_tasks(rewards, t),
        chart: Chart::new(t, context.now, log.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        news: news_lines(t, news),
        steps: FirstSteps::new(steps),
        seen_until,
    })
}

/// Returns the VIP label; empty for none.
fn vip_label(vip: get_vip::Data, language: Language) -> String {
    let kind = match vip.vip_type {
        0 => return String::new(),
        1 => language.text("monthly-vip"),
        _ => language.text("annual-vip"),
    };
    let expires = vip.vip_due_date / 1000;
    let status = match vip.vip_status {
        1 if expires > 0 => language.text("vip-until").with("date", language.date(expires)),
        1 => return kind.to_string(),
        2 => language.text("vip-frozen"),
        3 => language.text("vip-locked"),
        _ => language.text("vip-expired"),
    };
    format!("{kind} · {status}")
}
