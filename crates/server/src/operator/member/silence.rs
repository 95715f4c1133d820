//! `POST /operator/member/silence`: whether a member is silenced.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::member::silence::Silence;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{Operate, Patch, UpdateMember};
use serde_json::Map;
use std::sync::Arc;

/// Silences a member, or no longer.
pub async fn silence(app: App, Duty { by, req, now }: Duty<Silence>) -> Result<(), Denied> {
    let profile = Map::from_iter([("silence".to_owned(), req.silence.into())]);
    let (with, vault) = (Patch { profile, ..Patch::default() }, Arc::clone(&app.vault));
    let deed = UpdateMember { mid: req.mid, with, vault };
    app.store.run(Operate { by, now, deed }).await?.map_err(Denied::Wrong)
}
