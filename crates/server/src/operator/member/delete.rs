//! `POST /operator/member/delete`: a member leaves.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::member::delete::DeleteMember;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Operate};
use std::sync::Arc;

/// Lets a member go.
pub async fn delete(app: App, Duty { by, req, now }: Duty<DeleteMember>) -> Result<(), Denied> {
    let deed = operate::DeleteMember { mid: req.mid, vault: Arc::clone(&app.vault) };
    Ok(app.store.run(Operate { by, now, deed }).await?)
}
