//! `POST /operator/tokens/revoke`: a token's end.

use crate::app::App;
use crate::operator::denied::AdminError;
use crate::operator::duty::AdminRequest;
use guanxi_api::operator::tokens::revoke::RevokeToken;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};

/// Revokes a token.
pub async fn revoke(
    app: App,
    AdminRequest { by, req, now }: AdminRequest<RevokeToken>,
) -> Result<(), AdminError> {
    Ok(app.store.run(Audited { by, now, deed: operate::RevokeToken(req.name) }).await?)
}
