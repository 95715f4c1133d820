//! `GET /x/relation`: one's tie to another. The rest of the relation chain is below.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_rules::tie::{self, Tie};
use guanxi_store::Store;
use guanxi_wire::Code;
use guanxi_wire::api::relation::{Data, Relation};

pub mod blacks;
pub mod followers;
pub mod followings;
pub mod modify;
pub mod stat;
pub mod tag;
pub mod tags;
pub mod whispers;

/// Tells one's tie to another.
pub async fn relation(app: App, Call { who: me, req, .. }: Call<Relation>) -> Result<Data, Reject> {
    let pair = app.store.pair(me, req.fid).await?.ok_or(Code::NoMember)?;
    let tie = pair.mine.as_ref();
    Ok(Data {
        mid: req.fid,
        attribute: tie::attribute(tie, pair.theirs.as_ref()),
        mtime: tie.map_or(0, |tie| tie.mtime),
        tag: tie.and_then(Tie::tag),
        special: tie.map_or(0, Tie::special),
    })
}
