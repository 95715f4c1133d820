//! `guanxi export`: a community as a dump, in a file or on standard output, while it is served or not.

mod output;

use crate::{Failure, SettingsArgs, block_on, log, open, progress};
use guanxi_server::keys;
use guanxi_storage::dump::{self, in_the_clear, without_private};
use guanxi_storage::vault::{KeyFile, Keyring};
use guanxi_storage::{FieldCipher, Row, Store};
use indicatif::ProgressBar;
use output::Output;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::sync::mpsc::{self, Receiver};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write, compressed if its name ends with .zst; standard output if none is named.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Compress with zstd.
    #[arg(long)]
    zstd: bool,
    /// Write what is private in the clear, and what members log in by: phones, mail addresses, real names, card numbers, safe
    /// questions, hashes of passwords, logins. Without it they are left out.
    #[arg(long)]
    with_pii: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// How many batches may wait to be written.
const QUEUE: usize = 4;

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    if args.output.is_none() && io::stdout().is_terminal() {
        let instead = "name a file with --output, or send standard output to one";
        return Err(format!("a dump is not for a terminal: {instead}").into());
    }
    let keys = args.with_pii.then(|| settings.key_file());
    let bar = progress::open_end("exporting");
    let (out, exported) = block_on(async {
        let store = open::to_read(&settings).await?;
        let mut out = Output::begin(args.output.as_deref(), args.zstd)?;
        let exported = export(&store, keys.as_ref(), &mut out, &bar).await;
        Ok((out, exported))
    })?;
    let rows = match exported {
        Ok(rows) => rows,
        Err(failure) => {
            out.give_up();
            return Err(failure);
        }
    };
    out.finish()?;
    bar.finish_and_clear();
    log::tell(format_args!("{} written", progress::rows_were(rows)));
    Ok(ExitCode::SUCCESS)
}

/// Writes a store's community; tells how many rows. What is private is left out if there are no keys to open it.
async fn export(
    store: &impl Store,
    keys: Option<&KeyFile>,
    out: &mut Output,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let keys = match keys {
        Some(file) => Some((file, keys::look(store, file).await?)),
        None => None,
    };
    let (send, batches) = mpsc::channel(QUEUE);
    let (sent, written) = tokio::join!(store.export(send), write(store, keys, batches, out, bar));
    sent?;
    written
}

/// Writes what comes.
async fn write(
    store: &impl Store,
    keys: Option<(&KeyFile, Option<Keyring>)>,
    mut batches: Receiver<Vec<Row>>,
    out: &mut Output,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let mut rows = 0;
    out.write(|out| dump::write_header(out))?;
    let Some(mut batch) = batches.recv().await else { return Ok(rows) };
    // The moment that is told lies between the two looks: whatever was rotated, one of them found the key.
    let vault = match keys {
        Some((file, before)) => Some(vault(before, keys::look(store, file).await?)),
        None => None,
    };
    loop {
        for row in batch {
            let told = match &vault {
                Some(vault) => Some(in_the_clear(row, vault)?),
                None => without_private(row),
            };
            if let Some(row) = told {
                out.write(|out| dump::write_row(out, &row))?;
                rows += 1;
            }
        }
        bar.set_message(progress::rows(rows));
        bar.set_position(out.bytes());
        match batches.recv().await {
            Some(next) => batch = next,
            None => return Ok(rows),
        }
    }
}

fn vault(before: Option<Keyring>, after: Option<Keyring>) -> FieldCipher {
    let ring = match (before, after) {
        (Some(before), Some(after)) => before.with_all_of(&after),
        // Without any key nothing was sealed.
        (before, after) => before.or(after).unwrap_or_else(Keyring::draw),
    };
    FieldCipher::new(ring)
}
