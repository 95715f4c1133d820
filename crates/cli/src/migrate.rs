//! `guanxi migrate`: the schema of a database, made or brought up to date.

use crate::{Failure, SettingsArgs, block_on, log};
use guanxi_storage::postgres::schema::{self, Migrated};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Have Citus distribute the tables over its nodes. Where it is not installed they stay as they are.
    #[arg(long)]
    citus: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let Some((address, _)) = settings.database()? else {
        return Err("which database? Name it with --store postgres://…".into());
    };
    let Migrated { from, to, distributed } =
        block_on(async { Ok(schema::migrate(&address, args.citus).await?) })?;
    match from {
        0 => log::print(format_args!("the schema was made: version {to}"))?,
        _ if from == to => log::print(format_args!("the schema is up to date: version {to}"))?,
        _ => log::print(format_args!("the schema was brought from version {from} to {to}"))?,
    }
    match distributed {
        Some(tables) if tables.is_empty() => log::print(format_args!("its tables were distributed before"))?,
        Some(tables) => log::print(format_args!("{} tables are distributed now", tables.len()))?,
        None if args.citus => {
            log::print(format_args!("there is no Citus in this database: its tables stay as they are"))?;
        }
        None => (),
    }
    Ok(ExitCode::SUCCESS)
}
