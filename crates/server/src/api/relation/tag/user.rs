//! `GET /x/relation/tag/user`: the groups one keeps somebody in.

use crate::answer::ApiError;
use crate::api::relation::nobody;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tag::user::{Data, TagUser};
use guanxi_domain::group;
use guanxi_storage::Store;

/// Tells their tagids and names, in the order they were joined; none for somebody not followed (D25).
pub async fn user(app: App, ApiRequest { who: me, req, .. }: ApiRequest<TagUser>) -> Result<Data, ApiError> {
    let groups = app.store.groups_of(me, req.fid).await?.ok_or_else(|| nobody("fid"))?;
    let named = groups.into_iter().filter_map(|(tagid, own)| {
        let name = own.or_else(|| group::built_in_name(tagid).map(str::to_owned))?;
        Some((tagid, name))
    });
    Ok(Data(named.collect()))
}
