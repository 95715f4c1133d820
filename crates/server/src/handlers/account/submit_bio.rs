//! `POST /x/member/web/sign/update`: submits a bio for review.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::submit_bio::SubmitBio;
use guanxi_storage::Store;
use guanxi_storage::commands;
use std::sync::Arc;

/// Submits a bio for review, or clears the current one.
pub async fn submit_bio(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<SubmitBio>,
) -> Result<(), ApiError> {
    let bio = params.user_sign.unwrap_or_default();
    let words = Arc::clone(&app.sensitive_words);
    Ok(app.store.run(commands::SubmitBio { me, bio, words, review: app.bio_review, now }).await?)
}
