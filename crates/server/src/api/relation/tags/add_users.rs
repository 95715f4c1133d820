//! `POST /x/relation/tags/addUsers`: who is in which groups.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::tags::add_users::AddUsers;
use guanxi_storage::Store;
use guanxi_storage::command::AssignGroups;

/// Sets the groups of some followings, of all or of none.
pub async fn add_users(app: App, Call { who: me, req, .. }: Call<AddUsers>) -> Result<(), Reject> {
    Ok(app.store.run(AssignGroups { me, fids: req.fids.0, tagids: req.tagids.0 }).await?)
}
