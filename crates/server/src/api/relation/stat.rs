//! `GET /x/relation/stat`: a member's four counts.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::stat::{Data, RelationStat};
use guanxi_storage::Store;
use guanxi_types::ErrorCode;

/// Tells them; whispers and blacks to their owner alone (D14).
pub async fn stat(
    app: App,
    ApiRequest { who: viewer, req, .. }: ApiRequest<RelationStat>,
) -> Result<Data, ApiError> {
    let stat = app.store.stat(req.vmid).await?.ok_or(ErrorCode::NoMember)?;
    let private = |count: u32| if viewer == Some(req.vmid) { u64::from(count) } else { 0 };
    Ok(Data {
        mid: req.vmid,
        following: u64::from(stat.following),
        whisper: private(stat.whisper),
        black: private(stat.black),
        follower: u64::from(stat.follower),
    })
}
