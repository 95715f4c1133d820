//! `POST /operator/reviews/realname`: what a moderator says to a real name.

use super::sign::verdict;
use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::reviews::realname::ReviewRealname;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};

/// Approves or rejects a real name.
pub async fn realname(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<ReviewRealname>,
) -> Result<(), OperatorError> {
    let ReviewRealname { mid, submitted, approve, remark } = req;
    let verdict = verdict(approve, remark)?;
    Ok(app.store.run(Audited { by, now, deed: operate::ReviewRealname { mid, submitted, verdict } }).await?)
}
