//! `guanxi member …`: members' sessions, opened and revoked while nobody serves them.

use crate::{Failure, SettingsArgs, block_on, log, open};
use clap::Subcommand;
use guanxi_client::Cookies;
use guanxi_server::Settings;
use guanxi_server::session::{Token, draw_buvid};
use guanxi_storage::command::{OpenSession, RevokeSessions};
use guanxi_storage::{CommandError, Store};
use guanxi_types::Mid;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a session for a member and print its cookies.
    Session(Of),
    /// Revoke all sessions of a member.
    Revoke(Of),
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The member.
    mid: Mid,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (Command::Session(of) | Command::Revoke(of)) = &args.command;
    let settings = of.settings.load()?;
    block_on(async {
        let store = open::existing(&settings).await?;
        match &args.command {
            Command::Session(_) => {
                let cookies =
                    session(&store, of.mid, &settings).await.map_err(|error| named(of.mid, error))?;
                log::print(format_args!("{}", serde_json::to_string_pretty(&cookies)?))
            }
            Command::Revoke(_) => {
                let count =
                    store.run(RevokeSessions { me: of.mid }).await.map_err(|error| named(of.mid, error))?;
                log::print(format_args!("{count} sessions of {} were revoked", of.mid))
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a session for a member.
pub(crate) async fn session(
    store: &impl Store,
    me: Mid,
    settings: &Settings,
) -> Result<Cookies, CommandError> {
    let token = Token::draw();
    let now = settings.clock().now();
    let expires = now.saturating_add(settings.limits().session);
    store.run(OpenSession { me, hash: token.hash(), now, expires }).await?;
    Ok(Cookies {
        sessdata: token.secret().to_owned(),
        bili_jct: token.csrf(),
        dede_user_id: me.to_string(),
        buvid3: draw_buvid(),
    })
}

fn named(mid: Mid, error: CommandError) -> String {
    match error {
        CommandError::Rejected(code) => format!("{mid}: {}", code.message()),
        CommandError::Fault(fault) => fault.to_string(),
    }
}
