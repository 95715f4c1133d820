//! The ZIP file of an archive. Its bytes are stored in chunks as soon as they are complete, so that memory is bounded.

use super::CLAIM_SECS;
use crate::app::App;
use guanxi_domain::day;
use guanxi_storage::commands::{AddExportChunk, ExportClaim, FinishExport};
use guanxi_storage::{CommandError, StorageError, Store};
use guanxi_types::{ErrorCode, Mid};
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The size of a stored chunk.
const CHUNK_BYTES: usize = 128 << 10;

/// An error of an archive.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    /// A row could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A step was rejected: the claim has ended, or the member was deleted.
    #[error("rejected with {}", .0.number())]
    Rejected(ErrorCode),
    /// The ZIP file could not be written.
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    /// A file of the archive could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A row could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl ArchiveError {
    /// Returns no error if another program makes the archive, or nobody needs it any more.
    pub(super) fn unless_replaced(self) -> Result<(), ArchiveError> {
        match self {
            ArchiveError::Rejected(_) => Ok(()),
            error => Err(error),
        }
    }
}

impl From<CommandError> for ArchiveError {
    fn from(error: CommandError) -> ArchiveError {
        match error {
            CommandError::Rejected(code) => ArchiveError::Rejected(code),
            CommandError::Fault(error) => ArchiveError::Storage(error),
        }
    }
}

/// The written bytes that are not stored yet.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// Returns the first bytes of the buffer, if it has as many.
    fn take(&self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() < count {
            return None;
        }
        let rest = bytes.split_off(count);
        Some(mem::replace(&mut *bytes, rest))
    }

    fn take_all(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive that is being made.
pub(super) struct Archive {
    app: App,
    mid: Mid,
    /// The id of the claim.
    id: u64,
    options: SimpleFileOptions,
    zip: ZipWriter<StreamWriter<Buffer>>,
    buffer: Buffer,
    /// The number of stored bytes.
    bytes: u64,
}

impl Archive {
    pub(super) fn new(app: &App, mid: Mid, id: u64) -> Archive {
        let buffer = Buffer::default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip_time(app.now()))
            .large_file(true);
        Archive {
            app: app.clone(),
            mid,
            id,
            options,
            zip: ZipWriter::new_stream(buffer.clone()),
            buffer,
            bytes: 0,
        }
    }

    /// Begins a file.
    pub(super) fn begin(&mut self, name: &str) -> Result<(), ArchiveError> {
        Ok(self.zip.start_file(name, self.options)?)
    }

    /// Appends bytes to the file, and stores the complete chunks.
    pub(super) async fn append(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.zip.write_all(bytes)?;
        while let Some(chunk) = self.buffer.take(CHUNK_BYTES) {
            self.store(chunk).await?;
        }
        Ok(())
    }

    /// Appends a whole file.
    pub(super) async fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.begin(name)?;
        self.append(bytes).await
    }

    /// Stores the end of the ZIP file, and lets the member download it.
    pub(super) async fn finish(mut self) -> Result<(), ArchiveError> {
        let zip = mem::replace(&mut self.zip, ZipWriter::new_stream(Buffer::default()));
        drop(zip.finish()?);
        while let Some(chunk) = self.buffer.take(CHUNK_BYTES) {
            self.store(chunk).await?;
        }
        let rest = self.buffer.take_all();
        self.store(rest).await?;
        let (now, bytes) = (self.app.now(), self.bytes);
        let expires = now.saturating_add(self.app.limits.export_secs);
        Ok(self.app.store.run(FinishExport { claim: self.claim(), bytes, expires, now }).await?)
    }

    async fn store(&mut self, bytes: Vec<u8>) -> Result<(), ArchiveError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        let (claim, cipher) = (self.claim(), Arc::clone(&self.app.cipher));
        Ok(self.app.store.run(AddExportChunk { claim, bytes, cipher }).await?)
    }

    fn claim(&self) -> ExportClaim {
        ExportClaim { mid: self.mid, id: self.id, until: self.app.now().saturating_add(CLAIM_SECS) }
    }
}

/// Returns the time of the files. The format has no time before 1980.
fn zip_time(second: i64) -> DateTime {
    let number = |text: &str| text.parse::<u8>().unwrap_or_default();
    let text = day::format_time(second);
    let year = text[..4].parse().unwrap_or_default();
    let [month, day, hour, minute, second] = [5, 8, 11, 14, 17].map(|at| number(&text[at..at + 2]));
    DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default()
}
