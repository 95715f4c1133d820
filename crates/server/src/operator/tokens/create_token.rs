//! `POST /operator/tokens/create`: creates a token.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::session_token::{random_bytes, to_hex};
use guanxi_api::operator::tokens::create_token::{CreateToken, Data};
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use guanxi_storage::model::OperatorToken;
use guanxi_types::Role;
use sha2::{Digest, Sha256};

/// Creates a token. Only this response contains it.
pub async fn create_token(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<CreateToken>,
) -> Result<Data, ApiError> {
    let token = issue_token(&app.store, by, params.name, params.role, now).await?;
    Ok(Data { token })
}

/// Creates a token with a name and a role. Only its hash is stored.
pub async fn issue_token(
    store: &impl Store,
    by: String,
    name: String,
    role: Role,
    now: i64,
) -> Result<String, ApiError> {
    value::TOKEN_NAME.validate("name", &name).map_err(ApiError::from_invalid_value)?;
    let token = to_hex(&random_bytes::<32>());
    let hash = Sha256::digest(&token).into();
    let command = operator::CreateToken(OperatorToken { hash, role, name, created: now });
    store.run(Audited { by, now, command }).await?;
    Ok(token)
}
