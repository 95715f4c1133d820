//! The state of a connection: its requests in flight, the bytes its peer has yet to read, and its deadlines.

use super::quota::{Client, Reservation};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// The minimum rate at which a peer has to read a response, in bytes a second.
pub(crate) const MIN_RATE: u64 = 4_096;

/// The timeouts of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionTimeouts {
    /// The timeout of a request head, and of a peer that reads nothing of a response.
    pub(crate) header: Duration,
    /// The timeout between requests.
    pub(crate) idle: Duration,
}

/// The state of a connection. The tasks of the connection and of its streams write it, the sweep of the table reads
/// it. Times are milliseconds since `opened`.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    /// The client with its quotas.
    pub(crate) client: Arc<Client>,
    timeouts: ConnectionTimeouts,
    opened: Instant,
    in_flight: AtomicUsize,
    /// The number of requests with a complete head.
    requests_started: AtomicUsize,
    /// The end of the last request in flight.
    last_request_end: AtomicU64,
    /// The start of an incomplete head, plus 1. 0 if there is none.
    head_since: AtomicU64,
    /// The backlog of the socket: 1 while a write is blocked.
    pub(crate) socket: Backlog,
    /// The backlog of HTTP/2 responses that wait for the peer's window, in bytes.
    pub(crate) window: Backlog,
    /// True once a head had both Content-Length and Transfer-Encoding.
    pub(crate) has_ambiguous_length: AtomicBool,
    /// True if the peer may still be sending when the connection ends.
    pub(crate) lingers: AtomicBool,
    task: OnceLock<AbortHandle>,
}

impl ConnectionState {
    /// Creates the state of a new connection.
    pub(crate) fn new(client: Arc<Client>, timeouts: ConnectionTimeouts) -> Arc<ConnectionState> {
        Arc::new(ConnectionState {
            client,
            timeouts,
            opened: Instant::now(),
            in_flight: AtomicUsize::new(0),
            requests_started: AtomicUsize::new(0),
            last_request_end: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            socket: Backlog::default(),
            window: Backlog::default(),
            has_ambiguous_length: AtomicBool::new(false),
            lingers: AtomicBool::new(false),
            task: OnceLock::new(),
        })
    }

    fn millis_at(&self, now: Instant) -> u64 {
        millis(now.saturating_duration_since(self.opened))
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> u64 {
        self.millis_at(Instant::now())
    }

    /// Returns the header timeout, in milliseconds.
    pub(crate) fn header_timeout(&self) -> u64 {
        millis(self.timeouts.header)
    }

    /// Returns the number of requests that have started.
    pub(crate) fn requests_started(&self) -> usize {
        self.requests_started.load(Ordering::Relaxed)
    }

    /// Returns true while a request is in flight.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    /// Records that bytes of a head arrived.
    pub(crate) fn record_head_bytes(&self) {
        if self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now() + 1, Ordering::Relaxed);
        }
    }

    /// Starts a request whose head is complete.
    pub(crate) fn start_request(self: &Arc<ConnectionState>) -> RequestGuard {
        self.head_since.store(0, Ordering::Relaxed);
        self.requests_started.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        RequestGuard { connection: Arc::clone(self), is_admitted: false, head: None }
    }

    /// Returns true if a deadline of the peer has passed. A request in flight has its own limits and extends the
    /// idle deadline, but not the deadline for reading earlier responses.
    pub(crate) fn is_overdue(&self, now: Instant) -> bool {
        let now = self.millis_at(now);
        if self.socket.is_overdue(now) || self.window.is_overdue(now) {
            return true;
        }
        !self.is_busy() && now >= self.deadline()
    }

    fn deadline(&self) -> u64 {
        let header = self.header_timeout();
        match self.head_since.load(Ordering::Relaxed) {
            0 if self.requests_started() == 0 => header,
            0 => self.last_request_end.load(Ordering::Relaxed) + millis(self.timeouts.idle),
            since => since - 1 + header,
        }
    }

    /// Returns the instant since which the connection has been idle. Returns `None` while it has a request in
    /// flight or an unsent response.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let is_idle = !self.is_busy() && self.window.is_empty() && self.socket.is_empty();
        is_idle.then(|| self.opened + Duration::from_millis(self.last_request_end.load(Ordering::Relaxed)))
    }

    /// Sets the task that serves the connection.
    pub(crate) fn set_task(&self, task: AbortHandle) {
        // The task is set once, so the result is always Ok.
        let _ = self.task.set(task);
    }

    /// Closes the connection by aborting its task.
    pub(crate) fn close(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// A connection, for handlers that close it without a response.
#[derive(Clone, Debug)]
pub struct ConnectionHandle(Arc<ConnectionState>);

impl ConnectionHandle {
    /// Creates the handle of a connection.
    pub(crate) fn new(connection: &Arc<ConnectionState>) -> ConnectionHandle {
        ConnectionHandle(Arc::clone(connection))
    }

    /// Closes the connection with all its requests. Its task ends at its next await.
    pub fn close(&self) {
        self.0.close();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A request in flight, from its complete head to the last byte of its response.
#[derive(Debug)]
pub(crate) struct RequestGuard {
    connection: Arc<ConnectionState>,
    is_admitted: bool,
    head: Option<Reservation>,
}

/// The size up to which a head, or an HTTP/1 response, is not counted. A connection holds at most one of each.
pub(crate) const UNCOUNTED_BYTES: usize = 8_192;

impl RequestGuard {
    /// Returns the connection of the request.
    pub(crate) fn connection(&self) -> &Arc<ConnectionState> {
        &self.connection
    }

    /// Acquires a slot for a request in flight, and reserves its head if it has more than `uncounted` bytes.
    /// Returns false if a quota is exceeded.
    pub(crate) fn admit(&mut self, head_bytes: usize, uncounted: usize) -> bool {
        if head_bytes > uncounted {
            let mut head = Reservation::empty(Arc::clone(&self.connection.client));
            if !head.grow(head_bytes) {
                return false;
            }
            self.head = Some(head);
        }
        self.is_admitted = self.connection.client.try_acquire_request();
        self.is_admitted
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let connection = &self.connection;
        if self.is_admitted {
            connection.client.release_request();
        }
        connection.last_request_end.store(connection.now(), Ordering::Relaxed);
        // Release: a reader that sees no request in flight also sees `last_request_end`.
        connection.in_flight.fetch_sub(1, Ordering::Release);
    }
}

/// Bytes that a peer has yet to read, with a deadline for progress.
///
/// The first deadline is the header timeout. Each byte that the peer reads extends it at [`MIN_RATE`], to at most
/// one header timeout from now.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    pending: AtomicUsize,
    deadline: AtomicU64,
}

impl Backlog {
    /// Adds to the backlog.
    pub(crate) fn add(&self, amount: usize, now: u64, timeout: u64) {
        if self.is_empty() {
            self.deadline.store(now + timeout, Ordering::Relaxed);
        }
        self.pending.fetch_add(amount, Ordering::Release);
    }

    /// Extends the deadline for bytes that the peer read.
    pub(crate) fn record_progress(&self, bytes: usize, now: u64, timeout: u64) {
        let extension = (bytes as u64).saturating_mul(1_000) / MIN_RATE;
        let due = self.deadline.load(Ordering::Relaxed).saturating_add(extension).min(now + timeout);
        self.deadline.store(due, Ordering::Relaxed);
    }

    /// Removes from the backlog.
    pub(crate) fn remove(&self, amount: usize) {
        self.pending.fetch_sub(amount, Ordering::Release);
    }

    /// Returns true if the backlog is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }

    fn is_overdue(&self, now: u64) -> bool {
        !self.is_empty() && now >= self.deadline.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::quota::Quotas;
    use super::*;

    const TIMEOUTS: ConnectionTimeouts =
        ConnectionTimeouts { header: Duration::from_secs(10), idle: Duration::from_mins(1) };

    fn connection() -> Arc<ConnectionState> {
        let client = Client::new(Arc::new(Quotas::new(8, 1 << 20)));
        ConnectionState::new(Arc::new(client), TIMEOUTS)
    }

    /// Returns the number of seconds after which the connection is overdue without further events.
    fn seconds_left(connection: &ConnectionState) -> u64 {
        let now = Instant::now();
        let is_overdue = |seconds: &u64| connection.is_overdue(now + Duration::from_secs(*seconds));
        (0..1_000).find(is_overdue).unwrap_or(u64::MAX)
    }

    async fn advance(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn first_byte_and_head_have_the_header_timeout() {
        let connection = connection();
        assert_eq!(seconds_left(&connection), 10);
        advance(9).await;
        for _ in 0..8 {
            connection.record_head_bytes();
            advance(1).await;
        }
        assert_eq!(seconds_left(&connection), 2, "bytes of the same head do not extend the deadline");
        drop(connection.start_request());
        assert_eq!(seconds_left(&connection), 60);
        advance(59).await;
        connection.record_head_bytes();
        assert_eq!(seconds_left(&connection), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_timeout_starts_after_the_request_in_flight() {
        let connection = connection();
        let request = connection.start_request();
        advance(300).await;
        assert_eq!((seconds_left(&connection), connection.idle_since()), (u64::MAX, None));
        drop(request);
        assert_eq!(seconds_left(&connection), 60);
        assert_eq!(connection.idle_since(), Some(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn backlog_is_overdue_below_the_minimum_rate() {
        for (rate, lasts) in [(MIN_RATE, true), (MIN_RATE / 2, false), (1, false)] {
            let connection = connection();
            let timeout = connection.header_timeout();
            let request = connection.start_request();
            connection.window.add(1_000_000, connection.now(), timeout);
            let mut seconds = 0;
            while seconds < 100 && !connection.is_overdue(Instant::now()) {
                advance(1).await;
                seconds += 1;
                connection.window.record_progress(usize::try_from(rate).unwrap(), connection.now(), timeout);
            }
            assert_eq!(seconds == 100, lasts, "{rate} bytes a second: {seconds} s");
            assert!(lasts || seconds <= 21, "{rate} bytes a second: {seconds} s");
            assert_eq!(connection.idle_since(), None);
            drop(request);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fast_read_does_not_extend_the_deadline_beyond_the_timeout() {
        let connection = connection();
        let timeout = connection.header_timeout();
        connection.window.add(2, connection.now(), timeout);
        connection.window.record_progress(1 << 30, connection.now(), timeout);
        assert_eq!(seconds_left(&connection), 10);
        connection.window.remove(2);
        assert!(connection.idle_since().is_some());
    }
}
