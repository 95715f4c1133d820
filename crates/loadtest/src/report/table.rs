//! A run, for a terminal.

use super::{Cpu, OfKind, Report, grouped, micros};
use std::fmt::{self, Display, Formatter};

/// Columns that are as wide as their widest cell: the first stands at its left, the others at their right.
#[derive(Clone, Debug, Default)]
pub struct Columns(Vec<Vec<String>>);

impl Columns {
    /// Under such headings.
    pub fn under<const N: usize>(headings: [&str; N]) -> Columns {
        Columns(vec![headings.map(str::to_owned).to_vec()])
    }

    /// More lines.
    pub fn lines<const N: usize>(&mut self, lines: impl Iterator<Item = [String; N]>) {
        self.0.extend(lines.map(Vec::from));
    }
}

impl Display for Columns {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let wide = |at: usize| {
            self.0.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        for line in &self.0 {
            let cells = line.iter().enumerate().map(|(at, cell)| match wide(at) {
                wide if at == 0 => format!("{cell:<wide$}"),
                wide => format!("{cell:>wide$}"),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

fn line(of: &OfKind) -> [String; 9] {
    let [p50, p90, p99, p99_9, p99_99] = of.percentiles.map(micros);
    let requests = grouped(of.requests as f64, 0);
    [of.name().to_owned(), requests, micros(of.mean), p50, p90, p99, p99_9, p99_99, micros(of.max)]
}

fn share(cpu: Cpu) -> String {
    format!("{:.2} processors, {:.1} µs a request", cpu.processors, cpu.micros_a_request)
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
                let spacing = if setup.even { "evenly" } else { "by chance" };
                let rate = grouped(f64::from(rate), 0);
                writeln!(
                    out,
                    "open loop: {rate} a second are meant to start, {spacing}; latencies count from there"
                )?;
            }
            None => writeln!(
                out,
                "closed loop: each connection asks again at once; latencies are those of a full queue"
            )?,
        }
        let mut table =
            Columns::under(["", "requests", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"]);
        table.lines(self.kinds.iter().map(line));
        writeln!(out, "\n{table}")?;
        let (requests, seconds) = (grouped(self.requests as f64, 0), grouped(self.seconds, 1));
        let bytes = grouped(self.mean_bytes as f64, 0);
        writeln!(
            out,
            "{} requests/s: {requests} in {seconds} s, of {bytes} bytes",
            grouped(self.per_second, 0)
        )?;
        if let Some(cpu) = self.generator {
            writeln!(out, "generator: {}", share(cpu))?;
        }
        if let Some(cpu) = self.service {
            writeln!(out, "service:   {}", share(cpu))?;
        }
        if let Some(late) = self.late_p99 {
            writeln!(out, "the generator itself was late by {} at the 99th percentile", micros(late))?;
        }
        if self.blocked > 0 {
            let blocked = grouped(self.blocked as f64, 0);
            writeln!(out, "follows refused, as one of the two blocks the other: {blocked}")?;
        }
        for (failure, count) in &self.failures {
            writeln!(out, "FAILED {}: {failure}", grouped(*count as f64, 0))?;
        }
        Ok(())
    }
}
