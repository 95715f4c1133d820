//! Operators' tokens, and deeds whose work is done elsewhere.

use super::{Change, Deed, Done};
use crate::Error;
use crate::row::OperatorToken;
use crate::txn::Txn;
use guanxi_types::Code;
use serde_json::json;

/// Keeps a new token. 30062 if another has its name.
#[derive(Clone, Debug)]
pub struct CreateToken(
    /// The token.
    pub OperatorToken,
);

impl Deed for CreateToken {
    type Answer = ();
    const NAME: &'static str = "token/create";

    async fn apply<T: Txn>(&self, tx: &mut T, _: i64) -> Result<Done<()>, Error> {
        let token = &self.0;
        if tx.all::<OperatorToken>().await?.iter().any(|other| other.name == token.name) {
            return Err(Code::TokenExists.into());
        }
        tx.put(token).await?;
        let after = json!({"name": token.name, "role": token.role});
        Ok(Done { answer: (), change: Some(Change { after, ..Change::default() }) })
    }
}

/// Revokes the token of a name. 30060 if there is none.
#[derive(Clone, Debug)]
pub struct RevokeToken(
    /// Its name.
    pub String,
);

impl Deed for RevokeToken {
    type Answer = ();
    const NAME: &'static str = "token/revoke";

    async fn apply<T: Txn>(&self, tx: &mut T, _: i64) -> Result<Done<()>, Error> {
        let tokens = tx.all::<OperatorToken>().await?;
        let token = tokens.into_iter().find(|token| token.name == self.0).ok_or(Code::NoToken)?;
        tx.delete::<OperatorToken>(token.hash).await?;
        let before = json!({"name": token.name, "role": token.role});
        Ok(Done { answer: (), change: Some(Change { before, ..Change::default() }) })
    }
}

/// Only the log: keys are rotated.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// The key that seals from now on.
    pub key: u32,
}

impl Deed for Noted {
    type Answer = ();
    const NAME: &'static str = "keys/rotate";

    async fn apply<T: Txn>(&self, _: &mut T, _: i64) -> Result<Done<()>, Error> {
        let after = json!({"key": self.key});
        Ok(Done { answer: (), change: Some(Change { after, ..Change::default() }) })
    }
}
