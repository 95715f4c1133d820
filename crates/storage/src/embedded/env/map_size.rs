//! The size of LMDB's map: doubled before it is full, while no reader is active.

use super::super::open_env::round_map_size;
use super::LmdbEnv;
use crate::StorageError;
use std::sync::PoisonError;
use tokio::sync::watch;

impl LmdbEnv {
    /// Returns a receiver that is notified before a resize waits for the readers of this process.
    pub(in super::super) fn resize_requests(&self) -> watch::Receiver<()> {
        self.resize_requests.subscribe()
    }

    /// Doubles the map if more than three quarters of it are in use.
    pub(in super::super) fn ensure_capacity(&self) -> Result<(), StorageError> {
        let info = self.env.info();
        let used = (info.last_page_number + 1).saturating_mul(self.page_size);
        if used > info.map_size / 4 * 3 { self.double_map() } else { Ok(()) }
    }

    /// Doubles the map. No write transaction may be open.
    pub(super) fn double_map(&self) -> Result<(), StorageError> {
        let size = self.resize(|size| size.saturating_mul(2))?;
        tracing::info!(mib = size >> 20, "resized LMDB map");
        Ok(())
    }

    /// Resizes the map. No write transaction may be open.
    pub(in super::super) fn resize(&self, size: impl FnOnce(usize) -> usize) -> Result<usize, StorageError> {
        self.resize_requests.send_replace(());
        let _exclusive = self.resize_lock.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = self.mem_state() {
            state.idle_txns.clear();
        }
        let size = round_map_size(size(self.env.info().map_size));
        // SAFETY: no transaction of this process is active. Readers hold `resize_lock`, and idle transactions have
        // ended. The only thread that writes to LMDB is this one, and it has no open transaction. Maps of other
        // processes are their own.
        #[expect(
            unsafe_code,
            reason = "LMDB does not check for active readers; `resize_lock` excludes them"
        )]
        unsafe { self.env.resize(size) }?;
        Ok(size)
    }
}
