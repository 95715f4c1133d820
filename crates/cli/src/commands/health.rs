//! `guanxi health`: a readiness check, for monitors that cannot send HTTP requests.

use crate::member::sanitize;
use crate::{Failure, SettingsArgs, block_on, terminal};
use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{Request, StatusCode};
use guanxi_server::config::OptionalListenAddr;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpStream;

/// The time limit for the response. The service itself waits up to a second for its store.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The longest response in bytes, which is a status or one line.
const MAX_RESPONSE: usize = 4096;

/// Checks the service. Exits with 1 if it is not ready.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let OptionalListenAddr(Some(address)) = args.load()?.operator_listen else {
        return Err("operator_listen is empty, so there is no address to check".into());
    };
    match block_on(check_ready(address)) {
        Ok(()) => {
            terminal::print(format_args!("ready"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => {
            terminal::note(format_args!("guanxi: service at {address} is not ready: {reason}"));
            Ok(ExitCode::from(1))
        }
    }
}

/// Requests `/readyz`. Ignores proxy settings and uses no TLS, since the service runs on this machine or next to
/// it.
async fn check_ready(address: SocketAddr) -> Result<(), Failure> {
    let result = tokio::time::timeout(TIMEOUT, fetch(address)).await;
    match result.map_err(|_| "no response in time")?? {
        (status, _) if status.is_success() => Ok(()),
        (status, text) => Err(sanitize::single_line(&format!("{status}: {text}")).into()),
    }
}

async fn fetch(address: SocketAddr) -> Result<(StatusCode, String), Failure> {
    let stream = TcpStream::connect(address).await.map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/readyz").header(HOST, address.to_string()).body(Body::empty())?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let text = axum::body::to_bytes(Body::new(body), MAX_RESPONSE).await?;
    Ok((head.status, String::from_utf8_lossy(&text).into_owned()))
}
