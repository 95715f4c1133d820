//! `POST /x/relation/tag/create`: a new group.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tag::create::{Data, TagCreate};
use guanxi_storage::Store;
use guanxi_storage::command::CreateGroup;

/// Makes a group.
pub async fn create(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<TagCreate>,
) -> Result<Data, ApiError> {
    let tagid = app.store.run(CreateGroup { me, name: req.tag, limit: app.limits.groups }).await?;
    Ok(Data { tagid })
}
