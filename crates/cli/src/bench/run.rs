//! `guanxi bench run`: one load upon one service.

use super::said::{Seconds, known, param, service, write};
use crate::{Failure, log, progress};
use guanxi_api::paging::{Pn, Ps};
use guanxi_loadtest::ask::{Asker, ByPath, Greeter, Mix, Wishes};
use guanxi_loadtest::compare::Service;
use guanxi_loadtest::known::Known;
use guanxi_loadtest::load::{Ask, GRACE, Load, Rate, Spacing};
use guanxi_loadtest::report::{Report, Setup, picture};
use guanxi_loadtest::shape::ASKED;
use guanxi_types::Mid;
use guanxi_types::Order;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The service.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// What is asked: read, write or social, which is 30% stat, 25% relation, 15% followers, 10% followings, 15% card and 5%
    /// follow; or one of these alone, or group, or default-group.
    #[arg(long, default_value = "read")]
    mix: Mix,
    /// A path to ask for in place of a mix, of any server; {mid} in it is a member who is drawn each time.
    #[arg(long, value_name = "PATH", conflicts_with = "mix")]
    path: Option<String>,
    /// The file that `bench fill` wrote of the community.
    #[arg(long, value_name = "FILE")]
    community: Option<PathBuf>,
    /// Requests a second that are meant to start, or max: each connection asks again as soon as it was answered.
    #[arg(long, default_value = "max")]
    rate: Rate,
    /// Starts lie evenly, and not by chance.
    #[arg(long)]
    even: bool,
    /// How long.
    #[arg(long, default_value = "10")]
    seconds: Seconds,
    #[command(flatten)]
    generator: Generator,
    #[command(flatten)]
    question: Questions,
    /// The process that answers, if it is on this machine: its share of the processors is told too.
    #[arg(long)]
    pid: Option<u32>,
    /// Write what came of it as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a picture of it: latency by percentile, and over time.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// How the generator works.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Generator {
    /// How many connections.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(super) connections: usize,
    /// How many threads ask.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) threads: usize,
    /// From what everything is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
}

/// What is asked for beside the kind.
#[derive(Clone, Debug, clap::Args)]
struct Questions {
    /// The page of lists.
    #[arg(long, value_name = "N", value_parser = param::<Pn>, default_value = "1")]
    pn: Pn,
    /// Entries a page.
    #[arg(long, value_name = "N", value_parser = param::<Ps>, default_value = "50")]
    ps: Ps,
    /// From which end lists are told: desc or asc.
    #[arg(long, value_parser = param::<Order>, default_value = "desc")]
    order: Order,
    /// Ask about this member, and draw none.
    #[arg(long, value_name = "MID")]
    vmid: Option<Mid>,
    /// What anybody may ask is asked by members, who see their own ties in lists.
    #[arg(long)]
    as_members: bool,
    /// How the popularity of whom is asked about falls with rank: a Zipf distribution's exponent.
    #[arg(long, value_name = "S", value_parser = exponent, default_value_t = ASKED)]
    zipf: f64,
    /// Those with the longest lists ask for their own, of which they may see every page.
    #[arg(long, conflicts_with = "vmid")]
    own: bool,
}

fn exponent(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|exponent| (0.0..=10.0).contains(exponent)).ok_or("an exponent is from 0 to 10")
}

impl Questions {
    fn wishes(&self) -> Wishes {
        let &Questions { pn, ps, order, vmid, as_members, zipf, own } = self;
        Wishes { pn, ps, order, vmid, as_members, zipf, own }
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let service = service(&args.url, args.pid)?;
    let known = Arc::new(community(args)?);
    let load = args.load(&service);
    if args.path.is_none() && (args.mix.needs_sessions() || args.question.as_members || args.question.own) {
        greet(&load, &service, &known)?;
    }
    let mut askers = askers(args, &service, &known)?;
    let bar = progress::of_time("asking", args.seconds.0);
    let tally = load.run(&mut askers)?;
    bar.finish_and_clear();
    let report = Report::of(args.setup(load.rate), &tally);
    log::print(format_args!("{report}"))?;
    if let Some(file) = &args.json {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &args.svg {
        write(file, &picture::svg(&report))?;
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn community(args: &Args) -> Result<Known, Failure> {
    match (&args.community, args.question.vmid) {
        (Some(file), _) => known(file),
        (None, Some(mid)) => Ok(Known::only(mid)),
        (None, None) if args.path.as_ref().is_some_and(|path| !path.contains("{mid}")) => {
            Ok(Known::only(Mid::MAX))
        }
        (None, None) => Err("whom to ask about is told by --community, or one member by --vmid".into()),
    }
}

fn askers(args: &Args, service: &Service, known: &Arc<Known>) -> Result<Vec<Box<dyn Ask>>, Failure> {
    let (threads, seed) = (args.generator.threads, args.generator.seed);
    if let Some(path) = &args.path {
        let by_path =
            |at| Box::new(ByPath::new(&service.target, path, Some(known), seed + at as u64)) as Box<dyn Ask>;
        return Ok((0..threads).map(by_path).collect());
    }
    let askers = Asker::several(threads, &service.target, known, &args.mix, &args.question.wishes(), seed)?;
    Ok(askers.into_iter().map(|asker| Box::new(asker) as Box<dyn Ask>).collect())
}

/// How long sessions may take to be used once.
const GREETING: Duration = Duration::from_mins(10);

/// Uses every session once, so that what the day's login gives is given before.
fn greet(load: &Load, service: &Service, known: &Arc<Known>) -> Result<(), Failure> {
    let load = Load { rate: Rate::Max, time: GREETING, ..load.clone() };
    let bar = progress::open_end("using every session once");
    let tally = load.run(&mut [Greeter::new(&service.target, known)])?;
    bar.finish_and_clear();
    match tally.failures.first_key_value() {
        Some((failure, count)) => Err(format!("{count} of the sessions were of no use: {failure}").into()),
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
            grace: GRACE,
            seed,
            pid: service.pid,
        }
    }

    fn setup(&self, rate: Rate) -> Setup {
        let Generator { connections, threads, seed } = self.generator;
        let mix = self.path.clone().unwrap_or_else(|| self.mix.to_string());
        let setup = Setup { url: self.url.clone(), mix, connections, threads, rate: None, even: false, seed };
        setup.at(rate)
    }
}
