//! `GET /operator/member/notes`: the notes on a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::list_notes::{Data, ListNotes, Note};
use guanxi_storage::Store;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::MemberNote;
use guanxi_types::ErrorCode;

/// Returns the notes on a member, newest first.
pub async fn list_notes(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListNotes>,
) -> Result<Data, ApiError> {
    let mid = params.mid;
    app.store.counters(mid).await?.ok_or(ErrorCode::MemberNotFound)?;
    // The limit may have been higher.
    let rows = app.store.rows_of::<MemberNote>(mid, usize::MAX).await?;
    let note = |MemberNote { id, time, operator, text, .. }| {
        let text = app.cipher.decrypt_optional(SensitiveField::Note, mid, text.as_ref())?;
        Ok(Note { id, time, by: operator, text: text.unwrap_or_default() })
    };
    Ok(Data { list: rows.into_iter().rev().map(note).collect::<Result<_, ApiError>>()? })
}
