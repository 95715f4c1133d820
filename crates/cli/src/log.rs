//! The log, and what is told to the person at the terminal. No cookie, name, phone or address of a member comes into either.

use crate::Failure;
use guanxi_server::Settings;
use guanxi_server::settings::LogFormat;
use std::fmt;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Libraries that tell headers, and so cookies, at their finer levels: those are never written. h2 also warns of each peer that
/// misbehaves, which the service logs itself, once a second.
const HEADERS_TOLD: [&str; 3] = ["h2=error", "hyper=info", "hyper_util=info"];

/// Starts the log, on standard error; at the usual level if the settings name none.
pub(crate) fn start(settings: &Settings, usual: &str) -> Result<(), Failure> {
    let wrong = |error| format!("settings: log_level: {error}");
    let mut filter = EnvFilter::try_new(settings.log_level.as_deref().unwrap_or(usual)).map_err(wrong)?;
    for library in HEADERS_TOLD {
        filter = filter.add_directive(library.parse()?);
    }
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.log_format {
        LogFormat::Text => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => log.json().try_init(),
    }
}

/// Tells a person something beside the command's output, if anybody listens.
pub(crate) fn tell(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a command's output, at once. Who stops reading has seen enough.
pub(crate) fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
