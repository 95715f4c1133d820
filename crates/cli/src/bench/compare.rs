//! `guanxi bench compare`: a service and fixed bodies in turns.

use super::children::Server;
use super::run::Generator;
use super::said::{Seconds, known, service, write};
use crate::{Failure, log, progress};
use guanxi_loadtest::ask::{Mix, Wishes};
use guanxi_loadtest::compare::{Against, Compared, Row, Rows};
use guanxi_loadtest::report::comparison;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A service that runs. Its writes are real: it is left with follows that were not there.
    #[arg(long, value_name = "URL", required_unless_present = "data")]
    url: Option<String>,
    /// A data directory, which is served for as long as this takes.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    data: Option<PathBuf>,
    /// The process of the service at --url, if it is on this machine.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// The file that `bench fill` wrote of the community.
    #[arg(long, value_name = "FILE")]
    community: PathBuf,
    /// How many rounds each row has.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: u32,
    /// How long either side of a round is.
    #[arg(long, default_value = "2")]
    seconds: Seconds,
    #[command(flatten)]
    generator: Generator,
    /// Measure only rows whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Another server to compare with, in place of fixed bodies.
    #[arg(long, value_name = "URL", requires = "path")]
    other: Option<String>,
    /// The path that the other is asked for; {mid} in it is a member who is drawn each time.
    #[arg(long, value_name = "PATH", requires = "other")]
    path: Option<String>,
    /// The process of the other.
    #[arg(long, value_name = "PID", requires = "other")]
    other_pid: Option<u32>,
    /// What the service is asked beside the other.
    #[arg(long, default_value = "stat")]
    mix: Mix,
    /// Write all rounds as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Tells each row as it is done; exits with 1 if a request failed, and never for a ratio.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let known = Arc::new(known(&args.community)?);
    let served = args.data.as_deref().map(Server::of).transpose()?;
    let limit = Server::limit()?;
    let ours = match (&served, &args.url) {
        (Some(server), _) => service(&server.url, Some(server.pid()))?,
        (None, Some(url)) => service(url, args.pid)?,
        (None, None) => return Err("what is compared is told by --url or --data".into()),
    };
    let rows = Rows {
        service: ours,
        limit: service(&limit.url, Some(limit.pid()))?,
        known,
        rounds: args.rounds.max(1),
        time: args.seconds.0,
        connections: args.generator.connections,
        seed: args.generator.seed,
    };
    rows.greet()?;
    let compared = measure(&rows, &wanted(args, &rows)?)?;
    log::print(format_args!("{}", comparison::table(&compared)))?;
    if let Some(file) = &args.json {
        write(file, &serde_json::to_string_pretty(&compared)?)?;
    }
    let well = compared.iter().all(|row| row.failures.is_empty());
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn wanted(args: &Args, rows: &Rows) -> Result<Vec<Row>, Failure> {
    if let (Some(url), Some(path)) = (&args.other, &args.path) {
        let against = Against::Other(service(url, args.other_pid)?, path.clone());
        return Ok(vec![Row::new(
            &args.mix.to_string(),
            &args.mix.to_string(),
            Wishes::default(),
            against,
            None,
        )]);
    }
    let only = args.only.as_deref().unwrap_or_default();
    Ok(Row::all(&rows.known).into_iter().filter(|row| row.name.contains(only)).collect())
}

fn measure(rows: &Rows, wanted: &[Row]) -> Result<Vec<Compared>, Failure> {
    let bar = progress::of_entries("comparing");
    bar.set_length(wanted.len() as u64);
    let mut compared = Vec::new();
    for row in wanted {
        compared.push(rows.measure(row)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(compared)
}
