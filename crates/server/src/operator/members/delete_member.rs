//! `POST /operator/member/delete`: deletes a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use std::sync::Arc;

/// Starts the deletion of a member.
pub async fn delete_member(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<DeleteMember>,
) -> Result<(), ApiError> {
    let command = operator::DeleteMember { mid: params.mid, cipher: Arc::clone(&app.cipher) };
    Ok(app.store.run(Audited { by, now, command }).await?)
}
