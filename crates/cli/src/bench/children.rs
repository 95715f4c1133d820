//! Server processes that `bench compare` starts on free ports.

use crate::Failure;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server process. Drop kills it.
#[derive(Debug)]
pub(super) struct ServerProcess {
    child: Child,
    /// The base URL.
    pub(super) url: String,
}

impl ServerProcess {
    /// Starts a server of fixed bodies.
    pub(super) fn start_baseline() -> Result<ServerProcess, Failure> {
        let mut child = own_command()?.args(["bench", "limit"]).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(out) = child.stdout.as_mut() {
            BufReader::new(out).read_line(&mut url)?;
        }
        let server = ServerProcess { child, url: url.trim().to_owned() };
        if server.url.is_empty() {
            Err("the server of fixed bodies did not start".into())
        } else {
            Ok(server)
        }
    }

    /// Starts a service on a data directory.
    pub(super) fn start_service(data: &Path) -> Result<ServerProcess, Failure> {
        let mut command = own_command()?;
        command.arg("serve").arg("--data-dir").arg(data).stderr(Stdio::piped());
        command.env("GUANXI_LOG_FORMAT", "json").env("GUANXI_ACCESS_LOG", "false");
        // `serve` logs the address at the level info. Spans of requests have this level too, and stay disabled.
        command.env("GUANXI_LOG_LEVEL", "warn,guanxi::commands::serve=info");
        let mut child = command.spawn()?;
        let log = child.stderr.take();
        let mut server = ServerProcess { child, url: String::new() };
        let mut output = String::new();
        let mut log = BufReader::new(log.ok_or("the service has no log")?);
        loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                return Err(format!("the service did not start: {}", output.trim()).into());
            }
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = event["fields"]["address"].as_str() {
                server.url = format!("http://{address}");
                break;
            }
            output += &line;
        }
        // The service would block on a full pipe if its log were not read.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Ok(server)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// Returns a command of this program with free ports.
fn own_command() -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env("GUANXI_LISTEN", "127.0.0.1:0").env("GUANXI_OPERATOR_LISTEN", "").stdin(Stdio::null());
    Ok(command)
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // No graceful shutdown is needed, since acknowledged writes are durable.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
