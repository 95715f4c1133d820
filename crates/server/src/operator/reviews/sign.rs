//! `POST /operator/reviews/sign`: what a moderator says to a sign.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::reviews::sign::ReviewSign;
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::command::operate::Verdict;
use guanxi_storage::command::operate::{self, Audited};

/// Approves or rejects a sign.
pub async fn sign(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<ReviewSign>,
) -> Result<(), OperatorError> {
    let ReviewSign { mid, submitted, approve, remark } = req;
    let verdict = verdict(approve, remark)?;
    Ok(app.store.run(Audited { by, now, deed: operate::ReviewSign { mid, submitted, verdict } }).await?)
}

/// What a moderator says. A rejection has a reason.
pub(super) fn verdict(approve: bool, remark: Option<String>) -> Result<Verdict, OperatorError> {
    let remark = remark.unwrap_or_default();
    match (approve, remark.trim()) {
        (true, "") => Ok(Verdict::Approve),
        (true, _) => Err(OperatorError::Wrong("remark is for a rejection".to_owned())),
        (false, "") => Err(OperatorError::Wrong("remark is missing: a rejection says why".to_owned())),
        (false, remark) => {
            value::REMARK.hold("remark", remark).map_err(OperatorError::invalid)?;
            Ok(Verdict::Reject(remark.to_owned()))
        }
    }
}
