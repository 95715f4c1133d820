//! `GET /x/relation/tag`: the members of a group.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::relations::list_refused;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::member_list::GroupMember;
use guanxi_domain::paging;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;

/// Returns a page of the members of a group, latest joined first (D25).
pub async fn list_group_members(
    app: App,
    ApiRequest { caller: me, params, client, .. }: ApiRequest<ListGroupMembers>,
) -> Result<PreEncoded<Vec<GroupMember>>, ApiError> {
    let window = paging::page_window(params.ps, params.pn, true)?;
    let query =
        ListQuery { owner: me, list: List::Group(params.tagid), viewer: None, window, order: Order::Desc };
    app.list_page(query, &client).await?.map_err(|refusal| list_refused(query.list, refusal))
}
