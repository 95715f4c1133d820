//! An HTTP/1 client that sends exact bytes.

use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub(crate) struct RawHttp {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A response as received.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawAnswer {
    /// Returns the code of the envelope.
    pub(crate) fn code(&self) -> i64 {
        let json: Value =
            serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        json["code"].as_i64().unwrap()
    }

    /// Returns true if the head contains the line, ignoring case.
    pub(crate) fn has(&self, line: &str) -> bool {
        self.head.lines().any(|has| has.eq_ignore_ascii_case(line))
    }
}

impl RawHttp {
    pub(crate) async fn connect(address: SocketAddr) -> RawHttp {
        RawHttp { stream: TcpStream::connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Sends bytes. Errors are ignored, since the server may close the connection early.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Reads the next response, or `None` if the connection ends before it.
    pub(crate) async fn answer(&mut self) -> Option<RawAnswer> {
        let end = loop {
            let end = self.received.windows(4).position(|part| part == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.receive().await?,
            }
        };
        let head = String::from_utf8(self.received[..end].to_vec()).unwrap();
        let field = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok();
        let length: usize = head.lines().find_map(field).unwrap_or(0);
        while self.received.len() < end + length {
            self.receive().await?;
        }
        let body = String::from_utf8(self.received[end..end + length].to_vec()).unwrap();
        self.received.drain(..end + length);
        Some(RawAnswer { status: head[9..12].parse().unwrap(), head, body })
    }

    async fn receive(&mut self) -> Option<()> {
        (self.stream.read_buf(&mut self.received).await.ok()? > 0).then_some(())
    }

    /// Returns true once the server has closed the connection without further bytes.
    pub(crate) async fn has_ended(mut self) -> bool {
        self.received.is_empty() && self.receive().await.is_none()
    }
}
