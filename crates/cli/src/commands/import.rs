//! `guanxi import`: a dump into an empty store, or with `--merge` into a community. An interrupted import can be
//! resumed.

use crate::{Failure, SettingsArgs, block_on, progress, storage, terminal};
use guanxi_storage::commands::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
use guanxi_storage::dump::{Chunk, ChunkLimit, ImportMode, Reader};
use guanxi_storage::{FieldCipher, Store};
use indicatif::ProgressBar;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dump file: JSON Lines, optionally compressed with zstd. `-` reads standard input.
    file: PathBuf,
    /// Merge the dump into an existing community: rows replace those with the same key, and existing log entries
    /// are not duplicated.
    #[arg(long)]
    merge: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The limit of rows and bytes per commit.
const COMMIT_LIMIT: ChunkLimit = ChunkLimit { rows: 10_000, bytes: 8 << 20 };

/// The largest accepted window of a compressed dump, as a power of two: 16 MiB. `zstd -19` needs half of it.
const MAX_WINDOW_LOG: u32 = 24;

/// The first bytes of a zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let (bar, input) = open_dump(&args.file)?;
    let mode = if args.merge { ImportMode::Merge } else { ImportMode::Initial };
    let mut dump = Reader::new(input, mode)?;
    let rows = block_on(async {
        let store = storage::open_for_import(&settings).await?;
        // A member that signs up meanwhile could get a mid that the dump contains.
        storage::ensure_exclusive(&store).await?;
        resume_or_start(&store, &mut dump, mode, &storage::location(&settings), &bar).await?;
        let cipher = storage::field_cipher(&store, &settings).await?;
        let rows = import_chunks(&store, &cipher, &mut dump, mode, &bar).await?;
        store.run(SetImportProgress(None)).await?;
        Ok(rows)
    })?;
    bar.finish_and_clear();
    terminal::print(format_args!("imported {}", progress::row_count(rows)))?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a dump for reading, with a progress bar.
fn open_dump(file: &Path) -> Result<(ProgressBar, Box<dyn BufRead + Send>), Failure> {
    let with_path = |error: io::Error| format!("{}: {error}", file.display());
    if file.as_os_str() == "-" {
        let bar = progress::spinner("importing");
        let input = decompressed(bar.wrap_read(io::stdin())).map_err(with_path)?;
        return Ok((bar, input));
    }
    let open = File::open(file).map_err(with_path)?;
    let metadata = open.metadata().map_err(with_path)?;
    // A pipe has no length.
    let bar = if metadata.is_file() {
        progress::bytes_bar("importing", metadata.len())
    } else {
        progress::spinner("importing")
    };
    let input = decompressed(bar.wrap_read(open)).map_err(with_path)?;
    Ok((bar, input))
}

/// Decompresses the input if it begins with the zstd magic bytes, regardless of the file name.
fn decompressed(mut input: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut head = Vec::new();
    input.by_ref().take(ZSTD_MAGIC.len() as u64).read_to_end(&mut head)?;
    let compressed = head == ZSTD_MAGIC;
    let bytes = io::Cursor::new(head).chain(input);
    if compressed {
        let mut decoder = zstd::Decoder::new(bytes)?;
        decoder.window_log_max(MAX_WINDOW_LOG)?;
        return Ok(Box::new(BufReader::with_capacity(1 << 16, decoder)));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, bytes)))
}

/// Checks that the dump may be imported into the store, and skips the rows that were imported before.
async fn resume_or_start(
    store: &impl Store,
    dump: &mut Reader<impl BufRead>,
    mode: ImportMode,
    location: &str,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let (empty, progress) = (store.is_empty().await?, store.import_progress().await?);
    match progress.filter(|_| !empty) {
        None if empty || mode == ImportMode::Merge => Ok(()),
        None => {
            let hint = "import into an empty store, or use --merge";
            Err(format!("{location} already contains a community: {hint}").into())
        }
        Some(progress) if dump.skip_imported(&progress)? => {
            let (line, rows) = (dump.line() + 1, progress::row_count(progress.rows));
            let note = format!("resuming at line {line}: {rows} already imported");
            bar.suspend(|| terminal::note(format_args!("{note}")));
            Ok(())
        }
        Some(progress) => {
            let rows = progress::row_count(progress.rows);
            let other = if mode == ImportMode::Merge { "without" } else { "with" };
            Err(format!(
                "{location} contains an incomplete import of {rows}, which are not the first of this dump or were \
                 imported {other} --merge: resume with the same dump and options"
            )
            .into())
        }
    }
}

/// Imports the rest of a dump in chunks. Returns the number of rows. The error names the line of the first invalid
/// row.
async fn import_chunks(
    store: &impl Store,
    cipher: &Arc<FieldCipher>,
    dump: &mut Reader<impl BufRead>,
    mode: ImportMode,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let mut imported = 0;
    loop {
        let Chunk { rows, lines, progress, .. } = dump.read_chunk(COMMIT_LIMIT)?;
        if rows.is_empty() {
            return Ok(imported);
        }
        let insert = InsertRows { rows, cipher: Arc::clone(cipher) };
        let ImportResult { rows, error } = store.run(ImportChunk { insert, mode, progress }).await?;
        if let Some(error) = error {
            return Err(format!("line {}: {error}", lines[rows]).into());
        }
        imported += rows as u64;
        bar.set_message(progress::row_count(imported));
    }
}
