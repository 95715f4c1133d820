//! `/rewards`: daily and one-time rewards.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_daily_rewards::{Data, GetDailyRewards};
use guanxi_domain::reward::{DAILY_TASK_EXP, EXP_PER_TIPPED_COIN, VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP};
use guanxi_domain::value::MAX_TIP_EXP;
use guanxi_storage::Store;
use guanxi_storage::model::Experience;
use std::borrow::Cow;
use std::sync::Arc;

/// A task that may bring experience.
pub(super) struct Task {
    pub(super) label: &'static str,
    pub(super) description: Cow<'static, str>,
    /// Experience gained, and the most that the task brings; both 0 if it brings none.
    pub(super) exp: u64,
    pub(super) max_exp: u64,
    pub(super) is_done: bool,
}

impl Task {
    fn new(
        label: &'static str,
        description: impl Into<Cow<'static, str>>,
        is_done: bool,
        max_exp: u64,
    ) -> Task {
        let exp = if is_done { max_exp } else { 0 };
        Task { label, description: description.into(), exp, max_exp, is_done }
    }
}

/// Returns the daily tasks.
pub(super) fn daily_tasks(rewards: Data) -> [Task; 4] {
    let (coins, max_exp) = (u64::from(rewards.coins), u64::from(MAX_TIP_EXP));
    let tips = format!("每枚硬币 {EXP_PER_TIPPED_COIN} 经验");
    [
        Task::new("每日登录", "今天第一次访问，还有 1 枚硬币", rewards.login, DAILY_TASK_EXP),
        Task::new("每日观看", "看完一个视频", rewards.watch, DAILY_TASK_EXP),
        Task { exp: coins, ..Task::new("每日投币", tips, coins >= max_exp, max_exp) },
        Task::new("每日分享", "分享一个视频", rewards.share, DAILY_TASK_EXP),
    ]
}

/// Returns the one-time tasks. A phone counts once bound (D36), and brings its experience once verified.
fn one_time_tasks(rewards: Data, experience: &Experience) -> [Task; 4] {
    [
        Task {
            exp: if experience.tel { VERIFIED_TEL_EXP } else { 0 },
            ..Task::new("绑定手机", "手机号通过验证后得经验", rewards.tel, VERIFIED_TEL_EXP)
        },
        Task::new("实名认证", "通过审核", rewards.identify_card, VERIFIED_REALNAME_EXP),
        Task::new("绑定邮箱", "绑定一个邮箱", rewards.email, 0),
        Task::new("密保问题", "设置一个密保问题", rewards.safe_question, 0),
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
    let (daily, one_time) = (daily_tasks(rewards), one_time_tasks(rewards, &experience));
    let (exp, max_exp) =
        daily.iter().fold((0, 0), |(exp, max_exp), task| (exp + task.exp, max_exp + task.max_exp));
    let layout = context.layout("每日奖励", NavSection::Account).await?;
    context.render(&Rewards { layout, daily, one_time, exp, max_exp })
}
