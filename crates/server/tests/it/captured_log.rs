//! A log captured in memory.

use guanxi_server::request_log::LoggedRequest;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::instrument::WithSubscriber;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl io::Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for CapturedLog {
    type Writer = CapturedLog;

    /// Writes the request of the line that follows.
    fn make_writer(&self) -> CapturedLog {
        for (name, value) in LoggedRequest::current().iter().flat_map(LoggedRequest::fields) {
            self.0.lock().unwrap().extend(format!("{name}={value} ").into_bytes());
        }
        self.clone()
    }
}

/// Runs a future. Returns its output and its log.
pub(crate) async fn capture<T>(level: Level, run: impl Future<Output = T>) -> (T, String) {
    let captured = CapturedLog::default();
    let log = tracing_subscriber::fmt().with_ansi(false).with_max_level(level);
    let log = log.with_writer(captured.clone()).finish();
    // With a single subscriber, `tracing` would cache callsites as disabled that threads of other tests reach
    // first.
    let _another = Dispatch::new(tracing_subscriber::registry());
    let output = run.with_subscriber(log).await;
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    (output, log)
}
