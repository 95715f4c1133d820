//! `guanxi migrate`: creation and migration of a database schema.

use crate::{Failure, SettingsArgs, block_on, terminal};
use guanxi_storage::postgres::schema::{self, Migrated};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Distribute the tables with Citus. Without Citus in the database, tables are unchanged.
    #[arg(long)]
    citus: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let Some((address, _)) = settings.database_options()? else {
        return Err("which database? Name it with --database-url postgres://…".into());
    };
    let Migrated { from, to, distributed } =
        block_on(async { Ok(schema::migrate(&address, args.citus).await?) })?;
    match from {
        0 => terminal::print(format_args!("created schema version {to}"))?,
        _ if from == to => terminal::print(format_args!("schema version {to} is up to date"))?,
        _ => terminal::print(format_args!("migrated schema version {from} to {to}"))?,
    }
    match distributed {
        Some(tables) if tables.is_empty() => {
            terminal::print(format_args!("all tables are already distributed"))?;
        }
        Some(tables) => terminal::print(format_args!("distributed {} tables", tables.len()))?,
        None if args.citus => {
            terminal::print(format_args!("Citus is not installed in this database: tables are unchanged"))?;
        }
        None => (),
    }
    Ok(ExitCode::SUCCESS)
}
