//! Operators' commands on their tokens, and the audit entry of a key rotation.

use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::model::OperatorToken;
use crate::transaction::Transaction;
use guanxi_types::ErrorCode;
use serde_json::json;

/// Stores a new token. Rejects with 30062 if a token of that name exists.
#[derive(Clone, Debug)]
pub struct CreateToken(
    /// The token.
    pub OperatorToken,
);

impl OperatorCommand for CreateToken {
    type Output = ();
    const ACTION: &'static str = "/operator/tokens/create";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let token = &self.0;
        if tx.all::<OperatorToken>().await?.iter().any(|other| other.name == token.name) {
            return Err(ErrorCode::TokenExists.into());
        }
        tx.put(token).await?;
        let after = json!({"name": token.name, "role": token.role});
        Ok(OperatorOutcome { output: (), change: Some(Change { after, ..Change::default() }) })
    }
}

/// Revokes the token of a name. Rejects with 30060 if there is none.
#[derive(Clone, Debug)]
pub struct RevokeToken(
    /// The name.
    pub String,
);

impl OperatorCommand for RevokeToken {
    type Output = ();
    const ACTION: &'static str = "/operator/tokens/revoke";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let tokens = tx.all::<OperatorToken>().await?;
        let token = tokens.into_iter().find(|token| token.name == self.0).ok_or(ErrorCode::TokenNotFound)?;
        tx.delete::<OperatorToken>(token.hash).await?;
        let before = json!({"name": token.name, "role": token.role});
        Ok(OperatorOutcome { output: (), change: Some(Change { before, ..Change::default() }) })
    }
}

/// Writes the audit entry of a key rotation. The server replaces the key file.
#[derive(Clone, Copy, Debug)]
pub struct LogKeyRotation {
    /// The id of the new key.
    pub key: u32,
}

impl OperatorCommand for LogKeyRotation {
    type Output = ();
    const ACTION: &'static str = "/operator/keys/rotate";

    async fn apply<T: Transaction>(&self, _: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let after = json!({"key": self.key});
        Ok(OperatorOutcome { output: (), change: Some(Change { after, ..Change::default() }) })
    }
}
