//! `GET /x/space/acc/relation`: both ties between oneself and another.

use crate::answer::ApiError;
use crate::api::relation::nobody;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::space::acc::relation::{AccRelation, Data, Tie as Told};
use guanxi_domain::tie::{self, Relation};
use guanxi_storage::Store;
use guanxi_types::Mid;

/// Tells both ties; theirs as others may see it.
pub async fn relation(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<AccRelation>,
) -> Result<Data, ApiError> {
    let pair = app.store.pair(me, req.mid).await?.ok_or_else(|| nobody("mid"))?;
    let (mine, theirs) = (pair.outgoing.as_ref(), tie::seen_by_others(pair.incoming.as_ref()));
    Ok(Data { relation: told(req.mid, mine, theirs), be_relation: told(me, theirs, mine) })
}

fn told(mid: Mid, tie: Option<&Relation>, back: Option<&Relation>) -> Told {
    Told {
        mid,
        attribute: tie::attribute(tie, back),
        mtime: tie.map_or(0, |tie| tie.mtime),
        tag: tie.and_then(Relation::tag),
        special: tie.map_or(0, Relation::special),
        is_followed: false,
    }
}
