//! Operators' tokens, and deeds whose work is done elsewhere.

use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::row::OperatorToken;
use crate::txn::Transaction;
use guanxi_types::ErrorCode;
use serde_json::json;

/// Keeps a new token. 30062 if another has its name.
#[derive(Clone, Debug)]
pub struct CreateToken(
    /// The token.
    pub OperatorToken,
);

impl OperatorCommand for CreateToken {
    type Answer = ();
    const NAME: &'static str = "token/create";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let token = &self.0;
        if tx.all::<OperatorToken>().await?.iter().any(|other| other.name == token.name) {
            return Err(ErrorCode::TokenExists.into());
        }
        tx.put(token).await?;
        let after = json!({"name": token.name, "role": token.role});
        Ok(OperatorOutcome { answer: (), change: Some(Change { after, ..Change::default() }) })
    }
}

/// Revokes the token of a name. 30060 if there is none.
#[derive(Clone, Debug)]
pub struct RevokeToken(
    /// Its name.
    pub String,
);

impl OperatorCommand for RevokeToken {
    type Answer = ();
    const NAME: &'static str = "token/revoke";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let tokens = tx.all::<OperatorToken>().await?;
        let token = tokens.into_iter().find(|token| token.name == self.0).ok_or(ErrorCode::NoToken)?;
        tx.delete::<OperatorToken>(token.hash).await?;
        let before = json!({"name": token.name, "role": token.role});
        Ok(OperatorOutcome { answer: (), change: Some(Change { before, ..Change::default() }) })
    }
}

/// Only the log: keys are rotated.
#[derive(Clone, Copy, Debug)]
pub struct KeyRotationLogged {
    /// The key that seals from now on.
    pub key: u32,
}

impl OperatorCommand for KeyRotationLogged {
    type Answer = ();
    const NAME: &'static str = "keys/rotate";

    async fn apply<T: Transaction>(&self, _: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let after = json!({"key": self.key});
        Ok(OperatorOutcome { answer: (), change: Some(Change { after, ..Change::default() }) })
    }
}
