//! `POST /x/relation/tag/create`: creates a group.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::create_group::{CreateGroup, Data};
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Creates a group.
pub async fn create_group(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<CreateGroup>,
) -> Result<Data, ApiError> {
    let tagid =
        app.store.run(commands::CreateGroup { me, name: params.tag, limit: app.limits.max_groups }).await?;
    Ok(Data { tagid })
}
