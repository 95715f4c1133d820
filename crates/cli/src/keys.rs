//! `guanxi keys rotate`: a new key for private data. Of a service that runs it is asked; a directory that nobody serves is
//! worked on here.

use crate::{Failure, SettingsArgs, block_on, log, open};
use clap::Subcommand;
use guanxi_api::operator::keys::Keys;
use guanxi_api::operator::keys::rotate::Rotate;
use guanxi_client::Operator;
use guanxi_server::settings::Listen;
use guanxi_server::{App, Settings, keys};
use guanxi_storage::Engine;
use guanxi_storage::error::OpenError;
use std::process::ExitCode;
use std::time::Duration;

/// Where the token of an admin is looked for.
const TOKEN: &str = "GUANXI_OPERATOR_TOKEN";

/// How often a service is asked whether it is done.
const EVERY: Duration = Duration::from_millis(200);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Seal private data with a new key from now on, and again what older keys have sealed.
    ///
    /// While the directory is served, the service does it: it is asked where `operator_listen` says, with an admin's token
    /// from the environment variable GUANXI_OPERATOR_TOKEN.
    Rotate(SettingsArgs),
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let Command::Rotate(settings) = &args.command;
    let settings = settings.load()?;
    let key = block_on(async {
        match open::existing(&settings).await {
            Ok(store) => rotate(store, &settings).await,
            Err(error) if matches!(error.downcast_ref(), Some(OpenError::InUse(_))) => ask(&settings).await,
            Err(error) => Err(error),
        }
    })?;
    log::print(format_args!("private data are sealed with key {key}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Rotates here. A database may be served by others, who would go on with keys that are given up.
async fn rotate(store: Engine, settings: &Settings) -> Result<u32, Failure> {
    open::alone(&store).await?;
    let vault = open::vault(&store, settings).await?;
    let app = App::new(store, vault, settings)?;
    keys::begin(&app, "command line").await?;
    keys::finish(&app).await?;
    Ok(app.vault.ring().newest().id)
}

/// Asks the service that runs, and waits until it is done.
async fn ask(settings: &Settings) -> Result<u32, Failure> {
    let Listen(Some(address)) = settings.operator_listen else {
        return Err("the directory is being served, and operator_listen names no address".into());
    };
    let token = std::env::var(TOKEN).map_err(|_| {
        format!(
            "the directory is being served: give an admin's token in {TOKEN}, to ask the service at {address}"
        )
    })?;
    let operator = Operator::new(&format!("http://{address}"), &token)?;
    let mut standing = operator.send(&Rotate {}).await?;
    while standing.rotating {
        tokio::time::sleep(EVERY).await;
        standing = operator.send(&Keys {}).await?;
    }
    Ok(standing.key)
}
