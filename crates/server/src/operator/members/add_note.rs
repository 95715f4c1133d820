//! `POST /operator/member/notes/add`: adds a note on a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::add_note::{AddNote, Data};
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use std::sync::Arc;

/// Adds a note on a member. Line ends of forms become single characters.
pub async fn add_note(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<AddNote>,
) -> Result<Data, ApiError> {
    let text = params.text.replace("\r\n", "\n").trim().to_owned();
    value::NOTE.validate("text", &text).map_err(ApiError::from_invalid_value)?;
    let (limit, cipher) = (app.limits.max_notes, Arc::clone(&app.cipher));
    let command = operator::AddNote { mid: params.mid, by: by.clone(), text, limit, cipher };
    Ok(Data { id: app.store.run(Audited { by, now, command }).await? })
}
