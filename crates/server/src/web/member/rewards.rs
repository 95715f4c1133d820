//! `/rewards`: daily and one-time rewards.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::{Key, Text};
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_daily_rewards::{Data, GetDailyRewards};
use guanxi_domain::reward::{DAILY_TASK_EXP, EXP_PER_TIPPED_COIN, VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP};
use guanxi_domain::value::MAX_TIP_EXP;
use guanxi_storage::Store;
use guanxi_storage::model::Experience;
use std::sync::Arc;

/// A task that may bring experience.
pub(super) struct Task {
    pub(super) label: Key,
    pub(super) description: String,
    /// Experience gained, and the most that the task brings; both 0 if it brings none.
    pub(super) exp: u64,
    pub(super) max_exp: u64,
    pub(super) is_done: bool,
}

impl Task {
    fn new(label: Key, description: &Text<'_>, is_done: bool, max_exp: u64) -> Task {
        let exp = if is_done { max_exp } else { 0 };
        Task { label, description: description.to_string(), exp, max_exp, is_done }
    }
}

/// Returns the daily tasks.
pub(super) fn daily_tasks(rewards: Data, t: Language) -> [Task; 4] {
    let (coins, max_exp) = (u64::from(rewards.coins), u64::from(MAX_TIP_EXP));
    let tips = t.text("task-tip-explained").with("exp", EXP_PER_TIPPED_COIN);
    [
        Task::new(Key("task-login"), &t.text("task-login-explained"), rewards.login, DAILY_TASK_EXP),
        Task::new(Key("task-watch"), &t.text("task-watch-explained"), rewards.watch, DAILY_TASK_EXP),
        Task { exp: coins, ..Task::new(Key("task-tip"), &tips, coins >= max_exp, max_exp) },
        Task::new(Key("task-share"), &t.text("task-share-explained"), rewards.share, DAILY_TASK_EXP),
    ]
}

/// Returns the one-time tasks. A phone counts once bound (D36), and brings its experience once verified.
fn one_time_tasks(rewards: Data, experience: &Experience, t: Language) -> [Task; 4] {
    let realname = t.text("task-realname-explained");
    [
        Task {
            exp: if experience.tel { VERIFIED_TEL_EXP } else { 0 },
            ..Task::new(Key("task-tel"), &t.text("task-tel-explained"), rewards.tel, VERIFIED_TEL_EXP)
        },
        Task::new(Key("realname"), &realname, rewards.identify_card, VERIFIED_REALNAME_EXP),
        Task::new(Key("task-mail"), &t.text("task-mail-explained"), rewards.email, 0),
        Task::new(Key("security-question"), &t.text("task-question-explained"), rewards.safe_question, 0),
    ]
}

#[derive(Template)]
#[template(path = "member/rewards.html")]
struct Rewards {
    layout: Layout,
    daily: [Task; 4],
    one_time: [Task; 4],
    exp: u64,
    max_exp: u64,
}

/// Shows the page.
pub async fn rewards(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let rewards =
        context.call_api(handlers::account::get_daily_rewards::get_daily_rewards, GetDailyRewards {}).await?;
    let mid = context.require_login()?;
    let experience = context.app.store.get(mid).await?.unwrap_or(Experience::new(mid));
    let t = context.language();
    let (daily, one_time) = (daily_tasks(rewards, t), one_time_tasks(rewards, &experience, t));
    let (exp, max_exp) =
        daily.iter().fold((0, 0), |(exp, max_exp), task| (exp + task.exp, max_exp + task.max_exp));
    let layout = context.layout(t.text("daily-rewards"), NavSection::Account).await?;
    context.render(&Rewards { layout, daily, one_time, exp, max_exp })
}
