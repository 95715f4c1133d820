//! `GET /x/relation`: the caller's relation to another member.

use super::member_not_found;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::relations::get_relation::{Data, GetRelation};
use guanxi_domain::relation::{self, Relation};
use guanxi_storage::Store;

/// Returns the caller's relation to another member.
pub async fn get_relation(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<GetRelation>,
) -> Result<Data, ApiError> {
    let pair = app.store.relation_pair(me, params.fid).await?.ok_or_else(|| member_not_found("fid"))?;
    let relation = pair.outgoing.as_ref();
    Ok(Data {
        mid: params.fid,
        attribute: relation::encode_attribute(relation, pair.incoming.as_ref()),
        mtime: relation.map_or(0, |relation| relation.mtime),
        tag: relation.and_then(Relation::tag),
        special: relation.map_or(0, Relation::special),
    })
}
