//! `POST /operator/tokens/revoke`: revokes a token.

use crate::app::App;
use crate::operator::error::OperatorError;
use crate::operator::request::OperatorRequest;
use guanxi_api::operator::tokens::revoke_token::RevokeToken;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Revokes a token.
pub async fn revoke_token(
    app: App,
    OperatorRequest { by, params, now }: OperatorRequest<RevokeToken>,
) -> Result<(), OperatorError> {
    Ok(app.store.run(Audited { by, now, command: operator::RevokeToken(params.name) }).await?)
}
