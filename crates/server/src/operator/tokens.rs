//! `GET /operator/tokens`: operators' tokens.

pub mod create;
pub mod revoke;

use super::denied::OperatorError;
use super::duty::OperatorRequest;
use crate::app::App;
use guanxi_api::operator::tokens::{Data, Entry, Tokens};
use guanxi_storage::Store;
use guanxi_storage::row::OperatorToken;

/// Tells which tokens there are.
pub async fn tokens(app: App, _: OperatorRequest<Tokens>) -> Result<Data, OperatorError> {
    let mut tokens: Vec<OperatorToken> = app.store.all().await?;
    tokens.sort_by(|one, other| one.name.cmp(&other.name));
    let list =
        tokens.into_iter().map(|OperatorToken { name, role, created, .. }| Entry { name, role, created });
    Ok(Data { list: list.collect() })
}
