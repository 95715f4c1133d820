//! `GET /x/relation/stat`: a member's four counts.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::stat::{Data, RelationStat};
use guanxi_storage::Store;
use guanxi_types::Code;

/// Tells them; whispers and blacks to their owner alone (D14).
pub async fn stat(app: App, Call { who: viewer, req, .. }: Call<RelationStat>) -> Result<Data, Reject> {
    let stat = app.store.stat(req.vmid).await?.ok_or(Code::NoMember)?;
    let private = |count: u32| if viewer == Some(req.vmid) { u64::from(count) } else { 0 };
    Ok(Data {
        mid: req.vmid,
        following: u64::from(stat.following),
        whisper: private(stat.whisper),
        black: private(stat.black),
        follower: u64::from(stat.follower),
    })
}
