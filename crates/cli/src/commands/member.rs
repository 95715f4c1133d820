//! `guanxi member …`: sessions of members, while the service is stopped.

use super::describe_error;
use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use clap::Subcommand;
use guanxi_client::Cookies;
use guanxi_server::Settings;
use guanxi_server::session_token::{Token, generate_buvid};
use guanxi_storage::commands::{CreateSession, RevokeSessions};
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
    /// Open a session for a member and print its cookies as JSON.
    Session(MemberArgs),
    /// Revoke all sessions of a member.
    Revoke(MemberArgs),
}

#[derive(Debug, clap::Args)]
struct MemberArgs {
    /// The member.
    mid: Mid,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (Command::Session(member_args) | Command::Revoke(member_args)) = &args.command;
    let (mid, settings) = (member_args.mid, member_args.settings.load()?);
    block_on(async {
        let store = storage::open_existing(&settings).await?;
        match &args.command {
            Command::Session(_) => {
                let cookies = open_session(&store, mid, &settings).await;
                let cookies = cookies.map_err(|error| describe_error(mid, &error))?;
                terminal::print(format_args!("{}", serde_json::to_string_pretty(&cookies)?))
            }
            Command::Revoke(_) => {
                let count = store.run(RevokeSessions { me: mid }).await;
                let count = count.map_err(|error| describe_error(mid, &error))?;
                terminal::print(format_args!("revoked {count} sessions of {mid}"))
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a session for a member.
pub(crate) async fn open_session(
    store: &impl Store,
    me: Mid,
    settings: &Settings,
) -> Result<Cookies, CommandError> {
    let token = Token::generate();
    let now = settings.clock().now();
    let expires = now.saturating_add(settings.limits().session_secs);
    store.run(CreateSession { me, hash: token.hash(), now, expires }).await?;
    Ok(Cookies {
        sessdata: token.as_str().to_owned(),
        bili_jct: token.csrf(),
        dede_user_id: me.to_string(),
        buvid3: generate_buvid(),
    })
}
