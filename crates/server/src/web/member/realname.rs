//! `/realname`: real-name verification.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::realname::get_realname_application::{Data, GetRealnameApplication};
use guanxi_domain::reward::VERIFIED_REALNAME_EXP;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::{Store, model};
use std::sync::Arc;

/// Card types and their names.
const CARD_TYPES: [(u8, Key); 6] = [
    (0, Key("card-id")),
    (2, Key("card-hongkong-macao")),
    (3, Key("card-taiwan")),
    (4, Key("card-passport")),
    (5, Key("card-residence")),
    (6, Key("card-foreign")),
];

/// Returns the name of a card type.
pub(crate) fn card_type_name(card_type: u8) -> Key {
    CARD_TYPES.iter().find(|(number, _)| *number == card_type).map_or(Key("card-other"), |(_, name)| *name)
}

#[derive(Template)]
#[template(path = "member/realname.html")]
struct Realname {
    layout: Layout,
    status: Data,
    card_type: Key,
    is_pending: bool,
    /// Experience for the first verification.
    reward: u64,
    card_types: [(u8, Key); 6],
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
        layout: context.layout(context.language().text("realname"), NavSection::Account).await?,
        is_pending: application.is_some_and(|application| application.status == VerificationStatus::Waiting),
        card_type: card_type_name(status.card_type),
        status,
        reward: VERIFIED_REALNAME_EXP,
        card_types: CARD_TYPES,
        // The member's own page shows what the member has typed. It is never stored by a cache.
        submitted_name: context.submitted("realname"),
        submitted_card: context.submitted("card"),
        submitted_card_type: context.submitted("card_type"),
    })
}
