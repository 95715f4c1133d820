//! A base copy: the rows of the LMDB tree, streamed into the archive while the store is written.
//!
//! The rows are operations of a WAL record that put them. Their checksums are verified, so damage does not reach the
//! archive. A reader of the tree delays a resize of the map, and a resize delays all readers. So a resize interrupts
//! the copy, and the next attempt has a larger map.

use super::ArchiveError;
use super::layout::{Archive, BaseCopy};
use super::sealed::Sealer;
use crate::StorageError;
use crate::embedded::checkpointer::lower_priority;
use crate::embedded::encoding::{Table, verified};
use crate::embedded::env::LmdbEnv;
use crate::embedded::snapshot::Snapshot;
use crate::embedded::wal::{WalOp, now_ms};
use object_store::{MultipartUpload, PutPayload};
use std::ops::Bound;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::mpsc;

/// The length at which rows become a chunk. The largest row fits into the rest of it.
const ROWS_LEN: usize = 1 << 19;

/// The length of a part of an upload. A store accepts 10,000 parts.
const PART_LEN: usize = 16 << 20;

/// The largest number of sealed chunks that wait for the upload.
const QUEUED_CHUNKS: usize = 4;

/// Uploads a copy of the tree. The copy is complete once [`Archive::create_base`] stored what is returned.
pub(super) async fn copy(
    archive: &Archive,
    env: &Arc<LmdbEnv>,
    timeline: u32,
) -> Result<BaseCopy, ArchiveError> {
    let mut resizes = env.resize_requests();
    let mut rows = RowStream::start(env, archive, timeline)?;
    let mut upload = None;
    let sent = tokio::select! {
        sent = send(archive, &mut upload, &mut rows) => sent,
        _ = resizes.changed() => Err(ArchiveError::Interrupted),
    };
    if sent.is_err() {
        drop(rows);
        if let Some(mut upload) = upload {
            // A store removes what was never completed, at the latest by its own rules.
            let _ = archive.limited("abort", upload.abort()).await;
        }
    }
    sent
}

/// Uploads the chunks of a tree in parts.
async fn send(
    archive: &Archive,
    upload: &mut Option<Box<dyn MultipartUpload>>,
    rows: &mut RowStream,
) -> Result<BaseCopy, ArchiveError> {
    let (mut base, mut part) = (None, Vec::new());
    while let Some(piece) = rows.pieces.recv().await {
        let chunk = match piece? {
            Piece::Start(start) => {
                *upload = Some(archive.upload(&start.data).await?);
                base = Some(start);
                continue;
            }
            Piece::Chunk(chunk) => chunk,
        };
        let (Some(base), Some(upload)) = (&mut base, &mut *upload) else { break };
        base.stored_bytes += chunk.len() as u64;
        part.extend(chunk);
        if part.len() >= PART_LEN {
            let payload = PutPayload::from(std::mem::take(&mut part));
            archive.limited("upload", upload.put_part(payload)).await?;
        }
    }
    rows.finish()?;
    let (Some(base), Some(upload)) = (base, upload) else { return Err(StorageError::Closed.into()) };
    archive.limited("upload", upload.put_part(PutPayload::from(part))).await?;
    archive.limited("upload", upload.complete()).await?;
    Ok(base)
}

/// A piece of a copy.
enum Piece {
    /// The description of the copy, before all chunks.
    Start(BaseCopy),
    /// A chunk of the sealed object.
    Chunk(Vec<u8>),
}

type PieceSender = mpsc::Sender<Result<Piece, StorageError>>;

/// The sealed rows of the tree, read by a thread. Dropping it ends the thread.
struct RowStream {
    pieces: mpsc::Receiver<Result<Piece, StorageError>>,
    thread: Option<JoinHandle<()>>,
}

impl RowStream {
    fn start(env: &Arc<LmdbEnv>, archive: &Archive, timeline: u32) -> Result<RowStream, ArchiveError> {
        let (sender, pieces) = mpsc::channel(QUEUED_CHUNKS);
        let (env, keys) = (Arc::clone(env), archive.keys.clone());
        let read = move || {
            lower_priority();
            let copied = env.with_snapshot(|snapshot| {
                let (lsn, time_ms) = (snapshot.checkpoint()?.lsn, now_ms());
                let data = Archive::new_data_name(timeline, lsn);
                let sealer = Sealer::new(keys.as_ref(), &data);
                let start = Piece::Start(BaseCopy { lsn, time_ms, data, stored_bytes: 0 });
                send_piece(&sender, Ok(start))?;
                RowWriter { sealer, rows: Vec::new(), pieces: &sender }.write_all(&snapshot)
            });
            if let Err(error) = copied {
                // The receiver may be gone.
                let _ = send_piece(&sender, Err(error));
            }
        };
        let thread = thread::Builder::new().name("guanxi-base".to_owned()).spawn(read);
        let thread = thread.map_err(|error| ArchiveError::Io("a base copy", error))?;
        Ok(RowStream { pieces, thread: Some(thread) })
    }

    /// Waits for the end of the thread. Fails if it panicked, since the last chunk is missing then.
    fn finish(&mut self) -> Result<(), StorageError> {
        let joined = self.thread.take().map_or(Ok(()), JoinHandle::join);
        joined.map_err(|_| StorageError::engine("the base copy panicked"))
    }
}

impl Drop for RowStream {
    fn drop(&mut self) {
        // The thread ends at its next chunk.
        self.pieces.close();
        while self.pieces.try_recv().is_ok() {}
        let _ = self.finish();
    }
}

fn send_piece(pieces: &PieceSender, piece: Result<Piece, StorageError>) -> Result<(), StorageError> {
    pieces.blocking_send(piece).map_err(|_| StorageError::Closed)
}

struct RowWriter<'p> {
    sealer: Sealer,
    rows: Vec<u8>,
    pieces: &'p PieceSender,
}

impl RowWriter<'_> {
    fn write_all(mut self, snapshot: &Snapshot<'_>) -> Result<(), StorageError> {
        for table in Table::all() {
            let everything = (Bound::Unbounded, Bound::Unbounded);
            for row in snapshot.tables.range(&snapshot.txn, table, &everything)? {
                let (key, stored) = row?;
                WalOp::Put(table, key, verified(table, key, stored)?).encode(&mut self.rows);
                if self.rows.len() >= ROWS_LEN {
                    self.flush(false)?;
                }
            }
        }
        self.flush(true)
    }

    fn flush(&mut self, is_last: bool) -> Result<(), StorageError> {
        let chunk = self.sealer.chunk(&self.rows, is_last).map_err(StorageError::engine)?;
        self.rows.clear();
        send_piece(self.pieces, Ok(Piece::Chunk(chunk)))
    }
}
