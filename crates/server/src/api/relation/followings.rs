//! `GET /x/relation/followings`: whom a member follows.

use crate::answer::{Json, Reject};
use crate::app::App;
use crate::call::Call;
use crate::{noface, show};
use guanxi_store::Store;
use guanxi_store::store::{List, PageOf};
use guanxi_wire::api::relation::followings::Followings;
use guanxi_wire::listed::Page;

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
