//! `GET /x/relation/followings`: whom a member follows.

use crate::answer::{ApiError, PreEncoded};
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::listed::Page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};

/// Tells a page of them.
pub async fn followings(
    app: App,
    ApiRequest { who: viewer, req, sender, .. }: ApiRequest<Followings>,
) -> Result<PreEncoded<Page>, ApiError> {
    let Followings { vmid: owner, ps, pn, order } = req;
    let window = super::window(&app, owner, viewer, ps, pn).await?;
    let page = ListQuery { owner, list: List::Followings, viewer, window, order };
    let page = app.store.page(page).await?.ok_or_else(|| super::nobody("vmid"))?;
    show::page(&page, || noface::address(&app, &sender))
}
