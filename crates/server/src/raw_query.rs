//! Raw `"`, `<` and `>` in a query are read as their percent-encoded forms (D5). Scripts send them and proxies pass them on, but
//! the HTTP library refuses a request that has them. The rest of `{ } | \ ^` and the backquote it takes as they are.
//!
//! HTTP/2 compresses its paths, so nothing is rewritten there.

use memchr::{memchr, memchr3};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of HTTP/1.1 requests in whose queries nothing is raw. It follows the requests to know where each begins, and
/// writes to request lines alone: bytes of a body stay as they are. Where a request is framed in any unusual way, it follows
/// no further, and passes on everything from there.
#[derive(Debug)]
pub struct RawQuery<S> {
    inner: S,
    at: At,
    /// What was rewritten and found no room in the reader's buffer.
    pending: Vec<u8>,
}

/// Where in the requests the next byte is.
#[derive(Debug)]
enum At {
    /// In a request line, of which this much has come; behind its `?` or before it.
    Line { line: Vec<u8>, query: bool },
    /// In a header, of which this much has come. `body` is the length that an earlier one told.
    Header { line: Vec<u8>, body: Option<u64> },
    /// In a body, with so many bytes to come.
    Body(u64),
    /// Nobody knows.
    Lost,
}

/// The most bytes that are kept of a line that comes in parts: its beginning, to see which header it is, and its end. Headers
/// that tell a length are shorter.
const KEPT: usize = 64;

/// How many of these are its end: as many as a request line's version has.
const END: usize = b" HTTP/1.1\r\n".len();

impl<S> RawQuery<S> {
    /// The stream of a connection that was just opened.
    pub fn new(inner: S) -> RawQuery<S> {
        RawQuery { inner, at: At::NEXT, pending: Vec::new() }
    }

    /// Follows bytes that came. Returns what to read in their place, if that is something else.
    fn follow(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (mut done, mut rewritten) = (0, None);
        while done < bytes.len() && !matches!(self.at, At::Lost) {
            let part = self.at.part(&bytes[done..]);
            if let At::Line { query, .. } = &mut self.at {
                escape(part, query, &bytes[..done], &mut rewritten);
            } else if let Some(rewritten) = &mut rewritten {
                rewritten.extend_from_slice(part);
            }
            self.at = std::mem::replace(&mut self.at, At::Lost).behind(part);
            done += part.len();
        }
        if let Some(rewritten) = &mut rewritten {
            rewritten.extend_from_slice(&bytes[done..]);
        }
        rewritten
    }
}

impl At {
    /// Where a request begins.
    const NEXT: At = At::Line { line: Vec::new(), query: false };

    /// The first of some bytes: those that are no further than the end of what the next byte is in.
    fn part<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let length = match self {
            At::Body(length) => usize::try_from(*length).unwrap_or(usize::MAX).min(bytes.len()),
            _ => memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1),
        };
        &bytes[..length]
    }

    /// Where the next byte is behind such a part.
    fn behind(self, part: &[u8]) -> At {
        let ends = part.ends_with(b"\n");
        match self {
            At::Line { line, .. } if line.is_empty() && ends => request_line(part),
            At::Line { mut line, query } => {
                keep(&mut line, part);
                if ends { request_line(&line) } else { At::Line { line, query } }
            }
            At::Header { line, body } if line.is_empty() && ends => header(part, body),
            At::Header { mut line, body } => {
                keep(&mut line, part);
                if ends { header(&line, body) } else { At::Header { line, body } }
            }
            At::Body(length) => match length - part.len() as u64 {
                0 => At::NEXT,
                left => At::Body(left),
            },
            At::Lost => At::Lost,
        }
    }
}

/// Adds a part to a line. What is too much is left out before its end, and a NUL stands there, so that nobody reads a length
/// from what is left.
fn keep(line: &mut Vec<u8>, part: &[u8]) {
    line.extend_from_slice(part);
    let length = line.len();
    if length > KEPT {
        line.copy_within(length - END.., KEPT - END);
        line.truncate(KEPT);
        line[KEPT - END - 1] = 0;
    }
}

/// Where the next byte is behind a whole request line. HTTP/2 begins with one of another version.
fn request_line(line: &[u8]) -> At {
    match line {
        b"\r\n" => At::NEXT,
        _ if line.ends_with(b" HTTP/1.1\r\n") || line.ends_with(b" HTTP/1.0\r\n") => {
            At::Header { line: Vec::new(), body: None }
        }
        _ => At::Lost,
    }
}

/// Where the next byte is behind a whole line of a head, when the lines before it told of a body's length.
fn header(line: &[u8], body: Option<u64>) -> At {
    let next = |body| At::Header { line: Vec::new(), body };
    let Some(line) = line.strip_suffix(b"\r\n") else { return At::Lost };
    match line.first() {
        None if body.unwrap_or(0) == 0 => At::NEXT,
        None => At::Body(body.unwrap_or(0)),
        Some(b' ' | b'\t') => At::Lost,
        Some(b't' | b'T') if is_called(line, b"transfer-encoding") => At::Lost,
        Some(b'c' | b'C') if is_called(line, b"content-length") => match (length(line), body) {
            (Some(length), None) => next(Some(length)),
            _ => At::Lost,
        },
        Some(_) => next(body),
    }
}

fn is_called(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|given| given.eq_ignore_ascii_case(name))
}

/// The length that a header `Content-Length: 17` tells.
fn length(line: &[u8]) -> Option<u64> {
    let digits = line.split_at_checked(b"content-length:".len())?.1.trim_ascii();
    let plain = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let number = plain.then(|| std::str::from_utf8(digits).ok())??;
    line.get(b"content-length".len()).filter(|byte| **byte == b':')?;
    number.parse().ok()
}

/// Escapes what is raw in the query of a part of a request line. `before` are the bytes that came before it at once; they and
/// the part go to `rewritten` from the first time that something is raw.
fn escape(part: &[u8], query: &mut bool, before: &[u8], rewritten: &mut Option<Vec<u8>>) {
    let mut from = 0;
    if !*query {
        from = memchr(b'?', part).unwrap_or(part.len());
        *query = from < part.len();
    }
    if *query && memchr3(b'"', b'<', b'>', &part[from..]).is_some() {
        let rewritten = rewritten.get_or_insert_with(|| before.to_vec());
        rewritten.extend_from_slice(&part[..from]);
        for byte in &part[from..] {
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

impl<S: AsyncRead + Unpin> AsyncRead for RawQuery<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.pending.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
            if matches!(self.at, At::Lost) {
                return Poll::Ready(Ok(()));
            }
            let Some(rewritten) = self.follow(&buffer.filled()[before..]) else { return Poll::Ready(Ok(())) };
            buffer.set_filled(before);
            self.pending = rewritten;
        }
        let some = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending[..some]);
        self.pending.drain(..some);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RawQuery<S> {
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
