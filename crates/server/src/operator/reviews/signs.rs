//! `GET /operator/reviews/signs`: signs that wait.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::{OperatorRequest, limit};
use guanxi_api::operator::reviews::signs::{Data, Entry, Signs};
use guanxi_storage::Store;
use guanxi_storage::row::{Card, SignReview};

/// Tells the signs that wait, the longest first.
pub async fn signs(
    app: App,
    OperatorRequest { req, .. }: OperatorRequest<Signs>,
) -> Result<Data, OperatorError> {
    let waiting: Vec<SignReview> = app.store.waiting(req.since.unwrap_or(0), limit(req.limit)?).await?;
    let mut list = Vec::with_capacity(waiting.len());
    for SignReview { mid, sign, submitted, due, .. } in waiting {
        let card = app.store.get(mid).await?.unwrap_or(Card::of(mid));
        list.push(Entry { mid, uname: card.uname, sign, shown: card.sign, due, submitted });
    }
    Ok(Data { list })
}
