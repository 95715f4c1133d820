//! `GET /x/relation`: one's tie to another. The rest of the relation chain is below.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::relation::{Data, GetRelation};
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::{BadParam, Malformed};
use guanxi_domain::page::{self, Window};
use guanxi_domain::tie::{self, Relation};
use guanxi_storage::Store;
use guanxi_types::Mid;

pub mod blacks;
pub mod followers;
pub mod followings;
pub mod modify;
pub mod stat;
pub mod tag;
pub mod tags;
pub mod whispers;

/// Tells one's tie to another.
pub async fn relation(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<GetRelation>,
) -> Result<Data, ApiError> {
    let pair = app.store.pair(me, req.fid).await?.ok_or_else(|| nobody("fid"))?;
    let tie = pair.outgoing.as_ref();
    Ok(Data {
        mid: req.fid,
        attribute: tie::attribute(tie, pair.incoming.as_ref()),
        mtime: tie.map_or(0, |tie| tie.mtime),
        tag: tie.and_then(Relation::tag),
        special: tie.map_or(0, Relation::special),
    })
}

/// The refusal of a mid that is nobody's, where the endpoint's document has no other than -400 (D39).
pub(super) fn nobody(name: &'static str) -> ApiError {
    BadParam { name, why: Malformed("is nobody's") }.into()
}

/// The entries that a page of a member's list holds, as `viewer` may see them. -400 for nobody wins over 22007 (D4).
async fn window(app: &App, owner: Mid, viewer: Option<Mid>, ps: Ps, pn: Pn) -> Result<Window, ApiError> {
    match page::window(ps, pn, viewer == Some(owner)) {
        Err(_) if app.store.stat(owner).await?.is_none() => Err(nobody("vmid")),
        window => Ok(window?),
    }
}
