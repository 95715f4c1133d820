//! `POST /x/relation/tags/addUsers`: sets the groups of followed members.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Sets the groups of all given members, or of none.
pub async fn assign_groups(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<AssignGroups>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::AssignGroups { me, fids: params.fids.0, tagids: params.tagids.0 }).await?)
}
