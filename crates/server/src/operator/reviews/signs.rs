//! `GET /operator/reviews/signs`: signs that wait.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::{Duty, limit};
use guanxi_store::Store;
use guanxi_store::row::{Card, SignReview};
use guanxi_wire::operator::reviews::signs::{Data, Entry, Signs};

/// Tells the signs that wait, the longest first.
pub async fn signs(app: App, Duty { req, .. }: Duty<Signs>) -> Result<Data, Denied> {
    let waiting: Vec<SignReview> = app.store.waiting(req.since.unwrap_or(0), limit(req.limit)?).await?;
    let mut list = Vec::with_capacity(waiting.len());
    for SignReview { mid, sign, submitted, due, .. } in waiting {
        let card = app.store.get(mid).await?.unwrap_or(Card::of(mid));
        list.push(Entry { mid, uname: card.uname, sign, shown: card.sign, due, submitted });
    }
    Ok(Data { list })
}
