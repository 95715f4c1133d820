//! `POST /operator/tokens/revoke`: a token's end.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::tokens::revoke::RevokeToken;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Operate};

/// Revokes a token.
pub async fn revoke(app: App, Duty { by, req, now }: Duty<RevokeToken>) -> Result<(), Denied> {
    Ok(app.store.run(Operate { by, now, deed: operate::RevokeToken(req.name) }).await?)
}
