//! `POST /x/relation/tag/create`: a new group.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::tag::create::{Data, TagCreate};
use guanxi_storage::Store;
use guanxi_storage::command::CreateGroup;

/// Makes a group.
pub async fn create(app: App, Call { who: me, req, .. }: Call<TagCreate>) -> Result<Data, Reject> {
    let tagid = app.store.run(CreateGroup { me, name: req.tag, limit: app.limits.groups }).await?;
    Ok(Data { tagid })
}
