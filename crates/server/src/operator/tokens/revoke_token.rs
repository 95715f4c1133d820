//! `POST /operator/tokens/revoke`: revokes a token.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::tokens::revoke_token::RevokeToken;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Revokes a token.
pub async fn revoke_token(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<RevokeToken>,
) -> Result<(), ApiError> {
    Ok(app.store.run(Audited { by, now, command: operator::RevokeToken(params.name) }).await?)
}
