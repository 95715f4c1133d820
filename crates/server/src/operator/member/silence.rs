//! `POST /operator/member/silence`: whether a member is silenced.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::member::silence::Silence;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{Audited, Patch, UpdateMember};
use serde_json::Map;
use std::sync::Arc;

/// Silences a member, or no longer.
pub async fn silence(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<Silence>,
) -> Result<(), OperatorError> {
    let profile = Map::from_iter([("silence".to_owned(), req.silence.into())]);
    let (with, vault) = (Patch { profile, ..Patch::default() }, Arc::clone(&app.vault));
    let deed = UpdateMember { mid: req.mid, with, vault };
    app.store.run(Audited { by, now, deed }).await?.map_err(OperatorError::Wrong)
}
