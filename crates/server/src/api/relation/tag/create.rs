//! `POST /x/relation/tag/create`: a new group.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command::CreateGroup;
use guanxi_wire::api::relation::tag::create::{Data, TagCreate};

/// Makes a group.
pub async fn create(app: App, Call { who: me, req, .. }: Call<TagCreate>) -> Result<Data, Reject> {
    let tagid = app.store.run(CreateGroup { me, name: req.tag, limit: app.limits.groups }).await?;
    Ok(Data { tagid })
}
