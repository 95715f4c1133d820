//! `POST /operator/tokens/create`: a new token.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use crate::session::{draw, hex};
use guanxi_api::operator::tokens;
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{Audited, CreateToken};
use guanxi_storage::row::OperatorToken;
use guanxi_types::Role;
use sha2::{Digest, Sha256};

/// Makes a token, and tells it this once.
pub async fn create(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<tokens::create::CreateToken>,
) -> Result<tokens::create::Data, OperatorError> {
    let token = token(&app.store, by, req.name, req.role, now).await?;
    Ok(tokens::create::Data { token })
}

/// Makes a token of a name and a role.
pub async fn token(
    store: &impl Store,
    by: String,
    name: String,
    role: Role,
    now: i64,
) -> Result<String, OperatorError> {
    value::TOKEN_NAME.hold("name", &name).map_err(OperatorError::invalid)?;
    let token = hex(&draw::<32>());
    let hash = Sha256::digest(&token).into();
    let deed = CreateToken(OperatorToken { hash, role, name, created: now });
    store.run(Audited { by, now, deed }).await?;
    Ok(token)
}
