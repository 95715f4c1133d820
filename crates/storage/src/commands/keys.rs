//! The record of the keys that encrypted private data.

use super::Command;
use crate::CommandError;
use crate::encryption::KeyFingerprint;
use crate::model::KeyFingerprintRow;
use crate::transaction::Transaction;

/// Records the keys of a keyring if it contains every key that the store has recorded. Returns true if it does.
#[derive(Clone, Debug)]
pub struct RecordKeys {
    /// The fingerprints of the keyring's keys.
    pub fingerprints: Vec<KeyFingerprint>,
    /// True to delete recorded keys that the keyring does not contain, since no data needs them any more.
    pub forget_others: bool,
}

impl Command for RecordKeys {
    type Output = bool;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let recorded = tx.all::<KeyFingerprintRow>().await?;
        let is_in_keyring = |key: &KeyFingerprintRow| {
            self.fingerprints.contains(&KeyFingerprint { id: key.id, fingerprint: key.fingerprint })
        };
        if !self.forget_others && !recorded.iter().all(is_in_keyring) {
            return Ok(false);
        }
        for key in recorded.iter().filter(|key| !is_in_keyring(key)) {
            tx.delete::<KeyFingerprintRow>(key.id).await?;
        }
        for &KeyFingerprint { id, fingerprint: check } in &self.fingerprints {
            if !recorded.contains(&KeyFingerprintRow { id, fingerprint: check }) {
                tx.put(&KeyFingerprintRow { id, fingerprint: check }).await?;
            }
        }
        Ok(true)
    }
}
