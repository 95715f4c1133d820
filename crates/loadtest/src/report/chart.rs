//! The report of a run as an SVG chart: latency by percentile for each request kind, requests per second and
//! latency over time. The file is self-contained and legible on light and dark backgrounds.

mod axis;
mod panel;

use super::{Report, SecondReport, grouped, micros};
use axis::Axis;
use panel::{Line, Panel};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 900.0;

/// The positions of the panels: left and right of all, top and bottom of each.
const HORIZONTAL: (f64, f64) = (84.0, 812.0);
const PERCENTILE_PANEL: (f64, f64) = (112.0, 448.0);
const THROUGHPUT_PANEL: (f64, f64) = (528.0, 644.0);
const LATENCY_PANEL: (f64, f64) = (708.0, 840.0);

/// The style sheet. Each colour has the same class in both modes. Neighbouring colours differ in lightness, for
/// readers with colour blindness.
const STYLE: &str = "
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; background: #fff }
text { fill: #3a3f47 } .title { font-size: 20px; font-weight: 600; fill: #14171c } .head { font-weight: 600; fill: #14171c }
.grid { stroke: #e3e6ea; fill: none } .line { fill: none; stroke-width: 2; stroke-linejoin: round }
.all { stroke-width: 3.5 } .end { text-anchor: end } .middle { text-anchor: middle } .area { opacity: .16; stroke: none }
.c0 { stroke: #1f5fbf } .c1 { stroke: #c2410c } .c2 { stroke: #15803d } .c3 { stroke: #9333a8 } .c4 { stroke: #a16207 }
.c5 { stroke: #0e7490 } .c6 { stroke: #be123c } .all, .c7 { stroke: #14171c } .area { fill: #1f5fbf }
@media (prefers-color-scheme: dark) {
svg { background: #14171c } text { fill: #c3c9d2 } .title, .head { fill: #f3f5f8 } .grid { stroke: #2c313a }
.c0 { stroke: #7db0ff } .c1 { stroke: #ff9d66 } .c2 { stroke: #6fdc93 } .c3 { stroke: #dba2ee } .c4 { stroke: #ecc65c }
.c5 { stroke: #67d5ea } .c6 { stroke: #ff8fa3 } .all, .c7 { stroke: #f3f5f8 } .area { fill: #7db0ff }
}";

/// The number of colours for single kinds.
const COLOUR_COUNT: usize = 7;

/// Returns the chart as SVG.
pub fn render(report: &Report) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
         <title>{label}</title><style>{STYLE}</style>\n",
        label = escape_xml(&format!("Latency of {} at {}", report.setup.mix, report.setup.url)),
    );
    draw_header(&mut out, report);
    draw_percentiles(&mut out, report);
    if report.over_time.len() > 1 {
        draw_throughput(&mut out, &report.over_time);
        draw_latency(&mut out, &report.over_time);
    }
    out + "</svg>\n"
}

/// Appends a text element.
fn append_text(out: &mut String, class: &str, (x, y): (f64, f64), label: &str) {
    // A write into a `String` does not fail.
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape_xml(label));
}

fn escape_xml(label: &str) -> String {
    label.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Formats microseconds without trailing zeros.
fn format_round(figure: f64) -> String {
    micros(figure).replace(".00 ", " ").replace(".0 ", " ")
}

fn draw_header(out: &mut String, report: &Report) {
    let setup = &report.setup;
    let title = format!("{}: {} requests/s", setup.mix, grouped(report.per_second, 0));
    append_text(out, "title", (HORIZONTAL.0 - 60.0, 38.0), &title);
    let (rate, latencies) = match setup.rate {
        Some(rate) => (
            format!("open loop, {} requests/s", grouped(f64::from(rate), 0)),
            "latencies count from the intended start",
        ),
        None => ("closed loop".to_owned(), "latencies are those of a full queue"),
    };
    let seconds = grouped(report.seconds, 0);
    let line =
        format!("{} · {} connections · {seconds} s · {rate}; {latencies}", setup.url, setup.connections);
    append_text(out, "", (HORIZONTAL.0 - 60.0, 60.0), &line);
    let failed: u64 = report.failures.values().sum();
    if failed > 0 {
        append_text(
            out,
            "head",
            (HORIZONTAL.0 - 60.0, 80.0),
            &format!("{} failed", grouped(failed as f64, 0)),
        );
    }
}

/// Returns the horizontal position of a percentile: the number of its nines.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile / 100.0).log10()
}

fn draw_percentiles(out: &mut String, report: &Report) {
    let curves = || report.kinds.iter().flat_map(|kind| &kind.curve).map(|(_, micros)| *micros);
    let ticks = super::PERCENTILES.map(|percentile| (nines(percentile), format!("{percentile}%")));
    let panel = Panel {
        title: "latency by percentile",
        horizontal: HORIZONTAL,
        vertical: PERCENTILE_PANEL,
        x_axis: Axis::between(0.0, nines(99.99), ticks.to_vec()),
        y_axis: Axis::log(curves(), format_round),
    };
    panel.draw(out);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (at, kind) in report.kinds.iter().enumerate() {
        let points = kind.curve.iter().map(|(percentile, micros)| (nines(*percentile), *micros)).collect();
        let class = if kind.kind.is_some() { format!("c{}", at % COLOUR_COUNT) } else { "all".to_owned() };
        lines.push(Line { name: kind.name(), class, points });
    }
    panel.lines(out, &lines);
}

/// Returns the time axis of both lower panels.
fn time_axis(seconds: &[SecondReport]) -> Axis {
    Axis::linear(seconds.len().saturating_sub(1) as f64, |second| format!("{second:.0} s"))
}

fn draw_throughput(out: &mut String, seconds: &[SecondReport]) {
    let max = seconds.iter().map(|second| second.requests).max().unwrap_or(0) as f64;
    let panel = Panel {
        title: "requests/s",
        horizontal: HORIZONTAL,
        vertical: THROUGHPUT_PANEL,
        x_axis: time_axis(seconds),
        y_axis: Axis::linear(max, |count| grouped(count, 0)),
    };
    panel.draw(out);
    let points: Vec<(f64, f64)> =
        seconds.iter().enumerate().map(|(at, second)| (at as f64, second.requests as f64)).collect();
    panel.area(out, &points);
    panel.lines(out, &[Line { name: "", class: "c0".to_owned(), points }]);
}

fn draw_latency(out: &mut String, seconds: &[SecondReport]) {
    let points = |figure: fn(&SecondReport) -> f64| -> Vec<(f64, f64)> {
        seconds.iter().enumerate().map(|(at, second)| (at as f64, figure(second))).collect()
    };
    let panel = Panel {
        title: "latency",
        horizontal: HORIZONTAL,
        vertical: LATENCY_PANEL,
        x_axis: time_axis(seconds),
        y_axis: Axis::log(seconds.iter().flat_map(|second| [second.p50, second.p99]), format_round),
    };
    panel.draw(out);
    let line = |name, class: &str, points| Line { name, class: class.to_owned(), points };
    let p50 = line("p50", "c0", points(|second| second.p50));
    let p99 = line("p99", "c1", points(|second| second.p99));
    panel.lines(out, &[p50, p99]);
}

#[cfg(test)]
mod tests;
