//! `/rewards`: what today has brought, and what comes once.

use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::web::exp::reward::{Data, Reward};
use guanxi_domain::reward::{COINS_EXP, IDENTIFY_CARD_EXP, TEL_EXP};
use guanxi_storage::Store;
use guanxi_storage::row::Growth;
use std::sync::Arc;

/// Something that brings exp.
pub(super) struct Task {
    pub(super) label: &'static str,
    pub(super) about: &'static str,
    /// How much exp it has brought, and brings at most; 0 if it brings none.
    pub(super) exp: u64,
    pub(super) most: u64,
    pub(super) done: bool,
}

impl Task {
    fn of(label: &'static str, about: &'static str, done: bool, most: u64) -> Task {
        Task { label, about, exp: if done { most } else { 0 }, most, done }
    }
}

/// What each day brings.
pub(super) fn daily(given: Data) -> [Task; 4] {
    let (coins, most) = (u64::from(given.coins), u64::from(COINS_EXP));
    [
        Task::of("每日登录", "今天第一次访问，还有 1 枚硬币", given.login, 5),
        Task::of("每日观看", "看完一个视频", given.watch, 5),
        Task { exp: coins, ..Task::of("每日投币", "每枚硬币 10 经验", coins >= most, most) },
        Task::of("每日分享", "分享一个视频", given.share, 5),
    ]
}

/// What comes once. A phone counts once bound (D36), and brings its exp once verified.
fn once(given: Data, growth: &Growth) -> [Task; 4] {
    [
        Task {
            exp: if growth.tel { TEL_EXP } else { 0 },
            ..Task::of("绑定手机", "手机号通过验证后得经验", given.tel, TEL_EXP)
        },
        Task::of("实名认证", "通过审核", given.identify_card, IDENTIFY_CARD_EXP),
        Task::of("绑定邮箱", "绑定一个邮箱", given.email, 0),
        Task::of("密保问题", "设置一个密保问题", given.safe_question, 0),
    ]
}

#[derive(Template)]
#[template(path = "rewards.html")]
struct Rewards {
    frame: Layout,
    daily: [Task; 4],
    once: [Task; 4],
    exp: u64,
    most: u64,
}

/// Shows it.
pub async fn rewards(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let given = visit.ask(api::member::web::exp::reward::reward, Reward {}).await?;
    let me = visit.member()?;
    let growth = visit.app.store.get(me).await?.unwrap_or(Growth::of(me));
    let (daily, once) = (daily(given), once(given, &growth));
    let (exp, most) = daily.iter().fold((0, 0), |(exp, most), task| (exp + task.exp, most + task.most));
    let frame = visit.frame("每日奖励", Section::Centre).await?;
    visit.show(&Rewards { frame, daily, once, exp, most })
}
