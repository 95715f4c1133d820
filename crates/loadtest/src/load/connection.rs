//! One connection: it has at most one request in flight.

use super::Question;
use super::answer::{Answer, Nonsense, Reader};
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
    reader: Reader,
    asked: Option<Asked>,
}

/// What is in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    /// When it was meant to start.
    pub(super) start: Instant,
}

/// Why a connection is of no more use.
#[derive(Debug)]
pub(super) enum Broken {
    /// It was closed, or failed.
    Lost,
    /// What came is no answer.
    Nonsense,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Broken {
        Broken::Lost
    }
}

impl From<Nonsense> for Broken {
    fn from(_: Nonsense) -> Broken {
        Broken::Nonsense
    }
}

impl Connection {
    /// A new one, which need not be there when this returns: what is asked meanwhile goes out once it is.
    pub(super) fn open(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        Self::of(stream, registry, token)
    }

    /// One that is there.
    pub(super) fn of(mut stream: TcpStream, registry: &Registry, token: Token) -> io::Result<Connection> {
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        // A socket that cannot be told so still works.
        let _ = stream.set_nodelay(true);
        Ok(Connection {
            stream,
            out: Vec::with_capacity(512),
            written: 0,
            reader: Reader::default(),
            asked: None,
        })
    }

    /// Sends what `write` has written; the question that it told of is in flight then.
    pub(super) fn ask(
        &mut self,
        start: Instant,
        write: impl FnOnce(&mut Vec<u8>) -> Option<Question>,
    ) -> Result<bool, Broken> {
        self.out.clear();
        self.written = 0;
        let Some(question) = write(&mut self.out) else { return Ok(false) };
        self.asked = Some(Asked { question, start });
        self.flush()?;
        Ok(true)
    }

    /// What is in flight.
    pub(super) fn asked(&self) -> Option<Asked> {
        self.asked
    }

    /// Writes what there is left to write, as far as it goes.
    pub(super) fn flush(&mut self) -> Result<(), Broken> {
        while self.written < self.out.len() {
            match self.stream.write(&self.out[self.written..]) {
                Ok(0) => return Err(Broken::Lost),
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

    /// Reads what has come; the answer, if that was the rest of it, and what it answers.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<(Asked, Answer)>, Broken> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Broken::Lost),
                Ok(come) => {
                    if let Some(answer) = self.reader.take(&buffer[..come])? {
                        return Ok(Some((self.asked.take().ok_or(Broken::Nonsense)?, answer)));
                    }
                    // Less than there was room for is all that there was, and more of it will be an event.
                    if come < buffer.len() {
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
