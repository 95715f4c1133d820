//! `GET /x/relation/followers`: the followers of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::RelationPage;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_storage::store::List;

/// Returns a page of the followers.
pub async fn list_followers(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<ListFollowers>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    let ListFollowers { vmid: owner, ps, pn, order } = params;
    let query = super::list_query(&app, (owner, List::Followers), viewer, (ps, pn), order).await?;
    super::relation_page(&app, &client, query).await
}
