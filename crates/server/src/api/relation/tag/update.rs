//! `POST /x/relation/tag/update`: a group's new name.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::tag::update::TagUpdate;
use guanxi_storage::Store;
use guanxi_storage::command::RenameGroup;

/// Renames a group.
pub async fn update(app: App, Call { who: me, req, .. }: Call<TagUpdate>) -> Result<(), Reject> {
    Ok(app.store.run(RenameGroup { me, tagid: req.tagid, name: req.name }).await?)
}
