//! `GET /x/relation/tags`: the caller's groups.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::groups::list_groups::{Group, ListGroups};
use guanxi_domain::group;
use guanxi_storage::Store;
use guanxi_types::Tagid;

/// Returns the two built-in groups, then the caller's own groups (D20).
pub async fn list_groups(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<ListGroups>,
) -> Result<Vec<Group>, ApiError> {
    let groups = app.store.groups(me).await?;
    let built_in = [(Tagid::SPECIAL, groups.special), (Tagid::DEFAULT, groups.default)];
    let built_in = built_in
        .map(|(tagid, count)| group_entry(tagid, group::built_in_name(tagid).unwrap_or_default(), count));
    let own = groups.own.iter().map(|(group, count)| group_entry(group.tagid, &group.name, *count));
    Ok(built_in.into_iter().chain(own).collect())
}

fn group_entry(tagid: Tagid, name: &str, count: u32) -> Group {
    Group { tagid, name: name.to_owned(), count: u64::from(count) }
}
