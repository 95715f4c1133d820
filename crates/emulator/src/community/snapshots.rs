//! The snapshots of a community: its data and its clock by name.

use super::Community;
use super::template::TemplateError;
use guanxi_server::clock::ClockReading;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Mutex;

/// The name of the snapshot that every community has.
pub(crate) const START: &str = "start";

/// The maximum number of snapshots of a community.
const MAX_SNAPSHOTS: usize = 100;

/// The maximum length of a name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The snapshots by name, except the one of the start. The lock is held while one is taken or restored.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<BTreeMap<String, Snapshot>>);

#[derive(Debug)]
struct Snapshot {
    folder: TempDir,
    clock: ClockReading,
}

/// An error of a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The name cannot be given to a snapshot.
    #[error("name has not 1 to 64 bytes, or is the name of the start")]
    InvalidName,
    /// The community has no snapshot of the name.
    #[error("name is not a snapshot: {0}")]
    NotFound(String),
    /// The community has the maximum number of snapshots.
    #[error("the community has {MAX_SNAPSHOTS} snapshots already")]
    TooMany,
    /// The data cannot be copied or opened.
    #[error(transparent)]
    Data(#[from] TemplateError),
}

impl Community {
    /// Returns the names of all snapshots, and the clocks of those that have one.
    pub async fn snapshots(&self) -> Vec<(String, Option<ClockReading>)> {
        let named = self.snapshots.0.lock().await;
        let named = named.iter().map(|(name, snapshot)| (name.clone(), Some(snapshot.clock)));
        [(START.to_owned(), None)].into_iter().chain(named).collect()
    }

    /// Stores the data and the clock under a name, and replaces an older snapshot of that name.
    pub async fn take_snapshot(&self, name: &str) -> Result<ClockReading, SnapshotError> {
        if name == START || !(1..=MAX_NAME_BYTES).contains(&name.len()) {
            return Err(SnapshotError::InvalidName);
        }
        let mut named = self.snapshots.0.lock().await;
        if named.len() >= MAX_SNAPSHOTS && !named.contains_key(name) {
            return Err(SnapshotError::TooMany);
        }
        let running = self.running();
        let clock = running.app.clock.reading();
        let folder = self.template.copy_running(&running.app).await?;
        named.insert(name.to_owned(), Snapshot { folder, clock });
        Ok(clock)
    }

    /// Restores the data and the clock of a snapshot, and removes all faults. Returns its clock if it has one.
    pub async fn restore_snapshot(
        self: &Arc<Community>,
        name: &str,
    ) -> Result<Option<ClockReading>, SnapshotError> {
        let named = self.snapshots.0.lock().await;
        let (opened, clock) = if name == START {
            (self.template.open_base().await?, None)
        } else {
            let snapshot = named.get(name).ok_or_else(|| SnapshotError::NotFound(name.to_owned()))?;
            let data = snapshot.folder.path().to_owned();
            (self.template.open_snapshot(data, snapshot.clock).await?, Some(snapshot.clock))
        };
        self.replace_running(opened);
        self.faults.clear(None);
        Ok(clock)
    }
}
