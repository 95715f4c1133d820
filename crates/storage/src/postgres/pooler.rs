//! Detection of a pooler that gives each transaction another session of the server. A connection would lose its
//! settings, advisory locks and prepared statements.

use super::connector::{Connector, pair};
use super::sql::system;
use crate::StorageError;
use crate::error::OpenError;
use tokio_postgres::Client;

/// Returns an error if the transactions of a connection run in several sessions.
pub(super) async fn check(connector: &Connector, first: &Client) -> Result<(), OpenError> {
    // A server or a role may permit one connection only. Then nothing can be detected.
    let Ok((second, _)) = connector.connect().await else { return Ok(()) };
    let is_pooled = share_sessions(first, &second).await;
    // A pooler keeps the session, with the locks that the connection took.
    let _ = second.batch_execute("discard all").await;
    match is_pooled {
        Ok(true) => Err(OpenError::TransactionPooling),
        Ok(false) => Ok(()),
        Err(error) => Err(OpenError::Database(error.into())),
    }
}

/// Returns true if two connections use the same session, or one uses several.
async fn share_sessions(first: &Client, second: &Client) -> Result<bool, StorageError> {
    let one = session(first).await?;
    // An idle pooler gives the same session again, and one that takes turns gives another one.
    let other = [session(second).await?, session(second).await?];
    Ok(other.contains(&one) || other[0] != other[1] || session(first).await? != one)
}

/// Returns the process and the start time of the session that answers. A pooler may not support prepared statements.
async fn session(client: &Client) -> Result<[Option<String>; 2], StorageError> {
    pair(client, system::OWN_BACKEND).await
}
