//! `GET /x/relation/followers`: who follows a member.

use crate::answer::{ApiError, PreEncoded};
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::listed::Page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};

/// Tells a page of them.
pub async fn followers(
    app: App,
    ApiRequest { who: viewer, req, sender, .. }: ApiRequest<Followers>,
) -> Result<PreEncoded<Page>, ApiError> {
    let Followers { vmid: owner, ps, pn, order } = req;
    let window = super::window(&app, owner, viewer, ps, pn).await?;
    let page = ListQuery { owner, list: List::Fans, viewer, window, order };
    let page = app.store.page(page).await?.ok_or_else(|| super::nobody("vmid"))?;
    show::page(&page, || noface::address(&app, &sender))
}
