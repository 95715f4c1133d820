//! Programs that `bench compare` starts for its own use, on ports of their own.

use crate::Failure;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    /// Where it answers.
    pub(super) url: String,
}

impl Server {
    /// Fixed bodies.
    pub(super) fn limit() -> Result<Server, Failure> {
        let mut child = command()?.args(["bench", "limit"]).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(out) = child.stdout.as_mut() {
            BufReader::new(out).read_line(&mut url)?;
        }
        let server = Server { child, url: url.trim().to_owned() };
        if server.url.is_empty() { Err("fixed bodies could not be served".into()) } else { Ok(server) }
    }

    /// The community of a data directory.
    pub(super) fn of(data: &Path) -> Result<Server, Failure> {
        let mut command = command()?;
        command.arg("serve").arg("--data").arg(data).stderr(Stdio::piped());
        command.env("GUANXI_LOG_FORMAT", "json").env("GUANXI_LOG_LEVEL", "guanxi=info");
        let mut child = command.spawn()?;
        let log = child.stderr.take();
        let mut server = Server { child, url: String::new() };
        let mut said = String::new();
        let mut log = BufReader::new(log.ok_or("the service has no log")?);
        loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                return Err(format!("the service could not be started: {}", said.trim()).into());
            }
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = event["fields"]["address"].as_str() {
                server.url = format!("http://{address}");
                break;
            }
            said += &line;
        }
        // A log that nobody reads would stop whoever writes it.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Ok(server)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// This program, on a port of its own.
fn command() -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env("GUANXI_LISTEN", "127.0.0.1:0").env("GUANXI_OPERATOR_LISTEN", "").stdin(Stdio::null());
    Ok(command)
}

impl Drop for Server {
    fn drop(&mut self) {
        // What is left of it needs no orderly end: whatever was answered is on disk.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
