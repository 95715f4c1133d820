//! `GET /x/relation/followings`: the members that a member follows.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::RelationPage;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_storage::store::List;

/// Returns a page of the followed members.
pub async fn list_followings(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<ListFollowings>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    let ListFollowings { vmid: owner, ps, pn, order } = params;
    let query = super::list_query(&app, (owner, List::Followings), viewer, (ps, pn), order).await?;
    super::relation_page(&app, &client, query).await
}
