//! The stream of a connection. It records reads and blocked writes in the connection's state, and replaces the
//! error responses of the HTTP library by ones with an envelope.

use super::connection::{ConnectionState, UNCOUNTED_BYTES};
use super::head::{HeadScanner, error_response_bytes, library_error};
use super::quota::Reservation;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The maximum number of bytes that are read and dropped after the last response, so that a peer that still sends
/// can read it.
const LINGER_BYTES: usize = 1 << 20;

/// A stream that records its progress in the state of its connection.
#[derive(Debug)]
pub(crate) struct TimeoutStream<S> {
    inner: S,
    connection: Arc<ConnectionState>,
    protocol: Protocol,
    scanner: HeadScanner,
    head: Head,
    /// True while the socket accepts no bytes.
    is_blocked: bool,
    substitute: Option<Substitute>,
    /// The remaining number of bytes to drop after the last response.
    linger: usize,
}

#[derive(Debug)]
enum Protocol {
    /// Undetermined: all bytes so far are this many bytes of the HTTP/2 preface.
    Unknown(usize),
    Http1,
    Http2,
}

/// The bytes of an incomplete head, with their reservation.
#[derive(Debug)]
struct Head {
    /// The number of requests that started before the head.
    begun: usize,
    bytes: usize,
    reserved: Option<Reservation>,
}

/// A response that replaces the HTTP library's.
#[derive(Debug)]
struct Substitute {
    bytes: Vec<u8>,
    sent: usize,
}

impl<S> TimeoutStream<S> {
    /// Wraps the stream of a connection.
    pub(crate) fn new(inner: S, connection: Arc<ConnectionState>) -> TimeoutStream<S> {
        TimeoutStream {
            inner,
            connection,
            protocol: Protocol::Unknown(0),
            scanner: HeadScanner::default(),
            head: Head { begun: 0, bytes: 0, reserved: None },
            is_blocked: false,
            substitute: None,
            linger: LINGER_BYTES,
        }
    }

    /// Records received bytes. Fails if the head exceeds the quota.
    fn record_read(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Protocol::Unknown(matched) = self.protocol {
            self.protocol = detect_protocol(matched, bytes);
        }
        if !matches!(self.protocol, Protocol::Http2) {
            self.scanner.scan(bytes);
            if self.scanner.has_both {
                self.connection.has_ambiguous_length.store(true, Ordering::Relaxed);
            }
        } else if self.connection.requests_started() > 0 {
            // HTTP/2 frames also arrive between requests.
            return Ok(());
        }
        if self.connection.is_busy() {
            // From here on the request itself is charged for its head and body.
            self.head.reserved = None;
            return Ok(());
        }
        self.connection.record_head_bytes();
        self.reserve_head(bytes.len())
    }

    fn reserve_head(&mut self, bytes: usize) -> io::Result<()> {
        let begun = self.connection.requests_started();
        if self.head.begun != begun {
            self.head = Head { begun, bytes: 0, reserved: None };
        }
        self.head.bytes += bytes;
        if self.head.bytes <= UNCOUNTED_BYTES {
            return Ok(());
        }
        let client = &self.connection.client;
        let reserved = self.head.reserved.get_or_insert_with(|| Reservation::empty(Arc::clone(client)));
        if reserved.grow(bytes) { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
    }

    /// Records the result of a write: the start of a blocked write, its progress, and its end with a flush.
    fn record_write<T>(&mut self, written: &Poll<io::Result<T>>, bytes: impl FnOnce(&T) -> Option<usize>) {
        let (socket, timeout) = (&self.connection.socket, self.connection.header_timeout());
        match written {
            Poll::Pending if !self.is_blocked => {
                socket.add(1, self.connection.now(), timeout);
                self.is_blocked = true;
            }
            Poll::Ready(Ok(done)) if self.is_blocked => {
                if let Some(bytes) = bytes(done) {
                    socket.record_progress(bytes, self.connection.now(), timeout);
                } else {
                    socket.remove(1);
                    self.is_blocked = false;
                }
            }
            _ => {}
        }
    }

    /// Sets the substitute if `written` is an error response of the HTTP library.
    fn find_substitute(&mut self, written: &[u8]) {
        // Fast path: most responses are 200.
        if !written.starts_with(b"HTTP/1.1 4") || self.substitute.is_some() {
            return;
        }
        if let Some(error) = library_error(written, &self.scanner) {
            self.substitute = Some(Substitute { bytes: error_response_bytes(error, written), sent: 0 });
            self.connection.lingers.store(true, Ordering::Relaxed);
        }
    }
}

/// Returns the protocol of a connection whose first `matched` bytes are those of the preface, followed by `bytes`.
fn detect_protocol(matched: usize, bytes: &[u8]) -> Protocol {
    let rest = &HTTP2_PREFACE[matched..];
    let length = rest.len().min(bytes.len());
    match rest[..length] == bytes[..length] {
        false => Protocol::Http1,
        true if length == rest.len() => Protocol::Http2,
        true => Protocol::Unknown(matched + length),
    }
}

impl<S: AsyncWrite + Unpin> TimeoutStream<S> {
    /// Writes the whole substitute. Afterwards the HTTP library's write is reported as complete.
    fn poll_substitute(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(Substitute { bytes, sent }) = &mut self.substitute {
            let written = Pin::new(&mut self.inner).poll_write(cx, &bytes[*sent..]);
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => *sent += written,
            }
            if *sent == bytes.len() {
                self.substitute = None;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_written(
        &mut self,
        cx: &mut Context<'_>,
        first: &[u8],
        length: usize,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.find_substitute(first);
        let written = if self.substitute.is_some() {
            self.poll_substitute(cx).map_ok(|()| length)
        } else {
            write(Pin::new(&mut self.inner), cx)
        };
        self.record_write(&written, |written| Some(*written));
        written
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TimeoutStream<S> {
    /// Reads and drops bytes that the peer still sends. Closing a socket with unread bytes would reset the
    /// connection and lose the response.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 8_192];
        while self.linger > 0 {
            let mut buffer = ReadBuf::new(&mut scratch);
            let read = ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer));
            match buffer.filled().len() {
                0 => break,
                _ if read.is_err() => break,
                bytes => self.linger = self.linger.saturating_sub(bytes),
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        match &buffer.filled()[before..] {
            [] => Poll::Ready(Ok(())),
            bytes => Poll::Ready(self.record_read(bytes)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_written(cx, bytes, bytes.len(), |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.record_write(&flushed, |()| None);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        if self.connection.lingers.load(Ordering::Relaxed) {
            self.connection.record_head_bytes();
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bytes.iter().map(|part| part.len()).sum();
        let first = bytes.first().map_or(&[][..], |part| part);
        self.poll_written(cx, first, length, |inner, cx| inner.poll_write_vectored(cx, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preface_is_detected_in_any_parts() {
        for parts in [vec![24], vec![1, 23], vec![3, 3, 18], vec![23, 1]] {
            let (mut protocol, mut rest) = (Protocol::Unknown(0), HTTP2_PREFACE);
            for length in parts {
                let Protocol::Unknown(matched) = protocol else { panic!("{protocol:?} before the end") };
                let (part, behind) = rest.split_at(length);
                (protocol, rest) = (detect_protocol(matched, part), behind);
            }
            assert!(matches!(protocol, Protocol::Http2), "{protocol:?}");
        }
        assert!(matches!(detect_protocol(0, b"POST / HTTP/1.1"), Protocol::Http1));
        assert!(matches!(detect_protocol(2, b"INT / HTTP/1.1"), Protocol::Http1));
    }
}
