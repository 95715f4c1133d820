//! `/`: who one is, what today brought, where one's coins went, and what happened.

use super::chart::Chart;
use super::face::{Avatar, SIGN, cut, verified};
use super::figures::{self, Count};
use super::frame::{Layout, Section};
use super::rewards::{Task, daily};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::web::coin::log::CoinLog;
use guanxi_api::api::member::web::exp::reward::Reward;
use guanxi_api::api::passport::news::{Happened, Item, News};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::api::space::acc::info::SpaceInfo;
use guanxi_api::api::vip::web::user::info::{self, VipInfo};
use guanxi_api::api::web_interface::card::{Card, LevelInfo};
use guanxi_api::param::Flag;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Layout,
    portrait: Avatar,
    uname: String,
    sign: String,
    verified: String,
    mid: u64,
    level: Level,
    coins: String,
    vip: String,
    counts: [Count; 4],
    tasks: [Task; 4],
    chart: Chart,
    news: Vec<Told>,
    until: i64,
}

/// A level, and how far the next is.
pub(super) struct Level {
    pub(super) number: u8,
    pub(super) exp: String,
    /// How much of the way is done, and how long it is; both 1 on the last.
    pub(super) done: u64,
    pub(super) way: u64,
    /// How much is missing; empty on the last.
    pub(super) missing: String,
}

impl Level {
    fn of(info: &LevelInfo) -> Level {
        let (exp, min) = (info.current_exp, info.current_min);
        let next = u64::try_from(info.next_exp).ok().filter(|next| *next > min);
        let (done, way) = next.map_or((1, 1), |next| (exp.saturating_sub(min), next - min));
        let missing = next.map(|next| figures::count(next.saturating_sub(exp))).unwrap_or_default();
        Level { number: info.current_level, exp: figures::count(exp), done, way, missing }
    }
}

/// Something that happened, in words.
struct Told {
    text: String,
    quote: String,
    time: String,
    path: &'static str,
    bad: bool,
}

/// Shows it.
pub async fn home(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let me = visit.member()?;
    let frame = visit.frame("首页", Section::Centre).await?;
    let card = visit.ask(api::web_interface::card::card, Card { mid: me, photo: Flag(false) }).await?.card;
    let space = visit.ask(api::space::acc::info::info, SpaceInfo { mid: me }).await?;
    let stat = visit.ask(api::relation::stat::stat, RelationStat { vmid: me }).await?;
    let vip = visit.ask(api::vip::web::user::info::info, VipInfo {}).await?;
    let reward = visit.ask(api::member::web::exp::reward::reward, Reward {}).await?;
    let log = visit.ask(api::member::web::coin::log::log, CoinLog {}).await?;
    let news = visit.ask(api::passport::news::news, News {}).await?.list;
    let count = |label, number, path: &str| Count::of(label, number, path.to_owned());
    let until = news.iter().map(|item| item.time).max().unwrap_or(0);
    visit.show(&Home {
        frame,
        portrait: Avatar::of(&visit.app.images, me, &card.name, &card.face),
        uname: cut(&card.name, 20),
        sign: cut(&card.sign, SIGN),
        verified: verified(&card.official_verify),
        mid: me.get(),
        level: Level::of(&card.level_info),
        coins: figures::coins(space.coins),
        vip: vip_words(vip),
        counts: [
            count("关注", stat.following, "/followings"),
            count("粉丝", stat.follower, "/fans"),
            count("悄悄关注", stat.whisper, "/whispers"),
            count("黑名单", stat.black, "/blacks"),
        ],
        tasks: daily(reward),
        chart: Chart::of(visit.now, log.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        news: news.into_iter().map(told).collect(),
        until,
    })
}

/// VIP in words; empty for none.
fn vip_words(vip: info::Data) -> String {
    let kind = match vip.vip_type {
        0 => return String::new(),
        1 => "月度大会员",
        _ => "年度大会员",
    };
    let due = vip.vip_due_date / 1000;
    match vip.vip_status {
        1 if due > 0 => format!("{kind} · {} 到期", figures::date(due)),
        1 => kind.to_owned(),
        2 => format!("{kind} · 已冻结"),
        3 => format!("{kind} · 已锁定"),
        _ => format!("{kind} · 已过期"),
    }
}

fn told(item: Item) -> Told {
    let (text, quote, path, bad) = match item.r#type {
        Happened::SignApproved => ("签名通过了审核".to_owned(), item.text, "/me", false),
        Happened::SignRejected => (because("签名没有通过审核", &item.remark), item.text, "/me", true),
        Happened::RealnameVerified => ("实名认证通过了".to_owned(), String::new(), "/realname", false),
        Happened::RealnameRejected => {
            (because("实名认证没有通过", &item.remark), String::new(), "/realname", true)
        }
        Happened::Login => {
            let device = if item.text.is_empty() { "未知设备".to_owned() } else { item.text };
            (format!("新的登录：{device}，{}（{}）", item.remark, item.ip), String::new(), "/logins", true)
        }
    };
    Told { text, quote: cut(&quote, 40), time: figures::minute(item.time), path, bad }
}

fn because(what: &str, remark: &str) -> String {
    if remark.is_empty() { what.to_owned() } else { format!("{what}：{remark}") }
}
