//! `POST /operator/reviews/name`: approves or rejects a name.

use super::review_bio::parse_verdict;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::reviews::review_name::ReviewName;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use std::sync::Arc;

/// Approves or rejects a name.
pub async fn review_name(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<ReviewName>,
) -> Result<(), ApiError> {
    let ReviewName { mid, submitted, approve, remark } = params;
    let (verdict, cipher) = (parse_verdict(approve, remark)?, Arc::clone(&app.cipher));
    let command = operator::ReviewName { mid, submitted, verdict, cipher };
    Ok(app.store.run(Audited { by, now, command }).await?)
}
