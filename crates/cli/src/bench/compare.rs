//! `guanxi bench compare`: alternating measurements of a service and fixed bodies.

use super::args::{Seconds, read_dataset, resolve_service, write_file};
use super::children::ServerProcess;
use super::run::Generator;
use crate::{Failure, progress, terminal};
use guanxi_loadtest::compare::{Comparison, ComparisonRow, ComparisonRunner, Counterpart};
use guanxi_loadtest::report::comparison;
use guanxi_loadtest::workload::{Mix, WorkloadOptions};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The base URL of a running service. Its writes are real: it has additional follows afterwards.
    #[arg(long, value_name = "URL", required_unless_present = "data_dir")]
    url: Option<String>,
    /// A data directory, which is served for as long as this takes.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    data_dir: Option<PathBuf>,
    /// The process id of the service at --url, if it runs on this machine.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// The community file written by `bench fill`.
    #[arg(long, value_name = "FILE")]
    community: PathBuf,
    /// The number of rounds per row.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: u32,
    /// The duration of each side of a round.
    #[arg(long, default_value = "2")]
    seconds: Seconds,
    #[command(flatten)]
    generator: Generator,
    /// Measure only rows whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The base URL of another server to compare with, instead of fixed bodies.
    #[arg(long, value_name = "URL", requires = "path")]
    other: Option<String>,
    /// The path to request from the other server. {mid} stands for a member, drawn for each request.
    #[arg(long, value_name = "PATH", requires = "other")]
    path: Option<String>,
    /// The process id of the other server.
    #[arg(long, value_name = "PID", requires = "other")]
    other_pid: Option<u32>,
    /// The mix of requests to the service, for a comparison with another server.
    #[arg(long, default_value = "stat")]
    mix: Mix,
    /// Write all rounds to a JSON file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Prints the comparison. Exits with 1 if a request failed, regardless of the ratios.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let dataset = Arc::new(read_dataset(&args.community)?);
    let server = args.data_dir.as_deref().map(ServerProcess::start_service).transpose()?;
    let baseline = ServerProcess::start_baseline()?;
    let service = match (&server, &args.url) {
        (Some(server), _) => resolve_service(&server.url, Some(server.pid()))?,
        (None, Some(url)) => resolve_service(url, args.pid)?,
        (None, None) => return Err("name the service with --url or --data-dir".into()),
    };
    let runner = ComparisonRunner {
        service,
        baseline: resolve_service(&baseline.url, Some(baseline.pid()))?,
        dataset,
        rounds: args.rounds.max(1),
        time: args.seconds.0,
        connections: args.generator.connections,
        seed: args.generator.seed,
    };
    runner.warm_sessions()?;
    let comparisons = measure(&runner, &selected_rows(args, &runner)?)?;
    terminal::print(format_args!("{}", comparison::table(&comparisons)))?;
    if let Some(file) = &args.json {
        write_file(file, &serde_json::to_string_pretty(&comparisons)?)?;
    }
    let is_success = comparisons.iter().all(|row| row.failures.is_empty());
    Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn selected_rows(args: &Args, runner: &ComparisonRunner) -> Result<Vec<ComparisonRow>, Failure> {
    if let (Some(url), Some(path)) = (&args.other, &args.path) {
        let counterpart = Counterpart::OtherServer(resolve_service(url, args.other_pid)?, path.clone());
        return Ok(vec![ComparisonRow::new(
            &args.mix.to_string(),
            &args.mix.to_string(),
            WorkloadOptions::default(),
            counterpart,
            None,
        )]);
    }
    let filter = args.only.as_deref().unwrap_or_default();
    Ok(ComparisonRow::all(&runner.dataset).into_iter().filter(|row| row.name.contains(filter)).collect())
}

fn measure(runner: &ComparisonRunner, selected_rows: &[ComparisonRow]) -> Result<Vec<Comparison>, Failure> {
    let bar = progress::entries_bar("comparing");
    bar.set_length(selected_rows.len() as u64);
    let mut comparisons = Vec::new();
    for row in selected_rows {
        comparisons.push(runner.measure(row)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(comparisons)
}
