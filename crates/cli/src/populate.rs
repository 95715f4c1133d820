//! Filling a store with generated rows.

use crate::Failure;
use guanxi_storage::commands::{ImportResult, InsertRows};
use guanxi_storage::{FieldCipher, Row, Store};
use indicatif::ProgressBar;
use std::sync::Arc;

/// The number of rows per commit.
const ROWS_PER_COMMIT: usize = 20_000;

/// Inserts rows as an import does. Advances the bar by the rows for which `is_counted` returns true.
pub(crate) async fn insert_rows(
    store: &impl Store,
    cipher: &Arc<FieldCipher>,
    rows: impl Iterator<Item = Row>,
    bar: &ProgressBar,
    is_counted: impl Fn(&Row) -> bool,
) -> Result<(), Failure> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Row> = rows.by_ref().take(ROWS_PER_COMMIT).collect();
        let counted = chunk.iter().filter(|row| is_counted(row)).count();
        let ImportResult { error, .. } =
            store.run(InsertRows { rows: chunk, cipher: Arc::clone(cipher) }).await?;
        bar.inc(counted as u64);
        if let Some(error) = error {
            return Err(format!("the synthetic community is invalid: {error}").into());
        }
    }
    Ok(())
}
