//! Escaping of raw `"`, `<` and `>` in the queries of HTTP/1 requests (D5).
//!
//! Scripts send these characters and proxies forward them, but the HTTP library rejects them. The library accepts
//! `{ } | \ ^` and the backquote as they are. HTTP/2 compresses its paths, so its bytes are not rewritten.

use memchr::{memchr, memchr3};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of HTTP/1.1 requests that escapes raw characters in their queries.
///
/// The stream tracks the framing of requests and rewrites request lines only, never bytes of a body. After unusual
/// framing it stops tracking and passes all further bytes unchanged.
#[derive(Debug)]
pub struct RawQueryStream<S> {
    inner: S,
    position: Position,
    /// Rewritten bytes that did not fit into the reader's buffer.
    pending: Vec<u8>,
}

/// The position of the next byte in the sequence of requests.
#[derive(Debug)]
enum Position {
    /// A request line, with its bytes so far. `query` is true after the `?`.
    RequestLine { line: Vec<u8>, query: bool },
    /// A header line, with its bytes so far. `body` is the length from an earlier header.
    Header { line: Vec<u8>, body: Option<u64> },
    /// A body, with the number of its remaining bytes.
    Body(u64),
    /// Unusual framing: the position is unknown.
    Unknown,
}

/// The maximum number of bytes that are stored of an incomplete line: its start, which has the header's name, and
/// its end. Valid `Content-Length` headers are shorter.
const LINE_MAX_BYTES: usize = 64;

/// The number of stored bytes from the end of a line: the length of a request line's version.
const LINE_TAIL_BYTES: usize = b" HTTP/1.1\r\n".len();

impl<S> RawQueryStream<S> {
    /// Wraps the stream of a new connection.
    pub fn new(inner: S) -> RawQueryStream<S> {
        RawQueryStream { inner, position: Position::START, pending: Vec::new() }
    }

    /// Tracks received bytes. Returns their replacement, or `None` if they are unchanged.
    fn rewrite(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (mut done, mut rewritten) = (0, None);
        while done < bytes.len() && !matches!(self.position, Position::Unknown) {
            let part = self.position.next_part(&bytes[done..]);
            if let Position::RequestLine { query, .. } = &mut self.position {
                escape(part, query, &bytes[..done], &mut rewritten);
            } else if let Some(rewritten) = &mut rewritten {
                rewritten.extend_from_slice(part);
            }
            self.position = std::mem::replace(&mut self.position, Position::Unknown).advance(part);
            done += part.len();
        }
        if let Some(rewritten) = &mut rewritten {
            rewritten.extend_from_slice(&bytes[done..]);
        }
        rewritten
    }
}

impl Position {
    /// The start of a request.
    const START: Position = Position::RequestLine { line: Vec::new(), query: false };

    /// Returns the first bytes up to the end of the current line or body.
    fn next_part<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let length = match self {
            Position::Body(length) => usize::try_from(*length).unwrap_or(usize::MAX).min(bytes.len()),
            _ => memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1),
        };
        &bytes[..length]
    }

    /// Returns the position after a part.
    fn advance(self, part: &[u8]) -> Position {
        let is_complete = part.ends_with(b"\n");
        match self {
            Position::RequestLine { line, .. } if line.is_empty() && is_complete => after_request_line(part),
            Position::RequestLine { mut line, query } => {
                push_line(&mut line, part);
                if is_complete { after_request_line(&line) } else { Position::RequestLine { line, query } }
            }
            Position::Header { line, body } if line.is_empty() && is_complete => {
                after_header_line(part, body)
            }
            Position::Header { mut line, body } => {
                push_line(&mut line, part);
                if is_complete { after_header_line(&line, body) } else { Position::Header { line, body } }
            }
            Position::Body(length) => match length - part.len() as u64 {
                0 => Position::START,
                remaining => Position::Body(remaining),
            },
            Position::Unknown => Position::Unknown,
        }
    }
}

/// Appends a part to a stored line. Excess bytes are dropped from the middle, and a NUL marks the gap, so that a
/// shortened line is never parsed as a length.
fn push_line(line: &mut Vec<u8>, part: &[u8]) {
    line.extend_from_slice(part);
    let length = line.len();
    if length > LINE_MAX_BYTES {
        line.copy_within(length - LINE_TAIL_BYTES.., LINE_MAX_BYTES - LINE_TAIL_BYTES);
        line.truncate(LINE_MAX_BYTES);
        line[LINE_MAX_BYTES - LINE_TAIL_BYTES - 1] = 0;
    }
}

/// Returns the position after a complete request line. The first line of HTTP/2 has another version.
fn after_request_line(line: &[u8]) -> Position {
    match line {
        b"\r\n" => Position::START,
        _ if line.ends_with(b" HTTP/1.1\r\n") || line.ends_with(b" HTTP/1.0\r\n") => {
            Position::Header { line: Vec::new(), body: None }
        }
        _ => Position::Unknown,
    }
}

/// Returns the position after a complete header line. `body` is the length from an earlier header.
fn after_header_line(line: &[u8], body: Option<u64>) -> Position {
    let next = |body| Position::Header { line: Vec::new(), body };
    let Some(line) = line.strip_suffix(b"\r\n") else { return Position::Unknown };
    match line.first() {
        None if body.unwrap_or(0) == 0 => Position::START,
        None => Position::Body(body.unwrap_or(0)),
        Some(b' ' | b'\t') => Position::Unknown,
        Some(b't' | b'T') if is_named(line, b"transfer-encoding") => Position::Unknown,
        Some(b'c' | b'C') if is_named(line, b"content-length") => match (content_length(line), body) {
            (Some(length), None) => next(Some(length)),
            _ => Position::Unknown,
        },
        Some(_) => next(body),
    }
}

fn is_named(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// Parses the length of a header such as `Content-Length: 17`.
fn content_length(line: &[u8]) -> Option<u64> {
    let digits = line.split_at_checked(b"content-length:".len())?.1.trim_ascii();
    let is_number = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let number = is_number.then(|| std::str::from_utf8(digits).ok())??;
    line.get(b"content-length".len()).filter(|byte| **byte == b':')?;
    number.parse().ok()
}

/// Escapes the query in a part of a request line. From the first escape on, `rewritten` has `before`, which are the
/// bytes received before the part, and the part.
fn escape(part: &[u8], query: &mut bool, before: &[u8], rewritten: &mut Option<Vec<u8>>) {
    let mut query_start = 0;
    if !*query {
        query_start = memchr(b'?', part).unwrap_or(part.len());
        *query = query_start < part.len();
    }
    if *query && memchr3(b'"', b'<', b'>', &part[query_start..]).is_some() {
        let rewritten = rewritten.get_or_insert_with(|| before.to_vec());
        rewritten.extend_from_slice(&part[..query_start]);
        for byte in &part[query_start..] {
            match byte {
                b'"' => rewritten.extend_from_slice(b"%22"),
                b'<' => rewritten.extend_from_slice(b"%3C"),
                b'>' => rewritten.extend_from_slice(b"%3E"),
                byte => rewritten.push(*byte),
            }
        }
    } else if let Some(rewritten) = rewritten {
        rewritten.extend_from_slice(part);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for RawQueryStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.pending.is_empty() {
            let filled_before = buffer.filled().len();
            ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
            if matches!(self.position, Position::Unknown) {
                return Poll::Ready(Ok(()));
            }
            let Some(rewritten) = self.rewrite(&buffer.filled()[filled_before..]) else {
                return Poll::Ready(Ok(()));
            };
            buffer.set_filled(filled_before);
            self.pending = rewritten;
        }
        let count = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending[..count]);
        self.pending.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RawQueryStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;
