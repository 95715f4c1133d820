//! How far something is, shown to whoever looks at standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use std::time::Duration;

/// How often a bar moves though nothing is told.
const TICK: Duration = Duration::from_millis(100);

/// Of so many bytes that are read.
pub(crate) fn of_bytes(doing: &'static str, bytes: u64) -> ProgressBar {
    shown(Some(bytes), doing, "{prefix}  {bar:40}  {percent:>3}%  {msg}  {eta} left")
}

/// Of nobody knows how many.
pub(crate) fn open_end(doing: &'static str) -> ProgressBar {
    shown(None, doing, "{spinner} {prefix}  {msg}  {binary_bytes}  {elapsed}")
}

/// Of entries of a list, how many of which is told on the way.
pub(crate) fn of_entries(doing: &'static str) -> ProgressBar {
    shown(None, doing, "{prefix}  {bar:40}  {human_pos} of {human_len}  {eta} left")
}

/// Of something that takes so long, whatever happens.
pub(crate) fn of_time(doing: &'static str, time: Duration) -> ProgressBar {
    let bar = shown(None, doing, "{spinner} {prefix}  {elapsed} of {msg}");
    bar.with_message(format!("{:.0}s", time.as_secs_f64()))
}

fn shown(length: Option<u64>, doing: &'static str, template: &str) -> ProgressBar {
    // Where standard error is no terminal, nothing is drawn.
    let target = ProgressDrawTarget::stderr();
    let Ok(style) = ProgressStyle::with_template(template) else { return ProgressBar::hidden() };
    let bar = ProgressBar::with_draw_target(length, target).with_style(style).with_prefix(doing);
    let bar = bar.with_finish(ProgressFinish::AndClear);
    bar.enable_steady_tick(TICK);
    bar
}

/// Some rows, and their verb.
pub(crate) fn rows_were(count: u64) -> String {
    format!("{} {}", rows(count), if count == 1 { "was" } else { "were" })
}

/// Some rows, in words.
pub(crate) fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        _ => format!("{} rows", indicatif::HumanCount(count)),
    }
}
