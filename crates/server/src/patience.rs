//! How long a connection is waited for: one that is idle, or slow to send a request's head, is taken as ended.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long each kind of silence may last.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From a request's first byte to the end of its head.
    pub header: Duration,
    /// Between requests.
    pub idle: Duration,
}

/// What a connection is doing: told by its requests, read by its stream.
#[derive(Debug)]
pub struct Activity {
    since: Instant,
    in_flight: AtomicUsize,
    /// How many requests have begun: the head of each of them was whole.
    begun: AtomicUsize,
    /// When the last request ended, in milliseconds since `since`.
    quiet: AtomicU64,
}

impl Activity {
    /// That of a connection that was just opened.
    pub fn new() -> Arc<Activity> {
        Arc::new(Activity {
            since: Instant::now(),
            in_flight: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            quiet: AtomicU64::new(0),
        })
    }

    /// A request begins; it ends when what this gives is dropped.
    pub fn begin(self: &Arc<Activity>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0
    }

    fn quiet_since(&self) -> Instant {
        self.since + Duration::from_millis(self.quiet.load(Ordering::Relaxed))
    }
}

/// A request in flight.
#[derive(Debug)]
pub struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let activity = &self.0;
        let quiet = u64::try_from(activity.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        activity.quiet.store(quiet, Ordering::Relaxed);
        activity.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that ends when patience does. The timer is looked at only while there is nothing to read, and set anew only
/// when it rings or would ring too late, so that a busy connection hardly touches it.
#[derive(Debug)]
pub struct Stream<S = TcpStream> {
    inner: S,
    patience: Patience,
    activity: Arc<Activity>,
    /// When the first byte of a head came, and how many requests had begun by then: with the next one the head is whole.
    head: Option<(Instant, usize)>,
    /// HTTP/2 sends frames between requests, so a byte there begins no head.
    frames: Option<bool>,
    alarm: Pin<Box<Sleep>>,
    /// Rings when the other side has taken nothing for as long as a connection may lie idle; set while it takes nothing.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Stream<S> {
    /// A connection's stream.
    pub fn new(inner: S, patience: Patience, activity: Arc<Activity>) -> Stream<S> {
        let alarm = Box::pin(sleep_until(Instant::now() + patience.header.min(patience.idle)));
        Stream { inner, patience, activity, head: None, frames: None, alarm, stuck: None }
    }

    fn deadline(&self) -> Instant {
        let idle = self.activity.quiet_since() + self.patience.idle;
        let head = self.head.filter(|(_, begun)| *begun == self.activity.begun());
        head.map_or(idle, |(since, _)| since + self.patience.header)
    }

    fn heard(&mut self, bytes: &[u8]) {
        let frames = *self.frames.get_or_insert(bytes.starts_with(b"PRI"));
        let begun = self.activity.begun();
        let next = !frames && !self.activity.is_busy();
        if next && self.head.is_none_or(|(_, before)| before != begun) {
            self.head = Some((Instant::now(), begun));
        }
    }

    /// Passes on how a write went. Somebody who reads nothing may hold what was asked, but not for ever.
    fn watch_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let patience = self.patience.idle;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + patience)));
        ready!(stuck.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether patience has ended; else the alarm is set.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.deadline();
        if !self.activity.is_busy() && due < self.alarm.deadline() {
            self.alarm.as_mut().reset(due);
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let now = Instant::now();
            let next = if self.activity.is_busy() {
                now + self.patience.header.min(self.patience.idle)
            } else {
                self.deadline()
            };
            if next <= now {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(next);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if read.is_ready() {
            let bytes = &buffer.filled()[before..];
            if !bytes.is_empty() {
                self.heard(bytes);
            }
            return read;
        }
        // Nothing more is read: to the connection it looks as if the other side had ended.
        self.poll_deadline(cx).map(Ok)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.watch_write(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = Pin::new(&mut self.inner).poll_flush(cx);
        self.watch_write(cx, written)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.watch_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bytes);
        self.watch_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const PATIENCE: Patience = Patience { header: Duration::from_secs(10), idle: Duration::from_mins(1) };

    fn stream() -> (Stream<DuplexStream>, DuplexStream, Arc<Activity>) {
        let (near, far) = duplex(64);
        let activity = Activity::new();
        (Stream::new(near, PATIENCE, Arc::clone(&activity)), far, activity)
    }

    /// After how many seconds the stream ends, if nothing more comes.
    async fn ends_after(stream: &mut Stream<DuplexStream>) -> u64 {
        let start = Instant::now();
        assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0);
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends() {
        let (mut stream, _far, _) = stream();
        assert_eq!(ends_after(&mut stream).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_head_ends_however_often_a_byte_comes() {
        let (mut stream, mut far, _) = stream();
        let drip = tokio::spawn(async move {
            while far.write_all(b"x").await.is_ok() {
                tokio::time::advance(Duration::from_secs(1)).await;
            }
        });
        let start = Instant::now();
        while stream.read(&mut [0; 16]).await.unwrap() > 0 {}
        assert!((10..=12).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
        drop(stream);
        drip.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_its_time_whenever_it_begins() {
        for begins in [11, 59] {
            let (mut stream, mut far, _) = stream();
            let wait = async {
                tokio::time::sleep(Duration::from_secs(begins)).await;
                far.write_all(b"GET").await.unwrap();
            };
            let mut head = [0; 3];
            let (read, ()) = tokio::join!(stream.read_exact(&mut head), wait);
            read.unwrap();
            assert_eq!(ends_after(&mut stream).await, 10, "a head begun after {begins} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_is_waited_for_and_then_the_idle_time_begins() {
        let (mut stream, mut far, activity) = stream();
        far.write_all(b"GET").await.unwrap();
        stream.read_exact(&mut [0; 3]).await.unwrap();
        let request = activity.begin();
        tokio::spawn(async move {
            tokio::time::advance(Duration::from_mins(5)).await;
            drop(request);
        });
        let after = ends_after(&mut stream).await;
        assert!((360..=371).contains(&after), "{after}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_became_a_request_is_no_slow_head() {
        let (mut stream, mut far, activity) = stream();
        for _ in 0..2 {
            far.write_all(b"GET").await.unwrap();
            stream.read_exact(&mut [0; 3]).await.unwrap();
            let request = activity.begin();
            far.write_all(b"body").await.unwrap();
            stream.read_exact(&mut [0; 4]).await.unwrap();
            drop(request);
            tokio::time::advance(Duration::from_secs(30)).await;
        }
        assert_eq!(ends_after(&mut stream).await, 30);
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_who_reads_nothing_is_given_up() {
        let (mut stream, mut far, _) = stream();
        let start = Instant::now();
        stream.write_all(&[0; 64]).await.unwrap();
        let reader = async {
            tokio::time::advance(Duration::from_secs(59)).await;
            far.read_exact(&mut [0; 1]).await.unwrap();
        };
        let (written, ()) = tokio::join!(stream.write_all(&[0; 1]), reader);
        written.unwrap();
        assert_eq!(stream.write_all(&[0; 1]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 119);
    }

    #[tokio::test(start_paused = true)]
    async fn frames_between_requests_are_no_head() {
        let (mut stream, mut far, _) = stream();
        far.write_all(b"PRI * HTTP/2.0").await.unwrap();
        stream.read_exact(&mut [0; 14]).await.unwrap();
        assert_eq!(ends_after(&mut stream).await, 60);
    }
}
