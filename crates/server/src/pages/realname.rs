//! `/realname`: one's real name, and how it is verified.

use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::realname::apply::status::{ApplyStatus, Data};
use guanxi_domain::realname::VerificationStatus;
use guanxi_storage::{Store, row};
use std::sync::Arc;

/// What kinds of cards there are, by their numbers.
pub const CARDS: [(u8, &str); 6] = [
    (0, "居民身份证"),
    (2, "港澳居民来往内地通行证"),
    (3, "台湾居民来往大陆通行证"),
    (4, "护照（中国签发）"),
    (5, "外国人永久居留证"),
    (6, "其他国家或地区身份证明"),
];

#[derive(Template)]
#[template(path = "realname.html")]
struct Realname {
    frame: Layout,
    status: Data,
    card: &'static str,
    waits: bool,
    cards: [(u8, &'static str); 6],
    typed_card_type: String,
}

/// Shows it.
pub async fn realname(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let status = visit.ask(api::member::realname::apply::status::status, ApplyStatus {}).await?;
    let application: Option<row::Realname> = visit.app.store.get(visit.member()?).await?;
    let card = CARDS.iter().find(|(number, _)| *number == status.card_type).map_or("", |(_, name)| name);
    visit.show(&Realname {
        frame: visit.frame("实名认证", Section::Centre).await?,
        waits: application.is_some_and(|application| application.standing == VerificationStatus::Waiting),
        card,
        status,
        cards: CARDS,
        typed_card_type: visit.typed("card_type"),
    })
}
