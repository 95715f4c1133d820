//! The stream of a connection before its requests are read.

use std::io::Cursor;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Chain, Join, join};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A stream of requests: TCP or TLS.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// A stream of requests.
pub(super) type RequestStream = Box<dyn Duplex>;

/// The bytes that a peer may send after a refusal before the connection is closed. Closing a socket with unread bytes
/// would reset the connection and lose the response.
const LINGER_BYTES: u64 = 1 << 20;

/// A TCP stream whose first bytes are read ahead.
pub(super) struct BufferedTcp {
    tcp: TcpStream,
    buffer: Vec<u8>,
}

impl BufferedTcp {
    pub(super) fn new(tcp: TcpStream) -> BufferedTcp {
        BufferedTcp { tcp, buffer: Vec::new() }
    }

    /// Returns the bytes that were read ahead.
    pub(super) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Drops the first bytes.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
    }

    /// Reads more bytes ahead. `None` at the end of the stream and after an error.
    pub(super) async fn fill(&mut self) -> Option<()> {
        let read = self.tcp.read_buf(&mut self.buffer).await.ok()?;
        (read > 0).then_some(())
    }

    /// Returns the first byte. `None` at the end of the stream.
    pub(super) async fn first_byte(&mut self) -> Option<u8> {
        if self.buffer.is_empty() {
            self.fill().await?;
        }
        self.buffer.first().copied()
    }

    /// Returns true if the stream starts with `prefix`. `None` if the stream ends before that is known.
    pub(super) async fn starts_with(&mut self, prefix: &[u8]) -> Option<bool> {
        loop {
            let length = self.buffer.len().min(prefix.len());
            if self.buffer[..length] != prefix[..length] {
                return Some(false);
            }
            if length == prefix.len() {
                return Some(true);
            }
            self.fill().await?;
        }
    }

    /// Writes bytes. `None` after an error.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        self.tcp.write_all(bytes).await.ok()
    }

    /// Writes the last bytes, and waits until the peer has closed the connection too.
    pub(super) async fn close_with(mut self, bytes: &[u8]) {
        if self.write(bytes).await.is_some() && self.tcp.shutdown().await.is_ok() {
            // The peer may reset the connection, which ends it too.
            let _ = tokio::io::copy(&mut self.tcp.take(LINGER_BYTES), &mut tokio::io::sink()).await;
        }
    }

    /// Returns the stream from the first byte that was not consumed.
    pub(super) fn into_stream(self) -> Join<Chain<Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf> {
        let (reader, writer) = self.tcp.into_split();
        join(Cursor::new(self.buffer).chain(reader), writer)
    }
}
