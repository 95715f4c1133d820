//! `POST /operator/member/notes/delete`: deletes a note on a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::delete_note::DeleteNote;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Deletes a note on a member.
pub async fn delete_note(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<DeleteNote>,
) -> Result<(), ApiError> {
    let command = operator::DeleteNote { mid: params.mid, id: params.id };
    Ok(app.store.run(Audited { by, now, command }).await?)
}
