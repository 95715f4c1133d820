//! `GET /passport/relations`: the caller's own lists, filtered and sorted.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::own_lists::{ListView, ViewMember};
use crate::remarks::Remarks;
use crate::to_api;
use guanxi_api::member_list::RelationListItem;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_api::relations::list_relations::{Data, ListRelations, OwnListItem};
use guanxi_api::relations::own_list::OwnList;
use guanxi_domain::name::{self, MAX_SEARCH_CHARS};
use guanxi_domain::relation;
use guanxi_storage::store::List;
use guanxi_types::Tagid;

/// Returns the list of the parameters.
///
/// # Errors
///
/// Returns an error for a group of another list than followings.
pub(crate) fn own_list(list: OwnList, group: Option<Tagid>) -> Result<List, ApiError> {
    Ok(match (list, group) {
        (OwnList::Followings, group) => group.map_or(List::Followings, List::Group),
        (_, Some(_)) => {
            let reason = InvalidValue("is only for followings");
            return Err(BadParam { name: "group", reason }.into());
        }
        (OwnList::Followers, None) => List::Followers,
        (OwnList::Whispers, None) => List::Whispers,
        (OwnList::Blocks, None) => List::Blocks,
    })
}

/// Returns a page of a list of the caller.
pub async fn list_relations(
    app: App,
    ApiRequest { caller: me, params, client, .. }: ApiRequest<ListRelations>,
) -> Result<Data, ApiError> {
    let ListRelations { list, group, q, show: filter, sort, ps, pn } = params;
    let list = own_list(list, group)?;
    let text = q.as_deref().unwrap_or_default().trim();
    if text.chars().count() > MAX_SEARCH_CHARS {
        return Err(BadParam { name: "q", reason: InvalidValue("has more than 64 characters") }.into());
    }
    let view = ListView { list, text: name::fold_name(text), filter, sort };
    let found = view.page(&app, me, ps, pn, false).await?;
    let shown = found.members.iter().map(|member| member.entry.mid);
    let remarks = Remarks::on(&app, Some(me), shown).await?;
    let mut entries = Vec::with_capacity(found.members.len());
    for ViewMember { entry, card, .. } in found.members {
        let (mid, attribute, mtime) = (entry.mid, entry.attribute, entry.mtime);
        let (tag, special) = (relation::encode_tag(&entry.groups), relation::encode_special(&entry.groups));
        let mut profile = to_api::profile_summary(card);
        profile.face = app.face_origin.url(&client, profile.face);
        let relation = RelationListItem { mid, attribute, mtime, tag, special, profile };
        entries.push(OwnListItem { relation, remark: remarks.get(mid)?.unwrap_or_default() });
    }
    Ok(Data { list: entries, total: found.total, scanned: found.scanned })
}
