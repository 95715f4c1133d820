//! `GET /x/relation/followers`: the followers of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, PreEncoded};
use crate::{default_avatar, to_api};
use guanxi_api::member_list::RelationPage;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_storage::store::{List, ListQuery};

/// Returns a page of the followers.
pub async fn list_followers(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<ListFollowers>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    let ListFollowers { vmid: owner, ps, pn, order } = params;
    let window = super::list_window(&app, owner, viewer, ps, pn).await?;
    let query = ListQuery { owner, list: List::Followers, viewer, window, order };
    let page = app.list_page(query).await?.ok_or_else(|| super::member_not_found("vmid"))?;
    to_api::list_page(&page, || default_avatar::url(&app, &client))
}
