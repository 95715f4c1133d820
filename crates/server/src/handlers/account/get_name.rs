//! `GET /passport/name`: the caller's name, and its review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_name::{Data, GetName, PendingName, ReviewedName};
use guanxi_domain::name;
use guanxi_storage::Store;
use guanxi_storage::model::{Account, Card, Entity, NameReview};

/// Returns the name, the pending one, and the outcome of the latest review.
pub async fn get_name(
    app: App,
    ApiRequest { caller: me, now, .. }: ApiRequest<GetName>,
) -> Result<Data, ApiError> {
    let card = app.store.get(me).await?.unwrap_or(Card::new(me));
    let changed_at = app.store.get(me).await?.map_or(0, |account: Account| account.name_changed);
    let wait = name::wait_for_change(changed_at, app.limits.name_change_secs, now);
    let review: Option<NameReview> = app.store.get(me).await?;
    let (waits, ended) = match review {
        Some(review) if review.review_since().is_some() => (Some(pending_name(review)), None),
        Some(review) => (None, Some(reviewed_name(review))),
        None => (None, None),
    };
    let changeable = wait.map_or(0, |seconds| now.saturating_add(seconds));
    Ok(Data { uname: card.uname, changeable, waits, ended })
}

fn pending_name(NameReview { uname, submitted, .. }: NameReview) -> PendingName {
    PendingName { uname, submitted }
}

fn reviewed_name(NameReview { uname, rejected, ended, .. }: NameReview) -> ReviewedName {
    ReviewedName { uname, approved: rejected.is_none(), remark: rejected.unwrap_or_default(), time: ended }
}
