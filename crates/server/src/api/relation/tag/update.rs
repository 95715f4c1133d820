//! `POST /x/relation/tag/update`: a group's new name.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tag::update::TagUpdate;
use guanxi_storage::Store;
use guanxi_storage::command::RenameGroup;

/// Renames a group.
pub async fn update(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<TagUpdate>,
) -> Result<(), ApiError> {
    Ok(app.store.run(RenameGroup { me, tagid: req.tagid, name: req.name }).await?)
}
