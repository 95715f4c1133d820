//! `GET /x/relation/whispers`: whom one whispers.

use crate::answer::{ApiError, PreEncoded};
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::listed::Page;
use guanxi_domain::page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::ErrorCode;
use guanxi_types::Order;

/// Tells a page of them, the newest first.
pub async fn whispers(
    app: App,
    ApiRequest { who: me, req, sender, .. }: ApiRequest<Whispers>,
) -> Result<PreEncoded<Page>, ApiError> {
    let window = page::window(req.ps, req.pn, true)?;
    let page = ListQuery { owner: me, list: List::Whispers, viewer: Some(me), window, order: Order::Desc };
    let page = app.store.page(page).await?.ok_or(ErrorCode::NoMember)?;
    show::page(&page, || noface::address(&app, &sender))
}
