//! `GET /x/space/acc/relation`: the relations between the caller and another member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::relations::member_not_found;
use crate::http::response::ApiError;
use guanxi_api::relations::get_relation_pair::{Data, DirectedRelation, GetRelationPair};
use guanxi_domain::relation::{self, Relation};
use guanxi_storage::Store;
use guanxi_types::Mid;

/// Returns the relations in both directions. That of the other member is shown as others may see it.
pub async fn get_relation_pair(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<GetRelationPair>,
) -> Result<Data, ApiError> {
    let pair = app.store.relation_pair(me, params.mid).await?.ok_or_else(|| member_not_found("mid"))?;
    let (outgoing, incoming) = (pair.outgoing.as_ref(), relation::visible_to_others(pair.incoming.as_ref()));
    Ok(Data {
        relation: directed_relation(params.mid, outgoing, incoming),
        be_relation: directed_relation(me, incoming, outgoing),
    })
}

fn directed_relation(mid: Mid, relation: Option<&Relation>, reverse: Option<&Relation>) -> DirectedRelation {
    DirectedRelation {
        mid,
        attribute: relation::encode_attribute(relation, reverse),
        mtime: relation.map_or(0, |relation| relation.mtime),
        tag: relation.and_then(Relation::tag),
        special: relation.map_or(0, Relation::special),
        is_followed: false,
    }
}
