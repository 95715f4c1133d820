//! `GET /operator/reviews/realnames`: applications for real name verification that wait.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::{OperatorRequest, limit};
use guanxi_api::operator::reviews::realnames::{Data, Entry, Realnames};
use guanxi_storage::StorageError;
use guanxi_storage::Store;
use guanxi_storage::row::{Card, Realname};
use guanxi_storage::vault::Field;

/// Tells the applications that wait, the longest first.
pub async fn realnames(
    app: App,
    OperatorRequest { req, .. }: OperatorRequest<Realnames>,
) -> Result<Data, OperatorError> {
    let waiting: Vec<Realname> = app.store.waiting(req.since.unwrap_or(0), limit(req.limit)?).await?;
    let mut list = Vec::with_capacity(waiting.len());
    for row in waiting {
        list.push(entry(&app, row).await?);
    }
    Ok(Data { list })
}

async fn entry(app: &App, row: Realname) -> Result<Entry, StorageError> {
    let Realname { mid, name, card, card_type, submitted, .. } = row;
    let name = app.vault.open_any(Field::Name, mid, name.as_ref())?.unwrap_or_default();
    let card = app.vault.open_any(Field::Card, mid, card.as_ref())?.unwrap_or_default();
    let uname = app.store.get(mid).await?.unwrap_or(Card::of(mid)).uname;
    Ok(Entry { mid, uname, name, card, card_type, submitted })
}
