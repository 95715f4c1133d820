//! A non-blocking HTTP/1.1 connection with at most one request in flight.

use super::RequestInfo;
use super::response::{InvalidResponse, Response, ResponseReader};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use tokio::time::Instant;

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    written: usize,
    reader: ResponseReader,
    in_flight: Option<InFlight>,
}

/// The request in flight on a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) request: RequestInfo,
    /// The intended start, from which the latency counts.
    pub(super) start: Instant,
}

/// The reason why a connection is unusable.
#[derive(Debug)]
pub(super) enum ConnectionError {
    /// The connection was closed or failed.
    Lost,
    /// The received bytes are no valid response.
    InvalidResponse,
}

impl From<io::Error> for ConnectionError {
    fn from(_: io::Error) -> ConnectionError {
        ConnectionError::Lost
    }
}

impl From<InvalidResponse> for ConnectionError {
    fn from(_: InvalidResponse) -> ConnectionError {
        ConnectionError::InvalidResponse
    }
}

impl Connection {
    /// Starts to connect. Requests that are sent meanwhile are written once the connection is established.
    pub(super) fn open(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        Self::from_stream(stream, registry, token)
    }

    /// Registers an established connection.
    pub(super) fn from_stream(
        mut stream: TcpStream,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Connection> {
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        // The connection works without TCP_NODELAY too.
        let _ = stream.set_nodelay(true);
        Ok(Connection {
            stream,
            out: Vec::with_capacity(512),
            written: 0,
            reader: ResponseReader::default(),
            in_flight: None,
        })
    }

    /// Sends the request that `write` appends to the buffer. Returns false if there is no request.
    pub(super) fn send(
        &mut self,
        start: Instant,
        write: impl FnOnce(&mut Vec<u8>) -> Option<RequestInfo>,
    ) -> Result<bool, ConnectionError> {
        self.out.clear();
        self.written = 0;
        let Some(request) = write(&mut self.out) else { return Ok(false) };
        self.in_flight = Some(InFlight { request, start });
        self.flush()?;
        Ok(true)
    }

    /// Returns the request in flight.
    pub(super) fn in_flight(&self) -> Option<InFlight> {
        self.in_flight
    }

    /// Writes the rest of the request as far as the socket accepts it.
    pub(super) fn flush(&mut self) -> Result<(), ConnectionError> {
        while self.written < self.out.len() {
            match self.stream.write(&self.out[self.written..]) {
                Ok(0) => return Err(ConnectionError::Lost),
                Ok(written) => self.written += written,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    break;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads received bytes. Returns the response and its request once the response is complete.
    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
    ) -> Result<Option<(InFlight, Response)>, ConnectionError> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(ConnectionError::Lost),
                Ok(count) => {
                    if let Some(response) = self.reader.feed(&buffer[..count])? {
                        let request = self.in_flight.take().ok_or(ConnectionError::InvalidResponse)?;
                        return Ok(Some((request, response)));
                    }
                    // A short read has drained the socket. More bytes cause another event.
                    if count < buffer.len() {
                        return Ok(None);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
