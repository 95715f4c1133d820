//! `POST /operator/reviews/realname`: what a moderator says to a real name.

use super::sign::verdict;
use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::reviews::realname::ReviewRealname;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Operate};

/// Approves or rejects a real name.
pub async fn realname(app: App, Duty { by, req, now }: Duty<ReviewRealname>) -> Result<(), Denied> {
    let ReviewRealname { mid, submitted, approve, remark } = req;
    let verdict = verdict(approve, remark)?;
    Ok(app.store.run(Operate { by, now, deed: operate::ReviewRealname { mid, submitted, verdict } }).await?)
}
