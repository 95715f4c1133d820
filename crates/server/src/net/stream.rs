//! A connection's stream: it reports to the connection's state what comes and what the peer does not take, and puts the
//! envelope into the answers that the HTTP library gives by itself.

use super::connection::{Connection, UNCOUNTED_BYTES};
use super::head::{HeadScanner, answer_bytes, library_fault};
use super::quota::Reservation;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The number of bytes that are read and dropped after the last answer, so that a peer that still sends can read it.
const LINGER_BYTES: usize = 1 << 20;

/// A stream that reports to its connection.
#[derive(Debug)]
pub(crate) struct WatchedStream<S> {
    inner: S,
    connection: Arc<Connection>,
    protocol: Protocol,
    scanner: HeadScanner,
    head: Head,
    /// True while the socket does not take what is written.
    is_blocked: bool,
    substitute: Option<Substitute>,
    /// The number of bytes that may still be read after the last answer.
    linger: usize,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes of the preface of HTTP/2 have come, and nothing else.
    Unknown(usize),
    Http1,
    Http2,
}

/// The bytes of heads that are not whole yet, and what is reserved for them.
#[derive(Debug)]
struct Head {
    /// The number of requests that had begun before it.
    begun: usize,
    bytes: usize,
    reserved: Option<Reservation>,
}

/// An answer that is written in the place of the HTTP library's.
#[derive(Debug)]
struct Substitute {
    bytes: Vec<u8>,
    sent: usize,
}

impl<S> WatchedStream<S> {
    /// The stream of a connection.
    pub(crate) fn new(inner: S, connection: Arc<Connection>) -> WatchedStream<S> {
        WatchedStream {
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

    /// Notes bytes that came. Fails if they are of a head for which there is no room.
    fn note_read(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Protocol::Unknown(come) = self.protocol {
            self.protocol = recognize(come, bytes);
        }
        if !matches!(self.protocol, Protocol::Http2) {
            self.scanner.scan(bytes);
            if self.scanner.has_both {
                self.connection.has_ambiguous_length.store(true, Ordering::Relaxed);
            }
        } else if self.connection.begun() > 0 {
            // Frames come between requests too.
            return Ok(());
        }
        if self.connection.is_busy() {
            // The request is charged for its head and its body from here on.
            self.head.reserved = None;
            return Ok(());
        }
        self.connection.note_head();
        self.reserve_head(bytes.len())
    }

    fn reserve_head(&mut self, bytes: usize) -> io::Result<()> {
        let begun = self.connection.begun();
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

    /// Notes how a write went: from when the socket takes nothing, how much it takes after that, and when all is flushed.
    fn note_write<T>(&mut self, written: &Poll<io::Result<T>>, bytes: impl FnOnce(&T) -> Option<usize>) {
        let (socket, timeout) = (&self.connection.socket, self.connection.header_timeout());
        match written {
            Poll::Pending if !self.is_blocked => {
                socket.add(1, self.connection.now(), timeout);
                self.is_blocked = true;
            }
            Poll::Ready(Ok(done)) if self.is_blocked => {
                if let Some(bytes) = bytes(done) {
                    socket.progress(bytes, self.connection.now(), timeout);
                } else {
                    socket.remove(1);
                    self.is_blocked = false;
                }
            }
            _ => {}
        }
    }

    /// Finds the answer to write in the place of `written`, if that is the HTTP library's own.
    fn find_substitute(&mut self, written: &[u8]) {
        // Almost every answer is a 200.
        if !written.starts_with(b"HTTP/1.1 4") || self.substitute.is_some() {
            return;
        }
        if let Some(fault) = library_fault(written, &self.scanner) {
            self.substitute = Some(Substitute { bytes: answer_bytes(fault, written), sent: 0 });
            self.connection.lingers.store(true, Ordering::Relaxed);
        }
    }
}

/// The protocol of a connection whose first bytes were `come` of the preface, and then these.
fn recognize(come: usize, bytes: &[u8]) -> Protocol {
    let rest = &HTTP2_PREFACE[come..];
    let length = rest.len().min(bytes.len());
    match rest[..length] == bytes[..length] {
        false => Protocol::Http1,
        true if length == rest.len() => Protocol::Http2,
        true => Protocol::Unknown(come + length),
    }
}

impl<S: AsyncWrite + Unpin> WatchedStream<S> {
    /// Writes the whole substitute. Returns once the HTTP library may believe that its own bytes were written.
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
        self.note_write(&written, |written| Some(*written));
        written
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WatchedStream<S> {
    /// Reads and drops what a peer still sends: a socket that is closed with unread bytes takes the answer back.
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

impl<S: AsyncRead + Unpin> AsyncRead for WatchedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        match &buffer.filled()[before..] {
            [] => Poll::Ready(Ok(())),
            bytes => Poll::Ready(self.note_read(bytes)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_written(cx, bytes, bytes.len(), |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.note_write(&flushed, |()| None);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        if self.connection.lingers.load(Ordering::Relaxed) {
            self.connection.note_head();
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
    fn preface_is_recognized_in_parts() {
        for parts in [vec![24], vec![1, 23], vec![3, 3, 18], vec![23, 1]] {
            let (mut protocol, mut rest) = (Protocol::Unknown(0), HTTP2_PREFACE);
            for length in parts {
                let Protocol::Unknown(come) = protocol else { panic!("{protocol:?} before the end") };
                let (part, behind) = rest.split_at(length);
                (protocol, rest) = (recognize(come, part), behind);
            }
            assert!(matches!(protocol, Protocol::Http2), "{protocol:?}");
        }
        assert!(matches!(recognize(0, b"POST / HTTP/1.1"), Protocol::Http1));
        assert!(matches!(recognize(2, b"INT / HTTP/1.1"), Protocol::Http1));
    }
}
