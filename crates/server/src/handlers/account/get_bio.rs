//! `GET /passport/sign`: the caller's bio, and its review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_bio::{Data, GetBio, PendingBio, ReviewedBio};
use guanxi_storage::Store;
use guanxi_storage::model::{BioReview, Card, Entity};

/// Returns the published bio, the pending one, and the outcome of the latest review.
pub async fn get_bio(app: App, ApiRequest { caller: me, .. }: ApiRequest<GetBio>) -> Result<Data, ApiError> {
    let card = app.store.get(me).await?.unwrap_or(Card::new(me));
    let review: Option<BioReview> = app.store.get(me).await?;
    let (pending, reviewed) = match review {
        Some(review) if review.review_since().is_some() => (Some(pending_bio(review)), None),
        Some(review) => (None, Some(reviewed_bio(review))),
        None => (None, None),
    };
    Ok(Data { sign: card.sign, waits: pending, ended: reviewed })
}

fn pending_bio(review: BioReview) -> PendingBio {
    let BioReview { sign, submitted, due, .. } = review;
    PendingBio { sign, submitted, due }
}

fn reviewed_bio(review: BioReview) -> ReviewedBio {
    let approved = review.rejected.is_none();
    ReviewedBio {
        sign: review.sign,
        approved,
        remark: review.rejected.unwrap_or_default(),
        time: review.ended,
    }
}
