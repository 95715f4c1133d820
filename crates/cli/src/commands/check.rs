//! `guanxi check`: the integrity check of a community.

use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use guanxi_server::Settings;
use guanxi_storage::integrity::Report;
use guanxi_storage::{EmbeddedStore, Engine, Store};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Read every page of a data directory, also free ones, and check the state before the last checkpoint too.
    #[arg(long)]
    scrub: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Reads and recounts everything. Exits with 1 on violations.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let report = check(&args.settings.load()?, args.scrub)?;
    terminal::print(format_args!("{report}"))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn check(settings: &Settings, scrub: bool) -> Result<Report, Failure> {
    if settings.database_url.is_none() {
        // Rows are read only from a whole file.
        let report = EmbeddedStore::check_file(settings.data_directory(), scrub)?;
        if !report.is_clean() {
            return Ok(report);
        }
    } else if scrub {
        return Err("a database has its own check of pages: see pg_amcheck and data checksums".into());
    }
    block_on(storage::scan(settings, |store: Engine| async move { Ok(store.check_integrity().await?) }))
}
