//! The state of a connection: its requests in flight, what its peer has yet to take, and when it is overdue.

use super::quota::{Client, Reservation};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// The least rate at which a peer has to take what it asked for, in bytes a second.
pub(crate) const MIN_RATE: u64 = 4_096;

/// How long a connection may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// Until a request's head is whole, and while the peer takes nothing of an answer.
    pub(crate) header: Duration,
    /// Between requests.
    pub(crate) idle: Duration,
}

/// The state of a connection. The connection's own task and its streams' tasks write it; the table's sweep reads it. Times
/// are milliseconds since `opened`.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The peer's address, with its quotas.
    pub(crate) client: Arc<Client>,
    timeouts: Timeouts,
    opened: Instant,
    in_flight: AtomicUsize,
    /// The number of requests whose head was whole.
    begun: AtomicUsize,
    /// The end of the last request in flight.
    quiet_since: AtomicU64,
    /// One more than the time at which a head began that is not whole yet; 0 if there is none.
    head_since: AtomicU64,
    /// Bytes that the socket did not take.
    pub(crate) socket: Backlog,
    /// Bytes of HTTP/2 answers that wait for the peer's window.
    pub(crate) window: Backlog,
    /// True once a head had both Content-Length and Transfer-Encoding.
    pub(crate) has_ambiguous_length: AtomicBool,
    /// True if the peer may still be sending when the connection ends.
    pub(crate) lingers: AtomicBool,
    task: OnceLock<AbortHandle>,
}

impl Connection {
    /// A connection that was just opened.
    pub(crate) fn new(client: Arc<Client>, timeouts: Timeouts) -> Arc<Connection> {
        Arc::new(Connection {
            client,
            timeouts,
            opened: Instant::now(),
            in_flight: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            quiet_since: AtomicU64::new(0),
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

    /// The current time.
    pub(crate) fn now(&self) -> u64 {
        self.millis_at(Instant::now())
    }

    /// The header timeout, in milliseconds.
    pub(crate) fn header_timeout(&self) -> u64 {
        millis(self.timeouts.header)
    }

    /// The number of requests that have begun.
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    /// Returns true while a request is in flight.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    /// Notes that bytes of a head came.
    pub(crate) fn note_head(&self) {
        if self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now() + 1, Ordering::Relaxed);
        }
    }

    /// Begins a request, whose head is whole.
    pub(crate) fn begin(self: &Arc<Connection>) -> RequestGuard {
        self.head_since.store(0, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        RequestGuard { connection: Arc::clone(self), is_admitted: false, head: None }
    }

    /// Returns true if the peer's time is up. A request in flight has limits of its own and is waited for, but not for a
    /// peer that takes nothing of the answers before.
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
            0 if self.begun() == 0 => header,
            0 => self.quiet_since.load(Ordering::Relaxed) + millis(self.timeouts.idle),
            since => since - 1 + header,
        }
    }

    /// The instant since which the connection has been idle, or `None` while it has a request in flight or an answer to send.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let is_idle = !self.is_busy() && self.window.is_empty() && self.socket.is_empty();
        is_idle.then(|| self.opened + Duration::from_millis(self.quiet_since.load(Ordering::Relaxed)))
    }

    /// Names the task that serves the connection.
    pub(crate) fn set_task(&self, task: AbortHandle) {
        // A connection has one task, and it is set once.
        let _ = self.task.set(task);
    }

    /// Closes the connection, by ending its task.
    pub(crate) fn close(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A request in flight: from its whole head until the last byte of its answer is made.
#[derive(Debug)]
pub(crate) struct RequestGuard {
    connection: Arc<Connection>,
    is_admitted: bool,
    head: Option<Reservation>,
}

/// A head, and an HTTP/1 answer, that is not counted: one of each is held a connection.
pub(crate) const UNCOUNTED_BYTES: usize = 8_192;

impl RequestGuard {
    /// The request's connection.
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Takes a place among the requests in flight, and room for the head if it has more than `uncounted` bytes. Returns false
    /// if there is none.
    pub(crate) fn admit(&mut self, head_bytes: usize, uncounted: usize) -> bool {
        if head_bytes > uncounted {
            let mut head = Reservation::empty(Arc::clone(&self.connection.client));
            if !head.grow(head_bytes) {
                return false;
            }
            self.head = Some(head);
        }
        self.is_admitted = self.connection.client.take_request();
        self.is_admitted
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let connection = &self.connection;
        if self.is_admitted {
            connection.client.give_request();
        }
        connection.quiet_since.store(connection.now(), Ordering::Relaxed);
        // Who sees that nothing is in flight sees since when.
        connection.in_flight.fetch_sub(1, Ordering::Release);
    }
}

/// What a peer has yet to take, and until when it has to take more of it: a silence may last as long as a head, and each byte
/// that the peer takes buys time at [`MIN_RATE`], up to that again.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    pending: AtomicUsize,
    due: AtomicU64,
}

impl Backlog {
    /// Adds to what is pending.
    pub(crate) fn add(&self, amount: usize, now: u64, timeout: u64) {
        if self.is_empty() {
            self.due.store(now + timeout, Ordering::Relaxed);
        }
        self.pending.fetch_add(amount, Ordering::Release);
    }

    /// Notes that the peer took bytes.
    pub(crate) fn progress(&self, bytes: usize, now: u64, timeout: u64) {
        let bought = (bytes as u64).saturating_mul(1_000) / MIN_RATE;
        let due = self.due.load(Ordering::Relaxed).saturating_add(bought).min(now + timeout);
        self.due.store(due, Ordering::Relaxed);
    }

    /// Removes from what is pending.
    pub(crate) fn remove(&self, amount: usize) {
        self.pending.fetch_sub(amount, Ordering::Release);
    }

    /// Returns true if nothing is pending.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }

    fn is_overdue(&self, now: u64) -> bool {
        !self.is_empty() && now >= self.due.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::quota::Quotas;
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts { header: Duration::from_secs(10), idle: Duration::from_mins(1) };

    fn connection() -> Arc<Connection> {
        let client = Client::new(Arc::new(Quotas::new(8, 1 << 20)));
        Connection::new(Arc::new(client), TIMEOUTS)
    }

    /// The seconds after which the connection is overdue if nothing more happens.
    fn seconds_left(connection: &Connection) -> u64 {
        let now = Instant::now();
        let is_overdue = |seconds: &u64| connection.is_overdue(now + Duration::from_secs(*seconds));
        (0..1_000).find(is_overdue).unwrap_or(u64::MAX)
    }

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn first_byte_and_whole_head_have_the_header_timeout() {
        let connection = connection();
        assert_eq!(seconds_left(&connection), 10);
        pass(9).await;
        for _ in 0..8 {
            connection.note_head();
            pass(1).await;
        }
        assert_eq!(seconds_left(&connection), 2, "bytes of the same head buy no time");
        drop(connection.begin());
        assert_eq!(seconds_left(&connection), 60);
        pass(59).await;
        connection.note_head();
        assert_eq!(seconds_left(&connection), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn request_in_flight_is_waited_for_and_idle_time_follows() {
        let connection = connection();
        let request = connection.begin();
        pass(300).await;
        assert_eq!((seconds_left(&connection), connection.idle_since()), (u64::MAX, None));
        drop(request);
        assert_eq!(seconds_left(&connection), 60);
        assert_eq!(connection.idle_since(), Some(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn backlog_is_overdue_unless_taken_at_the_least_rate() {
        for (rate, lasts) in [(MIN_RATE, true), (MIN_RATE / 2, false), (1, false)] {
            let connection = connection();
            let timeout = connection.header_timeout();
            let request = connection.begin();
            connection.window.add(1_000_000, connection.now(), timeout);
            let mut seconds = 0;
            while seconds < 100 && !connection.is_overdue(Instant::now()) {
                pass(1).await;
                seconds += 1;
                connection.window.progress(usize::try_from(rate).unwrap(), connection.now(), timeout);
            }
            assert_eq!(seconds == 100, lasts, "{rate} bytes a second: {seconds} s");
            assert!(lasts || seconds <= 21, "{rate} bytes a second: {seconds} s");
            assert_eq!(connection.idle_since(), None);
            drop(request);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn quick_download_buys_no_long_silence() {
        let connection = connection();
        let timeout = connection.header_timeout();
        connection.window.add(2, connection.now(), timeout);
        connection.window.progress(1 << 30, connection.now(), timeout);
        assert_eq!(seconds_left(&connection), 10);
        connection.window.remove(2);
        assert!(connection.idle_since().is_some());
    }
}
