//! `GET /x/relation/whispers`: whom one whispers.

use crate::answer::{Json, Reject};
use crate::app::App;
use crate::call::Call;
use crate::{noface, show};
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::listed::Page;
use guanxi_domain::page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, PageOf};
use guanxi_types::Code;
use guanxi_types::Order;

/// Tells a page of them, the newest first.
pub async fn whispers(
    app: App,
    Call { who: me, req, sender, .. }: Call<Whispers>,
) -> Result<Json<Page>, Reject> {
    let window = page::window(req.ps, req.pn, true)?;
    let page = PageOf { owner: me, list: List::Whispers, viewer: Some(me), window, order: Order::Desc };
    let page = app.store.page(page).await?.ok_or(Code::NoMember)?;
    show::page(&page, || noface::address(&app, &sender))
}
