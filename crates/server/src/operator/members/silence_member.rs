//! `POST /operator/member/silence`: silences a member, or ends the silence.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::silence_member::SilenceMember;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self as commands, Audited};
use std::sync::Arc;

/// Silences a member, or ends the silence.
pub async fn silence_member(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<SilenceMember>,
) -> Result<(), ApiError> {
    let cipher = Arc::clone(&app.cipher);
    let command = commands::SilenceMember { mid: params.mid, silence: params.silence, cipher };
    app.store.run(Audited { by, now, command }).await?.map_err(ApiError::InvalidRequest)
}
