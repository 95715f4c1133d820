//! `GET /x/relation/tags`: one's groups. Putting members into them is below.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::tags::{Group, Tags};
use guanxi_domain::group;
use guanxi_storage::Store;
use guanxi_types::Tagid;

pub mod add_users;

/// Tells one's groups: everybody's two, then one's own (D20).
pub async fn tags(app: App, ApiRequest { who: me, .. }: ApiRequest<Tags>) -> Result<Vec<Group>, ApiError> {
    let groups = app.store.groups(me).await?;
    let built_in = [(Tagid::SPECIAL, groups.special), (Tagid::DEFAULT, groups.default)];
    let built_in =
        built_in.map(|(tagid, count)| told(tagid, group::built_in_name(tagid).unwrap_or_default(), count));
    let own = groups.own.iter().map(|(group, count)| told(group.tagid, &group.name, *count));
    Ok(built_in.into_iter().chain(own).collect())
}

fn told(tagid: Tagid, name: &str, count: u32) -> Group {
    Group { tagid, name: name.to_owned(), count: u64::from(count) }
}
