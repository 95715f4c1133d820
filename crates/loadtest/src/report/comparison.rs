//! The table of a comparison for a terminal.

use super::table::Columns;
use super::{grouped, micros};
use crate::compare::{Comparison, Measure, Spread};

/// Formats the rows of a comparison and their failures.
pub fn table(rows: &[Comparison]) -> String {
    let mut table = Columns::with_header([
        "",
        "bytes",
        "measured",
        "reference",
        "",
        "ratio",
        "spread",
        "goal",
        "CPU",
        "reference CPU",
        "generator CPU",
        "generator delay",
    ]);
    table.extend_rows(rows.iter().map(row_cells));
    let mut text = table.to_string();
    text += "\nmeasured and reference: requests/s or p99; CPU: time per request; delay: p99\n";
    for row in rows {
        for (failure, count) in &row.failures {
            text.extend(["FAILED ", &grouped(*count as f64, 0), ": ", failure, ", in ", &row.name, "\n"]);
        }
    }
    text
}

fn row_cells(row: &Comparison) -> [String; 12] {
    let figure = |spread: Spread| match row.measure {
        Measure::PerSecond => format!("{}/s", grouped(spread.median, 0)),
        Measure::P99 => micros(spread.median),
    };
    let (one, other) = row.figures();
    let [service, counterpart, generator] = row.micros();
    let cpu_time = |micros_a_request: Option<f64>| micros_a_request.map(micros).unwrap_or_default();
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
        cpu_time(service),
        cpu_time(counterpart),
        cpu_time(generator),
        row.late_p99().map(micros).unwrap_or_default(),
    ]
}
