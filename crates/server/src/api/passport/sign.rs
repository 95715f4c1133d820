//! `GET /passport/sign`: one's sign, and how its review stands.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::sign::{Data, Ended, Sign, Waiting};
use guanxi_storage::Store;
use guanxi_storage::row::{Card, Record, SignReview};

/// Tells what is shown, what waits, and how the latest review ended.
pub async fn sign(app: App, ApiRequest { who: me, .. }: ApiRequest<Sign>) -> Result<Data, ApiError> {
    let card = app.store.get(me).await?.unwrap_or(Card::of(me));
    let review: Option<SignReview> = app.store.get(me).await?;
    let (waits, ended) = match review {
        Some(review) if review.waits().is_some() => (Some(waiting(review)), None),
        Some(review) => (None, Some(ended(review))),
        None => (None, None),
    };
    Ok(Data { sign: card.sign, waits, ended })
}

fn waiting(review: SignReview) -> Waiting {
    let SignReview { sign, submitted, due, .. } = review;
    Waiting { sign, submitted, due }
}

fn ended(review: SignReview) -> Ended {
    let approved = review.rejected.is_none();
    Ended { sign: review.sign, approved, remark: review.rejected.unwrap_or_default(), time: review.ended }
}
