//! `GET /x/relation/followers`: who follows a member.

use crate::answer::{Json, Reject};
use crate::app::App;
use crate::call::Call;
use crate::show;
use guanxi_rules::page;
use guanxi_store::Store;
use guanxi_store::store::{List, PageOf};
use guanxi_wire::Code;
use guanxi_wire::api::relation::followers::Followers;
use guanxi_wire::listed::Page;

/// Tells a page of them.
pub async fn followers(
    app: App,
    Call { who: viewer, req, .. }: Call<Followers>,
) -> Result<Json<Page>, Reject> {
    let Followers { vmid: owner, ps, pn, order } = req;
    let window = page::window(ps, pn, viewer == Some(owner))?;
    let page = PageOf { owner, list: List::Fans, viewer, window, order };
    show::page(&app.store.page(page).await?.ok_or(Code::NoMember)?)
}
