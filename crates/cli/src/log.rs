//! The log on standard error. No line contains cookies, names, phone numbers or addresses of members.

mod buffer;
mod plain_fields;

use crate::Failure;
use guanxi_server::Settings;
use guanxi_server::config::LogFormat;
use jiff::Timestamp;
use plain_fields::PlainFields;
use std::fmt;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Log levels of libraries that log headers, and so cookies, at finer levels. h2 also warns of each misbehaving
/// peer, which the service logs itself at most once per second.
const HEADER_LOGGERS: [&str; 3] = ["h2=error", "hyper=info", "hyper_util=info"];

/// Starts the log, at `default_level` unless the settings name a level.
pub(crate) fn init(settings: &Settings, default_level: &str) -> Result<(), Failure> {
    let invalid_level = |error| format!("settings: log_level: {error}");
    let mut filter =
        EnvFilter::try_new(settings.log_level.as_deref().unwrap_or(default_level)).map_err(invalid_level)?;
    for directive in HEADER_LOGGERS {
        filter = filter.add_directive(directive.parse()?);
    }
    buffer::start_flusher()?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(buffer::LogWriter);
    match settings.log_format {
        LogFormat::Text if io::stderr().is_terminal() => log.try_init(),
        // The styles of a terminal cost half of a line's time even when they are off.
        LogFormat::Text => log.with_ansi(false).with_timer(Clock).fmt_fields(PlainFields).try_init(),
        LogFormat::Json => log.json().try_init(),
    }
}

/// The time of a log line, with microseconds. It is that of the system also if the service has a start time.
struct Clock;

impl FormatTime for Clock {
    #[expect(clippy::disallowed_methods, reason = "the log shows the system time")]
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{:.6}", Timestamp::now())
    }
}

/// Writes the lines that are buffered. The program calls it before it ends.
pub(crate) fn flush() {
    buffer::flush();
}
