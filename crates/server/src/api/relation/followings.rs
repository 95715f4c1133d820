//! `GET /x/relation/followings`: whom a member follows.

use crate::answer::{Json, Reject};
use crate::app::App;
use crate::call::Call;
use crate::{noface, show};
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::listed::Page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, PageOf};

/// Tells a page of them.
pub async fn followings(
    app: App,
    Call { who: viewer, req, sender, .. }: Call<Followings>,
) -> Result<Json<Page>, Reject> {
    let Followings { vmid: owner, ps, pn, order } = req;
    let window = super::window(&app, owner, viewer, ps, pn).await?;
    let page = PageOf { owner, list: List::Followings, viewer, window, order };
    let page = app.store.page(page).await?.ok_or_else(|| super::nobody("vmid"))?;
    show::page(&page, || noface::address(&app, &sender))
}
