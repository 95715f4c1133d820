//! `GET /x/relation/whispers`: the members that the caller follows privately.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::RelationPage;
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_domain::paging;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;

/// Returns a page of the privately followed members, newest first.
pub async fn list_whispers(
    app: App,
    ApiRequest { caller: me, params, client, .. }: ApiRequest<ListWhispers>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    let window = paging::page_window(params.ps, params.pn, true)?;
    let query = ListQuery { owner: me, list: List::Whispers, viewer: Some(me), window, order: Order::Desc };
    super::relation_page(&app, &client, query).await
}
