//! `POST /x/relation/modify`: follow, whisper, block, and their removal.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Changes the caller's relation to another member.
pub async fn modify_relation(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ModifyRelation>,
) -> Result<(), ApiError> {
    let ModifyRelation { fid: them, act: action, re_src: source } = params;
    Ok(app
        .store
        .run(commands::ChangeRelation { me, them, action, source, limit: app.limits.max_followings, now })
        .await?)
}
