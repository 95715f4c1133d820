//! A comparison, for a terminal.

use super::table::Columns;
use super::{grouped, micros};
use crate::compare::{Compared, Measure, Spread};

/// The rows of a comparison, and what went wrong.
pub fn table(rows: &[Compared]) -> String {
    let mut table = Columns::under([
        "",
        "bytes",
        "this",
        "beside it",
        "",
        "ratio",
        "spread",
        "goal",
        "CPU",
        "beside it",
        "generator",
    ]);
    table.lines(rows.iter().map(line));
    let mut text = table.to_string();
    text += "\nthis and what is beside it: requests/s, or p99; CPU: of the service, what is beside it and the generator, for each request\n";
    for row in rows {
        for (failure, count) in &row.failures {
            text.extend(["FAILED ", &grouped(*count as f64, 0), ": ", failure, ", in ", &row.name, "\n"]);
        }
    }
    text
}

fn line(row: &Compared) -> [String; 11] {
    let figure = |spread: Spread| match row.measure {
        Measure::PerSecond => format!("{}/s", grouped(spread.median, 0)),
        Measure::P99 => micros(spread.median),
    };
    let (one, other) = row.figures();
    let [theirs, beside, own] = row.micros();
    let told = |micros_a_request: Option<f64>| micros_a_request.map(micros).unwrap_or_default();
    let goal = row.goal.map(|goal| match row.is_met() {
        Some(true) => format!("{goal:.2} met"),
        _ => format!("{goal:.2} not met"),
    });
    [
        row.name.clone(),
        grouped(row.bytes as f64, 0),
        figure(one),
        if row.against.is_some() { figure(other) } else { String::new() },
        row.against.clone().unwrap_or_default(),
        row.ratio.map(|ratio| format!("{:.2}", ratio.median)).unwrap_or_default(),
        row.ratio.map(|ratio| format!("{:.2}-{:.2}", ratio.min, ratio.max)).unwrap_or_default(),
        goal.unwrap_or_default(),
        told(theirs),
        told(beside),
        told(own),
    ]
}
