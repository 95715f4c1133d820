//! `POST /passport/realname`: applies for real-name verification.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_api::realname::apply_realname::ApplyRealname;
use guanxi_domain::{day, id_card, verification};
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;
use std::sync::Arc;

/// Submits an application, which a moderator reviews.
pub async fn apply_realname(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ApplyRealname>,
) -> Result<(), ApiError> {
    if params.card_type > 6 {
        return Err(
            BadParam { name: "card_type", reason: InvalidValue("is not a number from 0 to 6") }.into()
        );
    }
    let name = verification::normalize_real_name(&params.realname.0).ok_or(ErrorCode::InvalidRealname)?;
    let (card_type, cipher) = (params.card_type, Arc::clone(&app.cipher));
    let card = id_card::normalize_card_number(card_type, &params.card.0, day::date_at(now))
        .ok_or(ErrorCode::InvalidCardNumber)?;
    Ok(app.store.run(commands::SubmitRealname { me, name, card, card_type, cipher, now }).await?)
}
