//! `GET /operator/reviews/realnames`: the applications for real-name verification that are pending review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::reviews::list_realname_reviews::{Data, Entry, ListRealnameReviews};
use guanxi_storage::StorageError;
use guanxi_storage::Store;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Card, Realname};

/// Returns the applications that are pending review, oldest first.
pub async fn list_realname_reviews(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListRealnameReviews>,
) -> Result<Data, ApiError> {
    let (since, limit) = (params.since.unwrap_or(0), parse_limit(params.limit)?);
    let pending: Vec<Realname> = app.store.pending_reviews(since, limit).await?;
    let mut list = Vec::with_capacity(pending.len());
    for row in pending {
        list.push(to_entry(&app, row).await?);
    }
    Ok(Data { list })
}

/// Decrypts an application.
pub(crate) async fn to_entry(app: &App, row: Realname) -> Result<Entry, StorageError> {
    let Realname { mid, name, card, card_type, submitted, .. } = row;
    let name = app.cipher.decrypt_optional(SensitiveField::Name, mid, name.as_ref())?.unwrap_or_default();
    let card = app.cipher.decrypt_optional(SensitiveField::Card, mid, card.as_ref())?.unwrap_or_default();
    let uname = app.store.get(mid).await?.unwrap_or(Card::new(mid)).uname;
    Ok(Entry { mid, uname, name, card, card_type, submitted })
}
