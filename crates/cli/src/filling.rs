//! A store is filled with made-up rows.

use crate::Failure;
use guanxi_storage::command::{Load, Loaded};
use guanxi_storage::{Row, Store, Vault};
use indicatif::ProgressBar;
use std::sync::Arc;

/// How many rows share a commit.
const CHUNK: usize = 20_000;

/// Takes rows in as those of a dump, and moves a bar by those that count.
pub(crate) async fn load(
    store: &impl Store,
    vault: &Arc<Vault>,
    rows: impl Iterator<Item = Row>,
    bar: &ProgressBar,
    counts: impl Fn(&Row) -> bool,
) -> Result<(), Failure> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Row> = rows.by_ref().take(CHUNK).collect();
        let counted = chunk.iter().filter(|row| counts(row)).count();
        let Loaded { fault, .. } = store.run(Load { rows: chunk, vault: Arc::clone(vault) }).await?;
        bar.inc(counted as u64);
        if let Some(fault) = fault {
            return Err(format!("the made-up community has a fault: {fault}").into());
        }
    }
    Ok(())
}
