//! Commands that set up the running emulator for a test. They print the response of the control API as JSON.

use super::address_file::{self, Addresses};
use super::gaps;
use crate::member::sanitize::escape_json;
use crate::{Failure, block_on, terminal};
use clap::Subcommand;
use guanxi_api::Endpoint;
use guanxi_api::auth::OperatorAuth;
use guanxi_api::emulator::add_fault::AddFault;
use guanxi_api::emulator::clear_faults::ClearFaults;
use guanxi_api::emulator::get_clock::GetClock;
use guanxi_api::emulator::list_faults::ListFaults;
use guanxi_api::emulator::list_gaps::ListGaps;
use guanxi_api::emulator::list_requests::ListRequests;
use guanxi_api::emulator::list_snapshots::ListSnapshots;
use guanxi_api::emulator::open_session::OpenSession;
use guanxi_api::emulator::restore_snapshot::RestoreSnapshot;
use guanxi_api::emulator::set_clock::SetClock;
use guanxi_api::emulator::take_snapshot::TakeSnapshot;
use guanxi_client::Operator;
use guanxi_emulator::CommunityName;
use guanxi_types::Mid;
use jiff::Timestamp;
use serde::Serialize;
use std::process::ExitCode;

/// The target of a command.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    /// The community.
    #[arg(long, value_name = "NAME", env = "GUANXI_EMULATOR_COMMUNITY", default_value = "default")]
    community: CommunityName,
    /// The URL of the operators' API. That of the running emulator if absent.
    #[arg(long, value_name = "URL", requires = "token")]
    url: Option<String>,
    /// The operators' token.
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log a member in without a password, and print the cookies. Creates a member that does not exist.
    Session {
        #[command(flatten)]
        target: Target,
        /// The member. A new one if absent.
        mid: Option<Mid>,
        /// The display name of a new member.
        #[arg(long, value_name = "NAME")]
        uname: Option<String>,
    },
    /// Show the clock of a community, or change it. Due work is done at once.
    Clock {
        #[command(flatten)]
        target: Target,
        /// The new time, such as 2020-05-19T23:59:00+08:00.
        #[arg(long, value_name = "INSTANT")]
        set: Option<Timestamp>,
        /// The seconds to add.
        #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
        advance: Option<i64>,
        /// Stop the clock.
        #[arg(long, conflicts_with = "resume")]
        freeze: bool,
        /// Let the clock run again.
        #[arg(long)]
        resume: bool,
    },
    /// Add a fault: the matching requests fail, or are delayed.
    Fault {
        #[command(flatten)]
        target: Target,
        /// The path, in which `*` matches any text. Every path if absent.
        #[arg(long)]
        path: Option<String>,
        /// The member of the session.
        #[arg(long)]
        mid: Option<Mid>,
        /// The share of the requests, 0 to 1.
        #[arg(long)]
        share: Option<f64>,
        /// The seed that selects the share.
        #[arg(long)]
        seed: Option<u64>,
        /// The number of times.
        #[arg(long)]
        count: Option<u32>,
        /// The delay in milliseconds.
        #[arg(long, value_name = "MILLISECONDS")]
        delay_ms: Option<u32>,
        /// The code of a rejection.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<i32>,
        /// The HTTP status.
        #[arg(long)]
        status: Option<u16>,
        /// Close the connection without a response.
        #[arg(long)]
        cut: bool,
        /// Send JSON that ends too early.
        #[arg(long)]
        malformed: bool,
        /// Handle the request before its response is replaced.
        #[arg(long)]
        after: bool,
    },
    /// List the faults.
    Faults {
        #[command(flatten)]
        target: Target,
        /// Remove all faults.
        #[arg(long)]
        clear: bool,
    },
    /// Store the state of a community under a name, or list the names.
    Snapshot {
        #[command(flatten)]
        target: Target,
        /// The name.
        name: Option<String>,
    },
    /// Return a community to a snapshot. `start` is its state at the beginning.
    Restore {
        #[command(flatten)]
        target: Target,
        /// The name.
        #[arg(default_value = "start")]
        name: String,
    },
    /// List the latest requests with their responses.
    Requests {
        #[command(flatten)]
        target: Target,
        /// The path, in which `*` matches any text.
        #[arg(long)]
        path: Option<String>,
        /// The HTTP status.
        #[arg(long)]
        status: Option<u16>,
        /// The code of the response.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<i32>,
        /// The id to start after.
        #[arg(long, value_name = "ID")]
        after: Option<u64>,
        /// The number of requests, 1 to 1000.
        #[arg(long)]
        limit: Option<u32>,
        /// The time to wait for a request, in milliseconds.
        #[arg(long, value_name = "MILLISECONDS")]
        wait_ms: Option<u32>,
    },
    /// List what programs asked for and the emulator does not have.
    Gaps {
        #[command(flatten)]
        target: Target,
        /// Print the response as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a compatibility file for what is missing, to be completed.
    Compat {
        #[command(flatten)]
        target: Target,
    },
}

/// Runs a command.
pub(super) fn run(command: &Command) -> Result<ExitCode, Failure> {
    block_on(send(command))?;
    Ok(ExitCode::SUCCESS)
}

impl Target {
    async fn connect(&self) -> Result<Operator, Failure> {
        let (url, token) = if let (Some(url), Some(token)) = (&self.url, &self.token) {
            (url.clone(), token.clone())
        } else {
            let Addresses { operators, token, .. } = address_file::running().await?;
            (operators, token)
        };
        Ok(Operator::new(&url, &token)?.with_header(CommunityName::HEADER, self.community.as_str())?)
    }

    /// Sends a request, and prints the response.
    async fn send<E: Endpoint<Auth: OperatorAuth>>(&self, request: &E) -> Result<(), Failure> {
        print_json(&self.connect().await?.send(request).await?)
    }
}

fn print_json<T: Serialize>(data: &T) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(data)?;
    // No text in JSON has a line break, so each one is of the layout.
    let lines: Vec<String> = json.lines().map(escape_json).collect();
    terminal::print(format_args!("{}", lines.join("\n")))
}

async fn send(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Session { target, mid, uname } => {
            target.send(&OpenSession { mid: *mid, uname: uname.clone() }).await
        }
        Command::Clock { target, set: None, advance: None, freeze: false, resume: false } => {
            target.send(&GetClock {}).await
        }
        Command::Clock { target, set, advance, freeze, resume } => {
            let frozen = (*freeze || *resume).then_some(*freeze);
            target.send(&SetClock { time: set.map(Timestamp::as_second), advance: *advance, frozen }).await
        }
        Command::Fault {
            target,
            path,
            mid,
            share,
            seed,
            count,
            delay_ms,
            code,
            status,
            cut,
            malformed,
            after,
        } => {
            let fault = AddFault {
                path: path.clone(),
                mid: *mid,
                share: *share,
                seed: *seed,
                count: *count,
                delay_ms: *delay_ms,
                code: *code,
                status: *status,
                cut: cut.then_some(true),
                malformed: malformed.then_some(true),
                after: after.then_some(true),
            };
            target.send(&fault).await
        }
        Command::Faults { target, clear: true } => target.send(&ClearFaults { id: None }).await,
        Command::Faults { target, clear: false } => target.send(&ListFaults {}).await,
        Command::Snapshot { target, name: Some(name) } => {
            target.send(&TakeSnapshot { name: name.clone() }).await
        }
        Command::Snapshot { target, name: None } => target.send(&ListSnapshots {}).await,
        Command::Restore { target, name } => target.send(&RestoreSnapshot { name: Some(name.clone()) }).await,
        Command::Requests { target, path, status, code, after, limit, wait_ms } => {
            let request = ListRequests {
                path: path.clone(),
                status: *status,
                code: *code,
                mid: None,
                after: *after,
                limit: *limit,
                wait_ms: *wait_ms,
                include_secrets: None,
            };
            target.send(&request).await
        }
        Command::Gaps { target, json } => {
            let gaps = target.connect().await?.send(&ListGaps {}).await?;
            if *json {
                return print_json(&gaps);
            }
            gaps::lines(&gaps).into_iter().try_for_each(|line| terminal::print(format_args!("{line}")))
        }
        Command::Compat { target } => {
            let gaps = target.connect().await?.send(&ListGaps {}).await?;
            terminal::print(format_args!("{}", gaps::skeleton(&gaps).trim_end()))
        }
    }
}
