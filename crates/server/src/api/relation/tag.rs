//! `GET /x/relation/tag`: who is in a group. Making and unmaking groups is below.

use crate::answer::{ApiError, PreEncoded};
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::relation::tag::Tag;
use guanxi_api::listed::Grouped;
use guanxi_domain::page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::ErrorCode;
use guanxi_types::Order;

pub mod create;
pub mod del;
pub mod update;
pub mod user;

/// Tells a page of a group's members, who joined it last first (D25).
pub async fn tag(
    app: App,
    ApiRequest { who: me, req, sender, .. }: ApiRequest<Tag>,
) -> Result<PreEncoded<Vec<Grouped>>, ApiError> {
    let window = page::window(req.ps, req.pn, true)?;
    let page =
        ListQuery { owner: me, list: List::Group(req.tagid), viewer: None, window, order: Order::Desc };
    let page = app.store.page(page).await?.ok_or(ErrorCode::NoGroup)?;
    show::group(&page, || noface::address(&app, &sender))
}
