//! Progress bars on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use std::time::Duration;

/// The redraw interval without progress.
const TICK: Duration = Duration::from_millis(100);

/// Returns a bar for a known number of bytes.
pub(crate) fn bytes_bar(prefix: &'static str, bytes: u64) -> ProgressBar {
    bar_with_template(Some(bytes), prefix, "{prefix}  {bar:40}  {percent:>3}%  {msg}  {eta} left")
}

/// Returns a spinner for unknown lengths.
pub(crate) fn spinner(prefix: &'static str) -> ProgressBar {
    bar_with_template(None, prefix, "{spinner} {prefix}  {msg}  {binary_bytes}  {elapsed}")
}

/// Returns a bar for a number of entries, which is set later.
pub(crate) fn entries_bar(prefix: &'static str) -> ProgressBar {
    bar_with_template(None, prefix, "{prefix}  {bar:40}  {human_pos} of {human_len}  {eta} left")
}

/// Returns a spinner for a fixed duration.
pub(crate) fn time_spinner(prefix: &'static str, time: Duration) -> ProgressBar {
    let bar = bar_with_template(None, prefix, "{spinner} {prefix}  {elapsed} of {msg}");
    bar.with_message(format!("{:.0}s", time.as_secs_f64()))
}

fn bar_with_template(length: Option<u64>, prefix: &'static str, template: &str) -> ProgressBar {
    // Draws nothing if standard error is no terminal.
    let target = ProgressDrawTarget::stderr();
    let Ok(style) = ProgressStyle::with_template(template) else { return ProgressBar::hidden() };
    let bar = ProgressBar::with_draw_target(length, target).with_style(style).with_prefix(prefix);
    let bar = bar.with_finish(ProgressFinish::AndClear);
    bar.enable_steady_tick(TICK);
    bar
}

/// Formats a number of rows.
pub(crate) fn row_count(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        _ => format!("{} rows", indicatif::HumanCount(count)),
    }
}
