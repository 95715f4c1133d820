//! `POST /passport/realname`: an application for real name verification.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::realname::ApplyRealname;
use guanxi_api::param::{BadParam, Malformed};
use guanxi_domain::{day, id_card, realname};
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_types::ErrorCode;
use std::sync::Arc;

/// Applies; a moderator reviews it.
pub async fn realname(
    app: App,
    ApiRequest { who: me, req, now, .. }: ApiRequest<ApplyRealname>,
) -> Result<(), ApiError> {
    if req.card_type > 6 {
        return Err(BadParam { name: "card_type", why: Malformed("is not a number from 0 to 6") }.into());
    }
    let name = realname::name(&req.realname.0).ok_or(ErrorCode::BadRealname)?;
    let card = id_card::check(req.card_type, &req.card.0, day::of(now)).ok_or(ErrorCode::BadCard)?;
    let (card_type, vault) = (req.card_type, Arc::clone(&app.vault));
    Ok(app.store.run(command::ApplyRealname { me, name, card, card_type, vault, now }).await?)
}
