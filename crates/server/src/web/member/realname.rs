//! `/realname`: real-name verification.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::realname::get_realname_application::{Data, GetRealnameApplication};
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::{Store, model};
use std::sync::Arc;

/// Card types and their names.
const CARD_TYPES: [(u8, &str); 6] = [
    (0, "居民身份证"),
    (2, "港澳居民来往内地通行证"),
    (3, "台湾居民来往大陆通行证"),
    (4, "护照（中国签发）"),
    (5, "外国人永久居留证"),
    (6, "其他国家或地区身份证明"),
];

/// Returns the name of a card type.
pub(crate) fn card_type_name(card_type: u8) -> &'static str {
    CARD_TYPES.iter().find(|(number, _)| *number == card_type).map_or("其他证件", |(_, name)| name)
}

#[derive(Template)]
#[template(path = "member/realname.html")]
struct Realname {
    layout: Layout,
    status: Data,
    card_type: &'static str,
    is_pending: bool,
    card_types: [(u8, &'static str); 6],
    submitted_name: String,
    submitted_card: String,
    submitted_card_type: String,
}

/// Shows the page.
pub async fn realname(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let status = context
        .call_api(
            handlers::realname::get_realname_application::get_realname_application,
            GetRealnameApplication {},
        )
        .await?;
    let application: Option<model::Realname> = context.app.store.get(context.require_login()?).await?;
    context.render(&Realname {
        layout: context.layout("实名认证", NavSection::Account).await?,
        is_pending: application.is_some_and(|application| application.status == VerificationStatus::Waiting),
        card_type: card_type_name(status.card_type),
        status,
        card_types: CARD_TYPES,
        // The member's own page shows what the member has typed. It is never stored by a cache.
        submitted_name: context.submitted("realname"),
        submitted_card: context.submitted("card"),
        submitted_card_type: context.submitted("card_type"),
    })
}
