//! `POST /operator/reviews/realname`: approves or rejects an application for real-name verification.

use super::review_bio::parse_verdict;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::reviews::review_realname::ReviewRealname;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Approves or rejects an application.
pub async fn review_realname(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<ReviewRealname>,
) -> Result<(), ApiError> {
    let ReviewRealname { mid, submitted, approve, remark } = params;
    let verdict = parse_verdict(approve, remark)?;
    Ok(app
        .store
        .run(Audited { by, now, command: operator::ReviewRealname { mid, submitted, verdict } })
        .await?)
}
