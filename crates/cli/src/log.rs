//! The log on standard error. No line contains cookies, names, phone numbers or addresses of members.

mod buffer;
mod clock;
mod format;

use crate::Failure;
use format::{ACCESS_LOG, LineFormat};
use guanxi_server::Settings;
use guanxi_server::config::LogFormat;
use guanxi_server::request_log::{AccessLine, AccessLog};
use std::sync::Arc;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Log levels of libraries that log headers, and so cookies, at finer levels. h2 also warns of each misbehaving
/// peer, which the service logs itself at most once per second.
const HEADER_LOGGERS: [&str; 3] = ["h2=error", "hyper=info", "hyper_util=info"];

/// Starts the log, at `default_level` unless the settings name a level. Returns the access log, if it is on.
pub(crate) fn init(settings: &Settings, default_level: &str) -> Result<Option<Arc<dyn AccessLog>>, Failure> {
    let invalid_level = |error| format!("settings: log_level: {error}");
    let mut filter =
        EnvFilter::try_new(settings.log_level.as_deref().unwrap_or(default_level)).map_err(invalid_level)?;
    for directive in HEADER_LOGGERS {
        filter = filter.add_directive(directive.parse()?);
    }
    buffer::start_flusher()?;
    let format = match settings.log_format {
        LogFormat::Text => LineFormat::Text { is_colored: console::colors_enabled_stderr() },
        LogFormat::Json => LineFormat::Json,
    };
    tracing_subscriber::registry().with(filter).with(Stderr(format)).try_init()?;
    let is_on = settings.access_log && tracing::event_enabled!(target: ACCESS_LOG, Level::INFO);
    Ok(is_on.then(|| Arc::new(Stderr(format)) as Arc<dyn AccessLog>))
}

/// The log on standard error.
#[derive(Debug)]
struct Stderr(LineFormat);

impl<S: Subscriber> Layer<S> for Stderr {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (mut line, time) = (Vec::new(), format!("{:.6}", clock::now()));
        self.0.push_event(&mut line, &time, event);
        buffer::write(&line);
    }
}

impl AccessLog for Stderr {
    fn write(&self, line: &AccessLine<'_>) {
        buffer::push(|lines, time| self.0.push_access_line(lines, time, line));
    }
}

/// Writes the lines that are buffered. The program calls it before it ends.
pub(crate) fn flush() {
    buffer::write(b"");
}
