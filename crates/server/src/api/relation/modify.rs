//! `POST /x/relation/modify`: follow, whisper, block, and the ways back.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::modify::Modify;
use guanxi_storage::Store;
use guanxi_storage::command::ChangeRelation;

/// Acts on one's tie to another.
pub async fn modify(
    app: App,
    ApiRequest { who: me, req, now, .. }: ApiRequest<Modify>,
) -> Result<(), ApiError> {
    let Modify { fid: them, act, re_src: source } = req;
    Ok(app.store.run(ChangeRelation { me, them, act, source, limit: app.limits.following, now }).await?)
}
