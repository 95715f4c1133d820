//! Readiness: true while writes are durable.

use guanxi_storage::commands::ProbeWrites;
use guanxi_storage::{CommandError, Engine, StorageError, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// The longest duration of a write of a ready service.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// The time for which a result is cached, so that frequent requests cause no further writes.
const CACHE_DURATION: Duration = Duration::from_secs(1);

/// The reason for which a service is not ready.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotReady {
    /// A write failed.
    #[error("{0}")]
    Failed(Arc<CommandError>),
    /// A write takes too long.
    #[error("a write takes more than {PROBE_TIMEOUT:?}")]
    Slow,
}

/// The time and the result of the last probe.
type LastProbe = Option<(Instant, Result<(), NotReady>)>;

/// The last probe. The lock is held during a probe, so that concurrent requests share it.
#[derive(Debug, Default)]
pub struct Readiness(Arc<Mutex<LastProbe>>);

impl Readiness {
    /// Returns `Ok` if a write to the store would be durable, as of at most one second ago. The probe is a write
    /// without effect, which takes the path of all writes. A write that failed since makes the service unready at
    /// once.
    pub async fn probe(&self, store: &Engine) -> Result<(), NotReady> {
        let mut last_probe = Arc::clone(&self.0).lock_owned().await;
        if let Some((at, result)) = &*last_probe
            && at.elapsed() < CACHE_DURATION
        {
            return store.write_error().map_or_else(|| result.clone(), |error| Err(error.into()));
        }
        let store = store.clone();
        // A task of its own: a caller that disconnects must not cause a further write.
        let probe = tokio::spawn(async move {
            let result = write(&store).await;
            *last_probe = Some((Instant::now(), result.clone()));
            result
        });
        // The task is cancelled only when the service ends.
        probe.await.unwrap_or_else(|_| Err(StorageError::Closed.into()))
    }
}

impl From<StorageError> for NotReady {
    fn from(error: StorageError) -> NotReady {
        NotReady::Failed(Arc::new(error.into()))
    }
}

/// Writes without effect.
async fn write(store: &Engine) -> Result<(), NotReady> {
    match timeout(PROBE_TIMEOUT, store.run(ProbeWrites)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: a write would not be durable");
            Err(NotReady::Failed(Arc::new(error)))
        }
        Err(_) => {
            tracing::warn!(timeout = ?PROBE_TIMEOUT, "not ready: a write takes too long");
            Err(NotReady::Slow)
        }
    }
}
