//! `GET /x/relation/stat`: the relation counters of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::relations::get_relation_counters::{Data, GetRelationCounters};
use guanxi_storage::Store;
use guanxi_types::ErrorCode;

/// Returns the relation counters of a member. Only the member sees whispers and blocks (D14).
pub async fn get_relation_counters(
    app: App,
    ApiRequest { caller: viewer, params, .. }: ApiRequest<GetRelationCounters>,
) -> Result<Data, ApiError> {
    let counters = app.store.counters(params.vmid).await?.ok_or(ErrorCode::MemberNotFound)?;
    let owner_only = |count: u32| if viewer == Some(params.vmid) { u64::from(count) } else { 0 };
    Ok(Data {
        mid: params.vmid,
        following: u64::from(counters.following),
        whisper: owner_only(counters.whisper),
        black: owner_only(counters.blocked),
        follower: u64::from(counters.follower),
    })
}
