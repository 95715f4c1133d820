//! `POST /x/relation/tag/del`: a group's end.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::tag::del::TagDel;
use guanxi_storage::Store;
use guanxi_storage::command::DeleteGroup;

/// Deletes a group; its members stay followed.
pub async fn del(app: App, Call { who: me, req, .. }: Call<TagDel>) -> Result<(), Reject> {
    Ok(app.store.run(DeleteGroup { me, tagid: req.tagid }).await?)
}
