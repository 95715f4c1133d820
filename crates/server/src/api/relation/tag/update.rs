//! `POST /x/relation/tag/update`: a group's new name.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command::RenameGroup;
use guanxi_wire::api::relation::tag::update::TagUpdate;

/// Renames a group.
pub async fn update(app: App, Call { who: me, req, .. }: Call<TagUpdate>) -> Result<(), Reject> {
    Ok(app.store.run(RenameGroup { me, tagid: req.tagid, name: req.name }).await?)
}
