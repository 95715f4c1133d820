//! `POST /x/relation/tags/addUsers`: sets the groups of followed members.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Sets the groups of all given members, or of none.
pub async fn assign_groups(app: App, request: ApiRequest<AssignGroups>) -> Result<(), ApiError> {
    Ok(app.store.run(command(&request)).await?)
}

/// Returns the command of a request.
pub(crate) fn command(request: &ApiRequest<AssignGroups>) -> commands::AssignGroups {
    let AssignGroups { fids, tagids } = request.params.clone();
    commands::AssignGroups { me: request.caller, fids: fids.0, tagids: tagids.0 }
}
