//! Advisory locks of rows that no member owns. A lock stands for a bucket of keys of one table.

use crate::commands::{Prefetch, RowKey};
use crate::model::Table;

/// The number of buckets of a table. The lock number behind them stands for the whole table.
const LOCK_BUCKETS: i64 = 1024;

/// Returns the lock number of a row, or `None` if a member owns it: then the member's lock protects it.
pub(super) fn row_lock(row: &RowKey) -> Option<i64> {
    if row.table.schema().is_member_keyed() {
        return None;
    }
    let bucket = row.bytes.iter().fold(0, |sum: i64, byte| (sum * 31 + i64::from(*byte)) % LOCK_BUCKETS);
    Some(first_lock(row.table) + bucket)
}

/// Returns the numbers of all locks of a prefetch. A member's is the mid, which no advisory lock equals.
pub(in crate::postgres) fn lock_numbers(prefetch: &Prefetch) -> Vec<i64> {
    let owners = prefetch.relations.iter().map(|(from, _)| *from);
    let owners = owners.chain(prefetch.rows.iter().filter_map(RowKey::owner));
    let members = prefetch.members.iter().copied().chain(owners).map(|mid| mid.get().cast_signed());
    let mut numbers: Vec<i64> = members.chain(prefetch.rows.iter().filter_map(row_lock)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Returns the lock number of a whole table.
pub(super) fn table_lock(table: Table) -> i64 {
    first_lock(table) + LOCK_BUCKETS
}

fn first_lock(table: Table) -> i64 {
    // Small numbers may be locks of other programs in the same database.
    const BASE: i64 = 0x6775_616e_7869 << 16;
    BASE + (table as i64) * (LOCK_BUCKETS + 1)
}
