//! `POST /operator/member/delete`: a member leaves.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::member::delete::DeleteMember;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};
use std::sync::Arc;

/// Lets a member go.
pub async fn delete(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<DeleteMember>,
) -> Result<(), OperatorError> {
    let deed = operate::DeleteMember { mid: req.mid, vault: Arc::clone(&app.vault) };
    Ok(app.store.run(Audited { by, now, deed }).await?)
}
