//! A run as a picture: latency by percentile for each kind of request, and below it requests a second and latency over time.
//! It is SVG that stands alone, and legible on light and on dark.

mod axis;
mod panel;

use super::{OfSecond, Report, grouped, micros};
use axis::Axis;
use panel::{Line, Panel};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 900.0;

/// Where the panels stand: left and right of all, top and bottom of each.
const SIDES: (f64, f64) = (84.0, 812.0);
const BY_PERCENTILE: (f64, f64) = (112.0, 448.0);
const PER_SECOND: (f64, f64) = (528.0, 644.0);
const OVER_TIME: (f64, f64) = (708.0, 840.0);

/// One colour has the same class in both modes. Each differs in lightness from its neighbours, for who sees no hue.
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

/// How many colours there are; the last is that of all kinds together.
const COLOURS: usize = 7;

/// The picture, as SVG.
pub fn svg(report: &Report) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">\
         <title>{label}</title><style>{STYLE}</style>\n",
        label = escaped(&format!("Latency of {} at {}", report.setup.mix, report.setup.url)),
    );
    head(&mut out, report);
    by_percentile(&mut out, report);
    if report.over_time.len() > 1 {
        per_second(&mut out, &report.over_time);
        over_time(&mut out, &report.over_time);
    }
    out + "</svg>\n"
}

/// A text, where what it says is in no doubt.
fn text(out: &mut String, class: &str, at: (f64, f64), said: &str) {
    // What is written into memory always fits.
    let _ =
        writeln!(out, "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>", at.0, at.1, escaped(said));
}

fn escaped(said: &str) -> String {
    said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Microseconds that are round.
fn round(figure: f64) -> String {
    micros(figure).replace(".00 ", " ").replace(".0 ", " ")
}

fn head(out: &mut String, report: &Report) {
    let setup = &report.setup;
    let title = format!("{}: {} requests/s", setup.mix, grouped(report.per_second, 0));
    text(out, "title", (SIDES.0 - 60.0, 38.0), &title);
    let (rate, latencies) = match setup.rate {
        Some(rate) => (
            format!("{} a second meant", grouped(f64::from(rate), 0)),
            "latencies count from the intended start",
        ),
        None => ("as fast as it answers".to_owned(), "latencies are those of a full queue"),
    };
    let seconds = grouped(report.seconds, 0);
    let line =
        format!("{} · {} connections · {seconds} s · {rate}; {latencies}", setup.url, setup.connections);
    text(out, "", (SIDES.0 - 60.0, 60.0), &line);
    let failed: u64 = report.failures.values().sum();
    if failed > 0 {
        text(out, "head", (SIDES.0 - 60.0, 80.0), &format!("{} failed", grouped(failed as f64, 0)));
    }
}

/// How far right a percentile stands: each nine more is as far again.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile / 100.0).log10()
}

fn by_percentile(out: &mut String, report: &Report) {
    let curves = || report.kinds.iter().flat_map(|of| &of.curve).map(|(_, micros)| *micros);
    let ticks = super::TOLD.map(|percentile| (nines(percentile), format!("{percentile}%")));
    let panel = Panel {
        title: "latency by percentile",
        sides: SIDES,
        ends: BY_PERCENTILE,
        across: Axis::between(0.0, nines(99.99), ticks.to_vec()),
        up: Axis::log(curves(), round),
    };
    panel.draw(out);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (at, of) in report.kinds.iter().enumerate() {
        let points = of.curve.iter().map(|(percentile, micros)| (nines(*percentile), *micros)).collect();
        let class = if of.kind.is_some() { format!("c{}", at % COLOURS) } else { "all".to_owned() };
        lines.push(Line { name: of.name(), class, points });
    }
    panel.lines(out, &lines);
}

/// The seconds of a run, as an axis that both lower panels have.
fn seconds(of: &[OfSecond]) -> Axis {
    Axis::linear(of.len().saturating_sub(1) as f64, |second| format!("{second:.0} s"))
}

fn per_second(out: &mut String, of: &[OfSecond]) {
    let most = of.iter().map(|second| second.requests).max().unwrap_or(0) as f64;
    let panel = Panel {
        title: "requests/s",
        sides: SIDES,
        ends: PER_SECOND,
        across: seconds(of),
        up: Axis::linear(most, |count| grouped(count, 0)),
    };
    panel.draw(out);
    let points: Vec<(f64, f64)> =
        of.iter().enumerate().map(|(at, second)| (at as f64, second.requests as f64)).collect();
    panel.area(out, &points);
    panel.lines(out, &[Line { name: "", class: "c0".to_owned(), points }]);
}

fn over_time(out: &mut String, of: &[OfSecond]) {
    let points = |figure: fn(&OfSecond) -> f64| -> Vec<(f64, f64)> {
        of.iter().enumerate().map(|(at, second)| (at as f64, figure(second))).collect()
    };
    let panel = Panel {
        title: "latency",
        sides: SIDES,
        ends: OVER_TIME,
        across: seconds(of),
        up: Axis::log(of.iter().flat_map(|second| [second.p50, second.p99]), round),
    };
    panel.draw(out);
    let line = |name, class: &str, points| Line { name, class: class.to_owned(), points };
    panel.lines(out, &[line("p50", "c0", points(|of| of.p50)), line("p99", "c1", points(|of| of.p99))]);
}

#[cfg(test)]
mod tests;
