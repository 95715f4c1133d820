//! `POST /x/relation/tag/del`: deletes a group.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::delete_group::DeleteGroup;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Deletes a group. Its members stay followed.
pub async fn delete_group(app: App, request: ApiRequest<DeleteGroup>) -> Result<(), ApiError> {
    Ok(app.store.run(command(&request)).await?)
}

/// Returns the command of a request.
pub(crate) fn command(request: &ApiRequest<DeleteGroup>) -> commands::DeleteGroup {
    commands::DeleteGroup { me: request.caller, tagid: request.params.tagid }
}
