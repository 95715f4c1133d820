//! `POST /x/relation/tags/addUsers`: who is in which groups.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tags::add_users::AddUsers;
use guanxi_storage::Store;
use guanxi_storage::command::AssignGroups;

/// Sets the groups of some followings, of all or of none.
pub async fn add_users(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<AddUsers>,
) -> Result<(), ApiError> {
    Ok(app.store.run(AssignGroups { me, fids: req.fids.0, tagids: req.tagids.0 }).await?)
}
