//! The report of a run as a table for a terminal.

use super::{CpuUsage, KindReport, Report, grouped, micros};
use std::fmt::{self, Display, Formatter};

/// A table whose columns are as wide as their widest cell. The first column is left-aligned, the others
/// right-aligned.
#[derive(Clone, Debug, Default)]
pub struct Columns(Vec<Vec<String>>);

impl Columns {
    /// Creates a table with a header row.
    pub fn with_header<const N: usize>(headings: [&str; N]) -> Columns {
        Columns(vec![headings.map(str::to_owned).to_vec()])
    }

    /// Appends rows.
    pub fn extend_rows<const N: usize>(&mut self, lines: impl Iterator<Item = [String; N]>) {
        self.0.extend(lines.map(Vec::from));
    }
}

impl Display for Columns {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let width = |at: usize| {
            self.0.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        for row in &self.0 {
            let cells = row.iter().enumerate().map(|(at, cell)| match width(at) {
                width if at == 0 => format!("{cell:<width$}"),
                width => format!("{cell:>width$}"),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

fn row(report: &KindReport) -> [String; 9] {
    let [p50, p90, p99, p99_9, p99_99] = report.percentiles.map(micros);
    let requests = grouped(report.requests as f64, 0);
    [
        report.name().to_owned(),
        requests,
        micros(report.mean),
        p50,
        p90,
        p99,
        p99_9,
        p99_99,
        micros(report.max),
    ]
}

fn cpu_usage(cpu: CpuUsage) -> String {
    format!("{:.2} processors, {:.1} µs per request", cpu.processors, cpu.micros_a_request)
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let setup = &self.setup;
        writeln!(
            out,
            "{} at {}, {} connections, seed {}",
            setup.mix, setup.url, setup.connections, setup.seed
        )?;
        match setup.rate {
            Some(rate) => {
                let spacing = if setup.even { "equal" } else { "random" };
                let rate = grouped(f64::from(rate), 0);
                writeln!(
                    out,
                    "open loop: {rate} requests/s with {spacing} spacing; latencies count from the intended start"
                )?;
            }
            None => writeln!(
                out,
                "closed loop: each connection repeats at once; latencies are those of a full queue"
            )?,
        }
        let mut table =
            Columns::with_header(["", "requests", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"]);
        table.extend_rows(self.kinds.iter().map(row));
        writeln!(out, "\n{table}")?;
        let (requests, seconds) = (grouped(self.requests as f64, 0), grouped(self.seconds, 1));
        let bytes = grouped(self.mean_bytes as f64, 0);
        writeln!(
            out,
            "{} requests/s: {requests} in {seconds} s, {bytes} bytes each",
            grouped(self.per_second, 0)
        )?;
        if let Some(cpu) = self.generator {
            writeln!(out, "generator: {}", cpu_usage(cpu))?;
        }
        if let Some(cpu) = self.service {
            writeln!(out, "service:   {}", cpu_usage(cpu))?;
        }
        if let Some(lateness) = self.late_p99 {
            writeln!(out, "own delay of the generator: {} at the 99th percentile", micros(lateness))?;
        }
        if self.blocked > 0 {
            let blocked = grouped(self.blocked as f64, 0);
            writeln!(out, "follows rejected because one member blocks the other: {blocked}")?;
        }
        for (failure, count) in &self.failures {
            writeln!(out, "FAILED {}: {failure}", grouped(*count as f64, 0))?;
        }
        Ok(())
    }
}
