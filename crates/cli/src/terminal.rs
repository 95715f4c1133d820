//! The log and the terminal output. Neither contains cookies, names, phone numbers or addresses of members.

use crate::Failure;
use guanxi_server::Settings;
use guanxi_server::config::LogFormat;
use std::fmt;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Log levels of libraries that log headers, and so cookies, at finer levels. h2 also warns of each misbehaving
/// peer, which the service logs itself at most once per second.
const HEADER_LOGGERS: [&str; 3] = ["h2=error", "hyper=info", "hyper_util=info"];

/// Starts the log on standard error, at `default_level` unless the settings name a level.
pub(crate) fn init_logging(settings: &Settings, default_level: &str) -> Result<(), Failure> {
    let invalid_level = |error| format!("settings: log_level: {error}");
    let mut filter =
        EnvFilter::try_new(settings.log_level.as_deref().unwrap_or(default_level)).map_err(invalid_level)?;
    for directive in HEADER_LOGGERS {
        filter = filter.add_directive(directive.parse()?);
    }
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.log_format {
        LogFormat::Text => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => log.json().try_init(),
    }
}

/// Prints a message on standard error, beside the output of the command. Ignores errors.
pub(crate) fn note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a line of the command's output and flushes. A closed pipe is no error.
pub(crate) fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
