//! `POST /operator/tokens/revoke`: a token's end.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::tokens::revoke::RevokeToken;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};

/// Revokes a token.
pub async fn revoke(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<RevokeToken>,
) -> Result<(), OperatorError> {
    Ok(app.store.run(Audited { by, now, deed: operate::RevokeToken(req.name) }).await?)
}
