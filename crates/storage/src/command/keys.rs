//! The keys that private data were sealed with.

use super::Command;
use crate::Error;
use crate::row::KeyMark;
use crate::txn::Txn;
use crate::vault::Mark;

/// Takes note of the keys of a ring, if it has every key that the store was sealed with; tells whether it has.
#[derive(Clone, Debug)]
pub struct NoteKeys {
    /// Its marks.
    pub marks: Vec<Mark>,
    /// Whether keys that are not in it are no longer needed.
    pub alone: bool,
}

impl Command for NoteKeys {
    type Answer = bool;
    const WAITS: bool = true;

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<bool, Error> {
        let known = tx.all::<KeyMark>().await?;
        let has = |known: &KeyMark| self.marks.contains(&Mark { id: known.id, check: known.check });
        if !self.alone && !known.iter().all(has) {
            return Ok(false);
        }
        for old in known.iter().filter(|known| !has(known)) {
            tx.delete::<KeyMark>(old.id).await?;
        }
        for &Mark { id, check } in &self.marks {
            if !known.contains(&KeyMark { id, check }) {
                tx.put(&KeyMark { id, check }).await?;
            }
        }
        Ok(true)
    }
}
