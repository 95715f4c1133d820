//! `guanxi bench run`: one load test run against one service.

use super::args::{Seconds, contract_param, read_dataset, resolve_service, write_file};
use crate::{Failure, progress, terminal};
use guanxi_loadtest::compare::Service;
use guanxi_loadtest::dataset::Dataset;
use guanxi_loadtest::load::{DEFAULT_GRACE, Load, Rate, RequestSource, Spacing};
use guanxi_loadtest::report::{Report, Setup, chart};
use guanxi_loadtest::topology::REQUEST_EXPONENT;
use guanxi_loadtest::workload::{EndpointWorkload, Mix, PathWorkload, SessionWarmer, WorkloadOptions};
use guanxi_types::{Mid, Order, PageNumber, PageSize};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The base URL of the service.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The mix of requests: read, write, social or a single kind. social is 30% stat, 25% relation, 15% followers,
    /// 10% followings, 15% card and 5% follow. Other kinds are group and default-group.
    #[arg(long, default_value = "read")]
    mix: Mix,
    /// A path of any server to request instead of a mix. {mid} stands for a member, drawn for each request.
    #[arg(long, value_name = "PATH", conflicts_with = "mix")]
    path: Option<String>,
    /// The community file written by `bench fill`.
    #[arg(long, value_name = "FILE")]
    community: Option<PathBuf>,
    /// The number of requests per second (open loop), or max: each connection repeats after the response (closed
    /// loop).
    #[arg(long, default_value = "max")]
    rate: Rate,
    /// Space requests equally instead of randomly.
    #[arg(long)]
    even: bool,
    /// The duration of the run.
    #[arg(long, default_value = "10")]
    seconds: Seconds,
    #[command(flatten)]
    generator: Generator,
    #[command(flatten)]
    requests: RequestOptions,
    /// The process id of the service on this machine, to report its CPU usage.
    #[arg(long)]
    pid: Option<u32>,
    /// Write the report to a JSON file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write an SVG chart of latency by percentile and over time.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The parameters of the load generator.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Generator {
    /// The number of connections.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(super) connections: usize,
    /// The number of generator threads.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) threads: usize,
    /// The random seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
}

/// The parameters of requests beside their kind.
#[derive(Clone, Debug, clap::Args)]
struct RequestOptions {
    /// The page number of lists.
    #[arg(long, value_name = "N", value_parser = contract_param::<PageNumber>, default_value = "1")]
    pn: PageNumber,
    /// The page size of lists.
    #[arg(long, value_name = "N", value_parser = contract_param::<PageSize>, default_value = "50")]
    ps: PageSize,
    /// The order of lists: desc (newest first) or asc.
    #[arg(long, value_parser = contract_param::<Order>, default_value = "desc")]
    order: Order,
    /// Request only this member instead of drawing members.
    #[arg(long, value_name = "MID")]
    vmid: Option<Mid>,
    /// Send public requests with a session too, so that lists contain the viewer's relations.
    #[arg(long)]
    as_members: bool,
    /// The Zipf exponent of the popularity of requested members.
    #[arg(long, value_name = "S", value_parser = zipf_exponent, default_value_t = REQUEST_EXPONENT)]
    zipf: f64,
    /// Have members with the longest lists request their own lists, of which every page is visible.
    #[arg(long, conflicts_with = "vmid")]
    own: bool,
}

fn zipf_exponent(text: &str) -> Result<f64, &'static str> {
    let exponent = text.parse().ok().filter(|exponent| (0.0..=10.0).contains(exponent));
    exponent.ok_or("an exponent is between 0 and 10")
}

impl RequestOptions {
    fn workload_options(&self) -> WorkloadOptions {
        let &RequestOptions { pn, ps, order, vmid, as_members, zipf, own } = self;
        WorkloadOptions { pn, ps, order, vmid, as_members, zipf, own }
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let service = resolve_service(&args.url, args.pid)?;
    let dataset = Arc::new(load_dataset(args)?);
    let load = args.load(&service);
    if args.path.is_none() && (args.mix.needs_sessions() || args.requests.as_members || args.requests.own) {
        warm_sessions(&load, &service, &dataset)?;
    }
    let mut sources = create_sources(args, &service, &dataset)?;
    let bar = progress::time_spinner("running", args.seconds.0);
    let stats = load.run(&mut sources)?;
    bar.finish_and_clear();
    let report = Report::new(args.setup(load.rate), &stats);
    terminal::print(format_args!("{report}"))?;
    if let Some(file) = &args.json {
        write_file(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &args.svg {
        write_file(file, &chart::render(&report))?;
    }
    Ok(if report.is_success() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn load_dataset(args: &Args) -> Result<Dataset, Failure> {
    match (&args.community, args.requests.vmid) {
        (Some(file), _) => read_dataset(file),
        (None, Some(mid)) => Ok(Dataset::single_member(mid)),
        (None, None) if args.path.as_ref().is_some_and(|path| !path.contains("{mid}")) => {
            Ok(Dataset::single_member(Mid::MAX))
        }
        (None, None) => Err("name the members to request with --community, or one member with --vmid".into()),
    }
}

fn create_sources(
    args: &Args,
    service: &Service,
    dataset: &Arc<Dataset>,
) -> Result<Vec<Box<dyn RequestSource>>, Failure> {
    let (threads, seed) = (args.generator.threads, args.generator.seed);
    if let Some(path) = &args.path {
        let source = |thread| -> Box<dyn RequestSource> {
            Box::new(PathWorkload::new(&service.target, path, Some(dataset), seed + thread as u64))
        };
        return Ok((0..threads).map(source).collect());
    }
    let options = args.requests.workload_options();
    let workloads =
        EndpointWorkload::for_threads(threads, &service.target, dataset, &args.mix, &options, seed)?;
    Ok(workloads.into_iter().map(|workload| Box::new(workload) as Box<dyn RequestSource>).collect())
}

/// The time limit for the first use of all sessions.
const WARM_UP_LIMIT: Duration = Duration::from_mins(10);

/// Uses every session once, so that the daily login rewards are written before the measurement.
fn warm_sessions(load: &Load, service: &Service, dataset: &Arc<Dataset>) -> Result<(), Failure> {
    let load = Load { rate: Rate::Max, time: WARM_UP_LIMIT, ..load.clone() };
    let bar = progress::spinner("using every session once");
    let stats = load.run(&mut [SessionWarmer::new(&service.target, dataset)])?;
    bar.finish_and_clear();
    match stats.failures.first_key_value() {
        Some((failure, count)) => Err(format!("{count} sessions are unusable: {failure}").into()),
        None => Ok(()),
    }
}

impl Args {
    fn load(&self, service: &Service) -> Load {
        let rate = match self.rate {
            Rate::PerSecond(rate, _) if self.even => Rate::PerSecond(rate, Spacing::Even),
            rate => rate,
        };
        let Generator { connections, seed, .. } = self.generator;
        Load {
            address: service.address,
            connections,
            rate,
            time: self.seconds.0,
            grace: DEFAULT_GRACE,
            seed,
            pid: service.pid,
        }
    }

    fn setup(&self, rate: Rate) -> Setup {
        let Generator { connections, threads, seed } = self.generator;
        let mix = self.path.clone().unwrap_or_else(|| self.mix.to_string());
        let setup = Setup { url: self.url.clone(), mix, connections, threads, rate: None, even: false, seed };
        setup.at_rate(rate)
    }
}
