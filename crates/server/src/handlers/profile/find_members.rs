//! `GET /passport/members`: members found by name.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::member_search;
use crate::to_api;
use guanxi_api::profile::find_members::{Data, FindMembers, FoundMember};
use guanxi_domain::paging;
use guanxi_storage::name_search::FoundPage;

/// Returns a page of the members that a search by name finds.
pub async fn find_members(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<FindMembers>,
) -> Result<Data, ApiError> {
    let window = paging::page_window(params.ps, params.pn, true)?;
    let found = member_search::find(&app, &client, viewer, &params.q, window).await?;
    let FoundPage { entries, cards, total, is_complete } = found;
    let list = entries.into_iter().zip(cards).map(|(entry, mut card)| {
        card.face = app.face_origin.url(&client, card.face);
        FoundMember { mid: entry.mid, attribute: entry.attribute, profile: to_api::profile_summary(card) }
    });
    Ok(Data { list: list.collect(), total: total as u64, complete: is_complete })
}
