//! `GET /operator/tokens`: the tokens of operators.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::tokens::list_tokens::{Data, Entry, ListTokens};
use guanxi_storage::Store;
use guanxi_storage::model::OperatorToken;

/// Returns names and roles of all tokens, ordered by name.
pub async fn list_tokens(app: App, _: ApiRequest<ListTokens>) -> Result<Data, ApiError> {
    let mut tokens: Vec<OperatorToken> = app.store.all().await?;
    tokens.sort_by(|a, b| a.name.cmp(&b.name));
    let list =
        tokens.into_iter().map(|OperatorToken { name, role, created, .. }| Entry { name, role, created });
    Ok(Data { list: list.collect() })
}
