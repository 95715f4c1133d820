//! The TLS handshake of one connection, and the encrypted stream.

use super::certificate::end_point_hash;
use super::{Tls, TlsError};
use crate::postgres::config::Named;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// The bytes of one read from the socket. The TLS library alone asks for 4 KiB, which is half a record of the server.
const READ_BUFFER: usize = 32 << 10;

/// The progress of a handshake, shared with the one who waits for the connection.
#[derive(Debug, Default)]
pub(in crate::postgres) struct Progress {
    is_started: AtomicBool,
    is_finished: AtomicBool,
}

impl Progress {
    /// Returns true if the handshake failed.
    pub(in crate::postgres) fn has_failed(&self) -> bool {
        self.is_started.load(Ordering::Relaxed) && !self.is_encrypted()
    }

    /// Returns true if the handshake succeeded.
    pub(in crate::postgres) fn is_encrypted(&self) -> bool {
        self.is_finished.load(Ordering::Relaxed)
    }
}

/// The handshake of one connection.
#[derive(Clone, Debug)]
pub(in crate::postgres) struct Handshake {
    pub(in crate::postgres) tls: Arc<Tls>,
    pub(in crate::postgres) progress: Arc<Progress>,
    host: String,
}

impl Handshake {
    pub(in crate::postgres) fn new(tls: &Arc<Tls>) -> Handshake {
        Handshake { tls: Arc::clone(tls), progress: Arc::default(), host: String::new() }
    }

    async fn run(self, socket: Socket) -> Result<Stream, TlsError> {
        self.progress.is_started.store(true, Ordering::Relaxed);
        let host = ServerName::try_from(self.host.clone()).map_err(|_| TlsError::HostName(self.host))?;
        let connector = TlsConnector::from(self.tls.client_config()?);
        let stream = connector
            .connect(host, BufReader::with_capacity(READ_BUFFER, socket))
            .await
            .map_err(|source| TlsError::Handshake { mode: self.tls.mode.name(), source })?;
        self.progress.is_finished.store(true, Ordering::Relaxed);
        Ok(Stream(Box::new(stream)))
    }
}

impl MakeTlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type TlsConnect = Handshake;
    type Error = TlsError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, TlsError> {
        Ok(Handshake { host: host.to_owned(), ..self.clone() })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type Error = TlsError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, TlsError>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(self.run(socket))
    }
}

/// An encrypted connection. It is boxed, since a plain one is of the same type and much smaller.
#[derive(Debug)]
pub(in crate::postgres) struct Stream(Box<TlsStream<BufReader<Socket>>>);

impl tokio_postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        let certificates = self.0.get_ref().1.peer_certificates();
        let hash = certificates.and_then(|chain| end_point_hash(chain.first()?));
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
