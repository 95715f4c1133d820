//! `guanxi export`: a community as a dump, in a file or on standard output, also while it is served.

mod output;

use crate::{Failure, SettingsArgs, block_on, progress, storage, terminal};
use guanxi_server::encryption_keys;
use guanxi_storage::dump::{self, decrypt_row, redact_row};
use guanxi_storage::encryption::{KeyFile, Keyring};
use guanxi_storage::{FieldCipher, Row, Store};
use indicatif::ProgressBar;
use output::Output;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::sync::mpsc::{self, Receiver};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write. A name with the suffix .zst compresses it. Defaults to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Compress with zstd.
    #[arg(long)]
    zstd: bool,
    /// Include private data in plain text and login data: phone numbers, mail addresses, real names, card numbers,
    /// security questions, password hashes, logins. Without this flag they are omitted.
    #[arg(long)]
    with_pii: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The number of batches that may wait for the writer.
const QUEUED_BATCHES: usize = 4;

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    if args.output.is_none() && io::stdout().is_terminal() {
        return Err("refusing to write a dump to a terminal: use --output or redirect standard output".into());
    }
    let keys = args.with_pii.then(|| settings.key_file());
    let bar = progress::spinner("exporting");
    let (file, zstd, shown) = (args.output.clone(), args.zstd, bar.clone());
    let (out, rows) = block_on(storage::scan(&settings, move |store| async move {
        let mut out = Output::create(file.as_deref(), zstd)?;
        let rows = export(&store, keys.as_ref(), &mut out, &shown).await?;
        Ok((out, rows))
    }))?;
    out.finish()?;
    bar.finish_and_clear();
    terminal::note(format_args!("exported {}", progress::row_count(rows)));
    Ok(ExitCode::SUCCESS)
}

/// Exports a community and returns the number of rows. Without `keys`, private data is omitted.
async fn export(
    store: &impl Store,
    keys: Option<&KeyFile>,
    out: &mut Output,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let keys = match keys {
        Some(file) => Some((file, encryption_keys::read_keyring(store, file).await?)),
        None => None,
    };
    let (send, batches) = mpsc::channel(QUEUED_BATCHES);
    let send = async { Ok(store.export(send).await?) };
    let ((), rows) = tokio::try_join!(send, write_rows(store, keys, batches, out, bar))?;
    Ok(rows)
}

/// Writes the batches of rows and returns the number of rows.
async fn write_rows(
    store: &impl Store,
    keys: Option<(&KeyFile, Option<Keyring>)>,
    mut batches: Receiver<Vec<Row>>,
    out: &mut Output,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let mut rows = 0;
    out.write(|out| dump::write_header(out))?;
    let Some(mut batch) = batches.recv().await else { return Ok(rows) };
    // The snapshot was taken between the two reads of the keyring. Together they contain all of its keys, even if a
    // rotation ran meanwhile.
    let cipher = match keys {
        Some((file, before)) => {
            let after = encryption_keys::read_keyring(store, file).await?;
            Some(decryption_cipher(before, after))
        }
        None => None,
    };
    loop {
        for row in batch {
            let exported = match &cipher {
                Some(cipher) => Some(decrypt_row(row, cipher)?),
                None => redact_row(row),
            };
            if let Some(row) = exported {
                out.write(|out| dump::write_row(out, &row))?;
                rows += 1;
            }
        }
        bar.set_message(progress::row_count(rows));
        bar.set_position(out.bytes());
        match batches.recv().await {
            Some(next) => batch = next,
            None => return Ok(rows),
        }
    }
}

fn decryption_cipher(before: Option<Keyring>, after: Option<Keyring>) -> FieldCipher {
    let ring = match (before, after) {
        (Some(before), Some(after)) => before.merged_with(&after),
        // Without any key, no data was encrypted.
        (before, after) => before.or(after).unwrap_or_else(Keyring::generate),
    };
    FieldCipher::new(ring)
}
