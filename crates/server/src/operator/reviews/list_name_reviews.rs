//! `GET /operator/reviews/names`: the names that are pending review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::reviews::list_name_reviews::{Data, Entry, ListNameReviews};
use guanxi_storage::Store;
use guanxi_storage::model::{Card, NameReview};

/// Returns the names that are pending review, oldest first.
pub async fn list_name_reviews(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListNameReviews>,
) -> Result<Data, ApiError> {
    let (since, limit) = (params.since.unwrap_or(0), parse_limit(params.limit)?);
    let pending: Vec<NameReview> = app.store.pending_reviews(since, limit).await?;
    let mut list = Vec::with_capacity(pending.len());
    for NameReview { mid, uname, submitted, .. } in pending {
        let card = app.store.get(mid).await?.unwrap_or(Card::new(mid));
        list.push(Entry { mid, uname, shown: card.uname, submitted });
    }
    Ok(Data { list })
}
