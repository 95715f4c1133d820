//! The commands behind `/passport/export`: an archive is requested, made in chunks by the one program that claimed it,
//! and deleted after some days.

use super::keys::follow_keys;
use super::{Command, Prefetch, delete_existing, require_member};
use crate::encryption::{FieldCipher, SensitiveField};
use crate::model::{DataExport, DataExportChunk, DataExportJob};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// The number of chunks that one step of a deletion deletes.
const DELETION_BATCH: u32 = 64;

/// Requests an archive. It replaces an earlier one. Rejects with 30120 while one is being made.
#[derive(Clone, Copy, Debug)]
pub struct RequestExport {
    /// The member.
    pub me: Mid,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for RequestExport {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<DataExportJob>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &RequestExport { me: mid, now } = self;
        require_member(tx, mid).await?;
        if tx.get::<DataExportJob>(mid).await?.is_some() {
            return Err(ErrorCode::ExportInProgress.into());
        }
        Ok(tx.put(&DataExportJob { requested: now, claimed_until: now, ..DataExportJob::new(mid) }).await?)
    }
}

/// A claim of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportClaim {
    /// The member.
    pub mid: Mid,
    /// The random id.
    pub id: u64,
    /// The second until which it lasts, unless it is renewed.
    pub until: i64,
}

impl ExportClaim {
    /// Returns the job of the claim. Rejects with 30121 if the claim has ended.
    async fn job<T: Transaction>(&self, tx: &mut T) -> Result<DataExportJob, CommandError> {
        require_member(tx, self.mid).await?;
        let job = tx.get::<DataExportJob>(self.mid).await?.filter(|job| job.claim == self.id);
        Ok(job.ok_or(ErrorCode::ExportNotFound)?)
    }
}

/// Claims a job that no program works on, and deletes the chunks of earlier archives. Returns true if it is claimed.
#[derive(Clone, Copy, Debug)]
pub struct ClaimExport {
    /// The claim.
    pub claim: ExportClaim,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ClaimExport {
    type Output = bool;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let &ClaimExport { claim: ExportClaim { mid, id, until }, now } = self;
        require_member(tx, mid).await?;
        let job = tx.get::<DataExportJob>(mid).await?.filter(|job| job.claimed_until <= now);
        let Some(job) = job else { return Ok(false) };
        let earlier = tx.get::<DataExport>(mid).await?.map_or(0, |export| export.chunks);
        for number in 0..job.chunks.max(earlier) {
            tx.delete::<DataExportChunk>((mid, number)).await?;
        }
        delete_existing::<T, DataExport>(tx, mid).await?;
        tx.put(&DataExportJob { claim: id, claimed_until: until, chunks: 0, ..job }).await?;
        Ok(true)
    }
}

/// Appends a chunk to an archive, and renews the claim. Rejects with 30121 if the claim has ended.
#[derive(Clone, Debug)]
pub struct AddExportChunk {
    /// The claim.
    pub claim: ExportClaim,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl Command for AddExportChunk {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let AddExportChunk { claim, bytes, cipher } = self;
        let (mid, job) = (claim.mid, claim.job(tx).await?);
        follow_keys(tx, cipher).await?;
        let data = Some(cipher.encrypt_bytes(SensitiveField::Export, mid, bytes)?);
        tx.put(&DataExportChunk { mid, part: job.chunks, data }).await?;
        Ok(tx.put(&DataExportJob { claimed_until: claim.until, chunks: job.chunks + 1, ..job }).await?)
    }
}

/// Finishes an archive. Rejects with 30121 if the claim has ended.
#[derive(Clone, Copy, Debug)]
pub struct FinishExport {
    /// The claim.
    pub claim: ExportClaim,
    /// The size of the archive in bytes.
    pub bytes: u64,
    /// The second from which the archive may be deleted.
    pub expires: i64,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for FinishExport {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &FinishExport { claim, bytes, expires, now: finished } = self;
        let job = claim.job(tx).await?;
        tx.delete::<DataExportJob>(claim.mid).await?;
        Ok(tx.put(&DataExport { mid: claim.mid, finished, expires, chunks: job.chunks, bytes }).await?)
    }
}

/// Deletes some chunks of an expired archive, or its row after the last.
pub(super) async fn expire_export<T: Transaction>(
    tx: &mut T,
    export: DataExport,
) -> Result<(), StorageError> {
    let mid = export.mid;
    let rest = export.chunks.saturating_sub(DELETION_BATCH);
    for number in rest..export.chunks {
        tx.delete::<DataExportChunk>((mid, number)).await?;
    }
    match rest {
        0 => tx.delete::<DataExport>(mid).await,
        chunks => tx.put(&DataExport { chunks, ..export }).await,
    }
}

/// Has the archive of a member made again if an older key encrypted it, since its bytes are not encrypted again.
pub(super) async fn renew_export<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
) -> Result<(), StorageError> {
    let first = tx.get::<DataExportChunk>((mid, 0)).await?.and_then(|chunk| chunk.data);
    if first.is_none_or(|data| cipher.uses_newest_key(&data)) {
        return Ok(());
    }
    let job = tx.get::<DataExportJob>(mid).await?;
    let export = tx.get::<DataExport>(mid).await?;
    let requested = export.as_ref().map_or(0, |export| export.finished);
    let job = job.unwrap_or(DataExportJob { requested, ..DataExportJob::new(mid) });
    let chunks = job.chunks.max(export.map_or(0, |export| export.chunks));
    for number in 0..chunks {
        tx.delete::<DataExportChunk>((mid, number)).await?;
    }
    delete_existing::<T, DataExport>(tx, mid).await?;
    // No claim has the id 0, so a program that works on the archive starts again.
    tx.put(&DataExportJob { claim: 0, claimed_until: job.requested, chunks: 0, ..job }).await
}
