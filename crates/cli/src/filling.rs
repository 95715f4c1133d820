//! A store is filled with made-up rows.

use crate::Failure;
use guanxi_storage::command::{ImportResult, InsertRows};
use guanxi_storage::{FieldCipher, Row, Store};
use indicatif::ProgressBar;
use std::sync::Arc;

/// How many rows share a commit.
const CHUNK: usize = 20_000;

/// Takes rows in as those of a dump, and moves a bar by those that count.
pub(crate) async fn load(
    store: &impl Store,
    vault: &Arc<FieldCipher>,
    rows: impl Iterator<Item = Row>,
    bar: &ProgressBar,
    counts: impl Fn(&Row) -> bool,
) -> Result<(), Failure> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Row> = rows.by_ref().take(CHUNK).collect();
        let counted = chunk.iter().filter(|row| counts(row)).count();
        let ImportResult { fault, .. } =
            store.run(InsertRows { rows: chunk, vault: Arc::clone(vault) }).await?;
        bar.inc(counted as u64);
        if let Some(fault) = fault {
            return Err(format!("the made-up community has a fault: {fault}").into());
        }
    }
    Ok(())
}
