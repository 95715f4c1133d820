//! `POST /x/member/web/sign/update`: a new sign, to be reviewed.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::web::sign::update::SignUpdate;
use guanxi_storage::Store;
use guanxi_storage::command::SubmitSign;
use std::sync::Arc;

/// Submits a sign, or clears it.
pub async fn update(
    app: App,
    ApiRequest { who: me, req, now, .. }: ApiRequest<SignUpdate>,
) -> Result<(), ApiError> {
    let sign = req.user_sign.unwrap_or_default();
    let words = Arc::clone(&app.words);
    Ok(app.store.run(SubmitSign { me, sign, words, review: app.review, now }).await?)
}
