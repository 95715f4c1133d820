//! `GET /operator/reviews/signs`: the bios that are pending review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::reviews::list_bio_reviews::{Data, Entry, ListBioReviews};
use guanxi_storage::Store;
use guanxi_storage::model::{BioReview, Card};

/// Returns the bios that are pending review, oldest first.
pub async fn list_bio_reviews(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListBioReviews>,
) -> Result<Data, ApiError> {
    let (since, limit) = (params.since.unwrap_or(0), parse_limit(params.limit)?);
    let pending: Vec<BioReview> = app.store.pending_reviews(since, limit).await?;
    let mut list = Vec::with_capacity(pending.len());
    for BioReview { mid, sign, submitted, due, .. } in pending {
        let card = app.store.get(mid).await?.unwrap_or(Card::new(mid));
        list.push(Entry { mid, uname: card.uname, sign, shown: card.sign, due, submitted });
    }
    Ok(Data { list })
}
