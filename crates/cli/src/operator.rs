//! `guanxi operator token …`: operators' tokens, while nobody serves the directory. Later ones can be had of the service.

use crate::{Failure, SettingsArgs, block_on, log, open};
use clap::{Subcommand, ValueEnum};
use guanxi_server::Settings;
use guanxi_server::answer::ApiError;
use guanxi_server::operator::denied::OperatorError;
use guanxi_server::operator::tokens::create::token;
use guanxi_storage::command::operate::{Audited, RevokeToken};
use guanxi_storage::row::OperatorToken;
use guanxi_storage::{CommandError, Store};
use guanxi_types::ErrorCode;
use guanxi_types::Role;
use std::process::ExitCode;

/// Who is named in the log for what was done from the command line.
const COMMAND_LINE: &str = "command line";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Operator,
}

#[derive(Debug, Subcommand)]
enum Operator {
    /// Operators' tokens.
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Subcommand)]
enum Token {
    /// Make a token and print it, this once.
    Create {
        /// What it may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// What to call it; the role if nothing is said.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// List the tokens there are.
    List {
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Revoke a token.
    Revoke {
        /// What it is called.
        name: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Everything.
    Admin,
    /// Look members up, review, silence.
    Moderator,
    /// Tell events.
    Ingest,
}

impl RoleName {
    const fn role(self) -> Role {
        match self {
            RoleName::Admin => Role::Admin,
            RoleName::Moderator => Role::Moderator,
            RoleName::Ingest => Role::Ingest,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let Operator::Token(command) = &args.command;
    let (Token::Create { settings, .. } | Token::List { settings } | Token::Revoke { settings, .. }) =
        command;
    let settings = settings.load()?;
    block_on(async {
        // The first thing that a new directory is asked for may be a token.
        let store = match command {
            Token::Create { .. } => open::store(&settings).await?,
            _ => open::existing(&settings).await?,
        };
        match command {
            Token::Create { role, name, .. } => {
                let role = role.role();
                let made = create(&store, name.as_deref().unwrap_or(role.name()), role, &settings).await?;
                log::print(format_args!("{made}"))
            }
            Token::List { .. } => list(&store).await,
            Token::Revoke { name, .. } => {
                let (by, now) = (COMMAND_LINE.to_owned(), settings.clock().now());
                let revoked = store.run(Audited { by, now, deed: RevokeToken(name.clone()) }).await;
                revoked.map_err(|error| named(name, &error))?;
                log::print(format_args!("the token {name} was revoked"))
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn create(store: &impl Store, name: &str, role: Role, settings: &Settings) -> Result<String, Failure> {
    let now = settings.clock().now();
    let made = token(store, COMMAND_LINE.to_owned(), name.to_owned(), role, now).await;
    made.map_err(|denied| {
        match denied {
            OperatorError::Wrong(why) => why,
            OperatorError::Reject(ApiError::Code(ErrorCode::TokenExists)) => {
                format!("there is a token {name} already: name another with --name, or revoke it")
            }
            OperatorError::Reject(reject) => format!("the token could not be kept: {reject:?}"),
        }
        .into()
    })
}

async fn list(store: &impl Store) -> Result<(), Failure> {
    let mut tokens: Vec<OperatorToken> = store.all().await?;
    tokens.sort_by(|one, other| one.name.cmp(&other.name));
    for token in tokens {
        let made = guanxi_domain::day::time_at(token.created);
        log::print(format_args!("{:<10} {made}  {}", token.role.name(), token.name))?;
    }
    Ok(())
}

/// A token for who tries the demo; a new one at each start, as the last one's text is gone.
pub(crate) async fn demo_token(store: &impl Store, settings: &Settings) -> Result<String, Failure> {
    const NAME: &str = "demo";
    let (by, now) = (COMMAND_LINE.to_owned(), settings.clock().now());
    match store.run(Audited { by, now, deed: RevokeToken(NAME.to_owned()) }).await {
        Ok(()) | Err(CommandError::Rejected(_)) => create(store, NAME, Role::Admin, settings).await,
        Err(error) => Err(error.into()),
    }
}

fn named(name: &str, error: &CommandError) -> String {
    match error {
        CommandError::Rejected(code) => format!("{name}: {}", code.message()),
        CommandError::Fault(fault) => fault.to_string(),
    }
}
