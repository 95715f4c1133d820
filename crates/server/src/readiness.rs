//! Readiness: true while writes are durable.

use guanxi_storage::Store;
use guanxi_storage::commands::ProbeWrites;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// The longest duration of a write of a ready service.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// The time for which a result is cached, so that frequent requests cause no further writes.
const CACHE_DURATION: Duration = Duration::from_secs(1);

/// The time and the result of the last probe. The lock is held during a probe, so that concurrent requests share
/// it.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Returns true if a write to the store would be durable, as of at most one second ago. The probe is a write
    /// without effect, which takes the path of all writes.
    pub async fn probe(&self, store: &impl Store) -> bool {
        let mut last_probe = self.0.lock().await;
        if let Some((at, ready)) = *last_probe
            && at.elapsed() < CACHE_DURATION
        {
            return ready;
        }
        // Set before the probe: a caller that disconnects during it must not cause a further write.
        *last_probe = Some((Instant::now(), last_probe.is_some_and(|(_, ready)| ready)));
        let ready = match timeout(PROBE_TIMEOUT, store.run(ProbeWrites)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: a write would not be durable");
                false
            }
            Err(_) => {
                tracing::warn!(timeout = ?PROBE_TIMEOUT, "not ready: a write takes too long");
                false
            }
        };
        *last_probe = Some((Instant::now(), ready));
        ready
    }
}
