//! `POST /x/relation/modify`: follow, whisper, block, and their removal.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Changes the caller's relation to another member.
pub async fn modify_relation(app: App, request: ApiRequest<ModifyRelation>) -> Result<(), ApiError> {
    Ok(app.store.run(command(&app, &request)).await?)
}

/// Returns the command of a request.
pub(crate) fn command(app: &App, request: &ApiRequest<ModifyRelation>) -> commands::ChangeRelation {
    let &ApiRequest { caller: me, ref params, now, .. } = request;
    let &ModifyRelation { fid: them, act: action, re_src: source } = params;
    commands::ChangeRelation { me, them, action, source, limit: app.limits.max_followings, now }
}
