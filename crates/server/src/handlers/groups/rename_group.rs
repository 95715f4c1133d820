//! `POST /x/relation/tag/update`: renames a group.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::rename_group::RenameGroup;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Renames a group.
pub async fn rename_group(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<RenameGroup>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::RenameGroup { me, tagid: params.tagid, name: params.name }).await?)
}
