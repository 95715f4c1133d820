//! `POST /operator/reviews/sign`: approves or rejects a bio.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::reviews::review_bio::ReviewBio;
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::Verdict;
use guanxi_storage::commands::operator::{self, Audited};

/// Approves or rejects a bio.
pub async fn review_bio(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<ReviewBio>,
) -> Result<(), ApiError> {
    let ReviewBio { mid, submitted, approve, remark } = params;
    let verdict = parse_verdict(approve, remark)?;
    Ok(app.store.run(Audited { by, now, command: operator::ReviewBio { mid, submitted, verdict } }).await?)
}

/// Returns the verdict of a moderator. A rejection requires a reason.
pub(super) fn parse_verdict(approve: bool, remark: Option<String>) -> Result<Verdict, ApiError> {
    let remark = remark.unwrap_or_default();
    match (approve, remark.trim()) {
        (true, "") => Ok(Verdict::Approve),
        (true, _) => Err(ApiError::InvalidRequest("remark is allowed for a rejection only".to_owned())),
        (false, "") => {
            Err(ApiError::InvalidRequest("remark is missing: a rejection needs a reason".to_owned()))
        }
        (false, remark) => {
            value::REMARK.validate("remark", remark).map_err(ApiError::from_invalid_value)?;
            Ok(Verdict::Reject(remark.to_owned()))
        }
    }
}
