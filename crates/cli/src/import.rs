//! `guanxi import`: a dump into an empty data directory.

use crate::{Failure, SettingsArgs, block_on, log, open};
use guanxi_store::command::{Load, Loaded, Loading};
use guanxi_store::{Lmdb, Row, Store, Vault, dump};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dump: JSON Lines; `-` for standard input.
    file: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// How many rows share a commit.
const CHUNK: usize = 10_000;

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let input = input(&args.file)?;
    let store = open::store(settings.data_directory(), &settings)?;
    if !store.is_empty()? {
        return Err(format!(
            "{} already holds a community: import into an empty one",
            settings.data_directory().display()
        )
        .into());
    }
    let rows = block_on(async {
        let vault = open::vault(&store, &settings).await?;
        import(&store, &vault, input).await
    })?;
    log::print(format_args!("{rows} rows were taken in"))?;
    Ok(ExitCode::SUCCESS)
}

fn input(file: &PathBuf) -> Result<Box<dyn BufRead>, Failure> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let open = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Box::new(BufReader::new(open)))
}

/// Takes in a dump, chunk by chunk; tells how many rows, or the line with the first fault.
async fn import(store: &Lmdb, vault: &Arc<Vault>, input: impl BufRead) -> Result<usize, Failure> {
    let mut rows = dump::read(input);
    let mut taken = 0;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        for row in rows.by_ref().take(CHUNK) {
            chunk.push(row?);
        }
        if chunk.is_empty() {
            store.run(Loading(false)).await?;
            return Ok(taken);
        }
        if taken == 0 {
            store.run(Loading(true)).await?;
        }
        let (lines, chunk): (Vec<usize>, Vec<Row>) = chunk.into_iter().unzip();
        let Loaded { rows, fault } = store.run(Load { rows: chunk, vault: Arc::clone(vault) }).await?;
        if let Some(fault) = fault {
            return Err(format!("line {}: {fault}", lines[rows]).into());
        }
        taken += rows;
    }
}
