//! Tokens of operators.

use crate::app::App;
use crate::http::response::ApiError;
use guanxi_storage::Store;
use guanxi_storage::model::OperatorToken;
use guanxi_types::HttpError;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

/// Returns the token of the `Authorization` header, or 401.
pub(crate) async fn bearer_token(app: &App, headers: &HeaderMap) -> Result<OperatorToken, ApiError> {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(HttpError::Unauthorized.into());
    }
    find_token(app, token).await
}

/// Returns the record of a token, or 401. Tokens are looked up by hash, so that timing reveals nothing about others.
pub(crate) async fn find_token(app: &App, token: &str) -> Result<OperatorToken, ApiError> {
    let hash: [u8; 32] = Sha256::digest(token.trim()).into();
    Ok(app.store.get(hash).await?.ok_or(HttpError::Unauthorized)?)
}
