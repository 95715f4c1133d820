//! The keys that private data were sealed with.

use super::Command;
use crate::CommandError;
use crate::row::KeyMark;
use crate::txn::Transaction;
use crate::vault::KeyFingerprint;

/// Takes note of the keys of a ring, if it has every key that the store was sealed with; tells whether it has.
#[derive(Clone, Debug)]
pub struct RecordKeys {
    /// Its marks.
    pub marks: Vec<KeyFingerprint>,
    /// Whether keys that are not in it are no longer needed.
    pub alone: bool,
}

impl Command for RecordKeys {
    type Answer = bool;
    const WAITS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let known = tx.all::<KeyMark>().await?;
        let has = |known: &KeyMark| self.marks.contains(&KeyFingerprint { id: known.id, check: known.check });
        if !self.alone && !known.iter().all(has) {
            return Ok(false);
        }
        for old in known.iter().filter(|known| !has(known)) {
            tx.delete::<KeyMark>(old.id).await?;
        }
        for &KeyFingerprint { id, check } in &self.marks {
            if !known.contains(&KeyMark { id, check }) {
                tx.put(&KeyMark { id, check }).await?;
            }
        }
        Ok(true)
    }
}
