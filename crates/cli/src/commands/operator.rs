//! `guanxi operator …`: tokens of operators while the service is stopped, and members at a running service.

use super::describe_error;
use super::operator_members::{self, BatchArgs, CoinsArgs, MembersArgs, NotesArgs};
use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use clap::{Subcommand, ValueEnum};
use guanxi_server::Settings;
use guanxi_server::http::response::ApiError;
use guanxi_server::operator::tokens::create_token::issue_token;
use guanxi_storage::commands::operator::{Audited, RevokeToken};
use guanxi_storage::model::OperatorToken;
use guanxi_storage::{CommandError, Store};
use guanxi_types::{ErrorCode, Role};
use std::process::ExitCode;

/// The name in the audit log for actions from the command line.
const COMMAND_LINE: &str = "command line";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Manage operator tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    Members(MembersArgs),
    Batch(BatchArgs),
    Notes(NotesArgs),
    Coins(CoinsArgs),
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token and print it. It cannot be printed again.
    Create {
        /// The role, which determines the permissions.
        #[arg(long, value_enum)]
        role: RoleArg,
        /// The name of the token. Defaults to the role.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// List the tokens with their roles.
    List {
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Revoke a token.
    Revoke {
        /// The name of the token.
        name: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    /// All permissions.
    Admin,
    /// Look up members, review, silence.
    Moderator,
    /// Report events.
    Ingest,
}

impl RoleArg {
    const fn role(self) -> Role {
        match self {
            RoleArg::Admin => Role::Admin,
            RoleArg::Moderator => Role::Moderator,
            RoleArg::Ingest => Role::Ingest,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Token(command) => manage_tokens(command),
        Command::Members(args) => operator_members::list(args),
        Command::Batch(args) => operator_members::batch(args),
        Command::Notes(args) => operator_members::notes(args),
        Command::Coins(args) => operator_members::coins(args),
    }
}

fn manage_tokens(command: &TokenCommand) -> Result<ExitCode, Failure> {
    let (TokenCommand::Create { settings, .. }
    | TokenCommand::List { settings }
    | TokenCommand::Revoke { settings, .. }) = command;
    let settings = settings.load()?;
    block_on(async {
        // Creating a token may be the first action on a new data directory.
        let store = match command {
            TokenCommand::Create { .. } => storage::open(&settings).await?,
            _ => storage::open_existing(&settings).await?,
        };
        match command {
            TokenCommand::Create { role, name, .. } => {
                let role = role.role();
                let name = name.as_deref().unwrap_or(role.name());
                let token = create_token(&store, name, role, &settings).await?;
                terminal::print(format_args!("{token}"))
            }
            TokenCommand::List { .. } => list_tokens(&store).await,
            TokenCommand::Revoke { name, .. } => {
                let (by, now) = (COMMAND_LINE.to_owned(), settings.clock().now());
                let revoked = store.run(Audited { by, now, command: RevokeToken(name.clone()) }).await;
                revoked.map_err(|error| describe_error(name, &error))?;
                terminal::print(format_args!("revoked token {name}"))
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn create_token(
    store: &impl Store,
    name: &str,
    role: Role,
    settings: &Settings,
) -> Result<String, Failure> {
    let now = settings.clock().now();
    let text = issue_token(store, COMMAND_LINE.to_owned(), name.to_owned(), role, now).await;
    text.map_err(|error| {
        match error {
            ApiError::InvalidRequest(reason) => reason,
            ApiError::Code(ErrorCode::TokenExists) => {
                format!("token {name} exists already: choose another --name, or revoke it")
            }
            error => format!("cannot store the token: {error:?}"),
        }
        .into()
    })
}

async fn list_tokens(store: &impl Store) -> Result<(), Failure> {
    let mut tokens: Vec<OperatorToken> = store.all().await?;
    tokens.sort_by(|one, other| one.name.cmp(&other.name));
    for token in tokens {
        let text = guanxi_domain::day::format_time(token.created);
        terminal::print(format_args!("{:<10} {text}  {}", token.role.name(), token.name))?;
    }
    Ok(())
}

/// Replaces the token of the demo at each start, as only the hash of the previous one is stored.
pub(crate) async fn recreate_demo_token(store: &impl Store, settings: &Settings) -> Result<String, Failure> {
    const NAME: &str = "demo";
    let (by, now) = (COMMAND_LINE.to_owned(), settings.clock().now());
    match store.run(Audited { by, now, command: RevokeToken(NAME.to_owned()) }).await {
        Ok(()) | Err(CommandError::Rejected(_)) => create_token(store, NAME, Role::Admin, settings).await,
        Err(error) => Err(error.into()),
    }
}
