//! `POST /x/relation/tag/del`: a group's end.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tag::del::TagDel;
use guanxi_storage::Store;
use guanxi_storage::command::DeleteGroup;

/// Deletes a group; its members stay followed.
pub async fn del(app: App, ApiRequest { who: me, req, .. }: ApiRequest<TagDel>) -> Result<(), ApiError> {
    Ok(app.store.run(DeleteGroup { me, tagid: req.tagid }).await?)
}
