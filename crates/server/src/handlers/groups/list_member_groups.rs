//! `GET /x/relation/tag/user`: the caller's groups that contain a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::relations::member_not_found;
use crate::http::response::ApiError;
use guanxi_api::groups::list_member_groups::{Data, ListMemberGroups};
use guanxi_domain::group;
use guanxi_storage::Store;

/// Returns tagids and names in the order in which the member joined the groups. Empty for a member that is not
/// followed (D25).
pub async fn list_member_groups(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<ListMemberGroups>,
) -> Result<Data, ApiError> {
    let groups = app.store.groups_containing(me, params.fid).await?.ok_or_else(|| member_not_found("fid"))?;
    let named = groups.into_iter().filter_map(|(tagid, own_name)| {
        let name = own_name.or_else(|| group::built_in_name(tagid).map(str::to_owned))?;
        Some((tagid, name))
    });
    Ok(Data(named.collect()))
}
