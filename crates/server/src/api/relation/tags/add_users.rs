//! `POST /x/relation/tags/addUsers`: who is in which groups.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command::AssignGroups;
use guanxi_wire::api::relation::tags::add_users::AddUsers;

/// Sets the groups of some followings, of all or of none.
pub async fn add_users(app: App, Call { who: me, req, .. }: Call<AddUsers>) -> Result<(), Reject> {
    Ok(app.store.run(AssignGroups { me, fids: req.fids.0, tagids: req.tagids.0 }).await?)
}
