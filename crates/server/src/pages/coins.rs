//! `/coins`: where one's coins went.

use super::chart::Chart;
use super::face::cut;
use super::figures;
use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::web::coin::log::{CoinLog, Entry};
use guanxi_api::api::space::acc::info::SpaceInfo;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "coins.html")]
struct Coins {
    frame: Layout,
    balance: String,
    chart: Chart,
    list: Vec<Change>,
}

struct Change {
    time: String,
    delta: String,
    less: bool,
    reason: String,
}

/// Shows it.
pub async fn coins(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let me = visit.member()?;
    let log = visit.ask(api::member::web::coin::log::log, CoinLog {}).await?;
    let space = visit.ask(api::space::acc::info::info, SpaceInfo { mid: me }).await?;
    visit.show(&Coins {
        frame: visit.frame("硬币记录", Section::Centre).await?,
        balance: figures::coins(space.coins),
        chart: Chart::of(visit.now, log.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        list: log.list.into_iter().map(change).collect(),
    })
}

fn change(Entry { time, delta, reason }: Entry) -> Change {
    let less = delta.in_tenths() < 0;
    Change { time: time[..16].to_owned(), delta: figures::change(delta), less, reason: cut(&reason, 100) }
}
