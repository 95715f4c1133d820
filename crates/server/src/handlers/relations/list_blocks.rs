//! `GET /x/relation/blacks`: the members that the caller has blocked.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::RelationPage;
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_domain::paging;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;

/// Returns a page of the blocked members, newest first.
pub async fn list_blocks(
    app: App,
    ApiRequest { caller: me, params, client, .. }: ApiRequest<ListBlocks>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    let window = paging::page_window(params.ps, params.pn, true)?;
    let query = ListQuery { owner: me, list: List::Blocks, viewer: Some(me), window, order: Order::Desc };
    super::relation_page(&app, &client, query).await
}
