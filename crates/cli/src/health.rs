//! `guanxi health`: whether a service that runs is ready, for who watches it and cannot ask over HTTP.

use crate::{Failure, SettingsArgs, block_on, log};
use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{Request, StatusCode};
use guanxi_server::settings::Listen;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long the service may take to answer; it grants its store a second itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the service; exits with 1 if it is not ready.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let Listen(Some(address)) = args.load()?.operator_listen else {
        return Err("operator_listen names no address that could be asked".into());
    };
    match block_on(ask(address)) {
        Ok(()) => {
            log::print(format_args!("ready"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            log::tell(format_args!("guanxi: the service at {address} is not ready: {why}"));
            Ok(ExitCode::from(1))
        }
    }
}

/// Asks without a proxy and without TLS, whatever the environment says: the service is on this machine, or beside it.
async fn ask(address: SocketAddr) -> Result<(), Failure> {
    let asked = tokio::time::timeout(PATIENCE, status(address)).await;
    match asked.map_err(|_| "it does not answer")?? {
        status if status.is_success() => Ok(()),
        status => Err(status.to_string().into()),
    }
}

async fn status(address: SocketAddr) -> Result<StatusCode, Failure> {
    let stream = TcpStream::connect(address).await.map_err(|_| "nobody listens there")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/readyz").header(HOST, address.to_string()).body(Body::empty())?;
    Ok(sender.send_request(request).await?.status())
}
