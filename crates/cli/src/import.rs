//! `guanxi import`: a dump into an empty data directory, or with `--merge` into a community. What was cut short is gone on
//! with.

use crate::{Failure, SettingsArgs, block_on, log, open, progress};
use guanxi_storage::command::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
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
    /// The dump: JSON Lines, compressed with zstd or not; `-` for standard input.
    file: PathBuf,
    /// Take it into a community that is there: rows take the place of those of their key, and entries of logs that are there
    /// are not added again.
    #[arg(long)]
    merge: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// How much of a dump shares a commit.
const CHUNK: ChunkLimit = ChunkLimit { rows: 10_000, bytes: 8 << 20 };

/// The largest window that a compressed dump may need, as a power of two: 16 MiB. `zstd -19` takes half of it.
const WINDOW: u32 = 24;

/// What a dump that was compressed begins with.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let (bar, input) = input(&args.file)?;
    let purpose = if args.merge { ImportMode::Merge } else { ImportMode::Fill };
    let mut dump = Reader::new(input, purpose)?;
    let rows = block_on(async {
        let store = open::to_load(&settings).await?;
        // Who signed up meanwhile would have a mid that the dump gives to somebody else.
        open::alone(&store).await?;
        begin(&store, &mut dump, purpose, &open::place(&settings), &bar).await?;
        let vault = open::vault(&store, &settings).await?;
        let rows = take_in(&store, &vault, &mut dump, purpose, &bar).await?;
        store.run(SetImportProgress(None)).await?;
        Ok(rows)
    })?;
    bar.finish_and_clear();
    log::print(format_args!("{} taken in", progress::rows_were(rows)))?;
    Ok(ExitCode::SUCCESS)
}

/// The dump as text, and how far it is read.
fn input(file: &Path) -> Result<(ProgressBar, Box<dyn BufRead + Send>), Failure> {
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    if file.as_os_str() == "-" {
        let bar = progress::open_end("importing");
        let input = text(bar.wrap_read(io::stdin())).map_err(failed)?;
        return Ok((bar, input));
    }
    let open = File::open(file).map_err(failed)?;
    let about = open.metadata().map_err(failed)?;
    // What comes by a pipe has no length.
    let bar = if about.is_file() {
        progress::of_bytes("importing", about.len())
    } else {
        progress::open_end("importing")
    };
    let input = text(bar.wrap_read(open)).map_err(failed)?;
    Ok((bar, input))
}

/// What was compressed is told by how it begins, whatever it is called.
fn text(mut input: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut head = Vec::new();
    input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let compressed = head == ZSTD;
    let whole = io::Cursor::new(head).chain(input);
    if compressed {
        let mut decoder = zstd::Decoder::new(whole)?;
        decoder.window_log_max(WINDOW)?;
        return Ok(Box::new(BufReader::with_capacity(1 << 16, decoder)));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, whole)))
}

/// Sees to it that this dump may be taken in here, and passes over what of it was taken in before.
async fn begin(
    store: &impl Store,
    dump: &mut Reader<impl BufRead>,
    purpose: ImportMode,
    place: &str,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let (empty, loading) = (store.is_empty().await?, store.loading().await?);
    match loading.filter(|_| !empty) {
        None if empty || purpose == ImportMode::Merge => Ok(()),
        None => {
            let or = "import into an empty one, or into this with --merge";
            Err(format!("{place} already holds a community: {or}").into())
        }
        Some(progress) if dump.pass(&progress)? => {
            let (line, rows) = (dump.line() + 1, progress::rows_were(progress.rows));
            bar.suspend(|| log::tell(format_args!("going on from line {line}: {rows} taken in before")));
            Ok(())
        }
        Some(progress) => {
            let rows = progress::rows(progress.rows);
            Err(format!(
                "{place} was not filled to the end, and {rows} are in it that are not the first of this dump, or were taken in \
                 {} --merge: go on with the same dump in the same way",
                if purpose == ImportMode::Merge { "without" } else { "with" },
            )
            .into())
        }
    }
}

/// Takes in a dump, chunk by chunk; tells how many rows, or the line with the first fault.
async fn take_in(
    store: &impl Store,
    vault: &Arc<FieldCipher>,
    dump: &mut Reader<impl BufRead>,
    purpose: ImportMode,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let mut taken = 0;
    loop {
        let Chunk { rows, lines, progress, .. } = dump.chunk(CHUNK)?;
        if rows.is_empty() {
            return Ok(taken);
        }
        let load = InsertRows { rows, vault: Arc::clone(vault) };
        let ImportResult { rows, fault } = store.run(ImportChunk { load, purpose, progress }).await?;
        if let Some(fault) = fault {
            return Err(format!("line {}: {fault}", lines[rows]).into());
        }
        taken += rows as u64;
        bar.set_message(progress::rows(taken));
    }
}
