//! `/me`: what others see of one, and one's sign.

use super::face::{Avatar, SIGN, cut};
use super::figures;
use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::web::account::{self, Account};
use guanxi_api::api::passport::sign::{self, Sign};
use guanxi_api::api::space::acc::info::SpaceInfo;
use guanxi_domain::sign::LENGTH;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "me.html")]
struct Mine {
    frame: Layout,
    portrait: Avatar,
    account: account::Data,
    joined: String,
    sign: sign::Data,
    /// What stands in the form.
    written: String,
    length: usize,
    most: usize,
    submitted: String,
    due: String,
    ended: String,
}

/// Shows it.
pub async fn me(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let me = visit.member()?;
    let account = visit.ask(api::member::web::account::account, Account {}).await?;
    let space = visit.ask(api::space::acc::info::info, SpaceInfo { mid: me }).await?;
    let sign = visit.ask(api::passport::sign::sign, Sign {}).await?;
    let typed = visit.typed("user_sign");
    let written = if typed.is_empty() {
        sign.waits.as_ref().map_or(&sign.sign, |waiting| &waiting.sign).clone()
    } else {
        typed
    };
    let sign = shown(sign);
    let waits = sign.waits.as_ref();
    visit.show(&Mine {
        frame: visit.frame("我的信息", Section::Centre).await?,
        portrait: Avatar::of(&visit.app.images, me, &account.uname, &space.face),
        joined: figures::date(space.jointime),
        length: written.chars().count(),
        most: LENGTH,
        written,
        submitted: waits.map(|waiting| figures::minute(waiting.submitted)).unwrap_or_default(),
        due: waits.and_then(|waiting| waiting.due).map(figures::minute).unwrap_or_default(),
        ended: sign.ended.as_ref().map(|ended| figures::minute(ended.time)).unwrap_or_default(),
        account: account::Data { uname: cut(&account.uname, 20), ..account },
        sign,
    })
}

/// A sign as it is shown, and not as it is written.
fn shown(sign: sign::Data) -> sign::Data {
    let sign::Data { sign, waits, ended } = sign;
    sign::Data {
        sign: cut(&sign, SIGN),
        waits: waits.map(|waiting| sign::Waiting { sign: cut(&waiting.sign, SIGN), ..waiting }),
        ended: ended.map(|ended| sign::Ended { sign: cut(&ended.sign, SIGN), ..ended }),
    }
}
