//! The target of a dump: a file that gets its name once it is complete, or standard output.

use crate::Failure;
use crate::private_file::create_private;
use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use zstd::Encoder;

/// The compression level, the default of zstd.
const ZSTD_LEVEL: i32 = 3;

/// The target of a dump.
pub(super) struct Output {
    sink: Sink,
    /// `None` for standard output.
    destination: Option<Destination>,
}

/// The final path of a dump, and its temporary path until it is complete. Drop deletes an incomplete dump.
struct Destination {
    path: PathBuf,
    partial: PathBuf,
}

enum Sink {
    Plain(BufWriter<CountingWriter>),
    Zstd(Encoder<'static, BufWriter<CountingWriter>>),
}

/// A writer that counts its bytes.
struct CountingWriter {
    target: WriteTarget,
    bytes: u64,
}

enum WriteTarget {
    File(File),
    Stdout(Stdout),
}

impl Output {
    /// Creates the temporary file, or uses standard output.
    pub(super) fn create(file: Option<&Path>, zstd: bool) -> Result<Output, Failure> {
        let destination = file.map(Destination::for_path);
        let target = match &destination {
            Some(destination) => {
                let created = create_private(&destination.partial);
                WriteTarget::File(created.map_err(|error| destination.with_path(&error))?)
            }
            None => WriteTarget::Stdout(io::stdout()),
        };
        let out = BufWriter::with_capacity(1 << 16, CountingWriter { target, bytes: 0 });
        let zstd = zstd || file.is_some_and(|file| file.extension().is_some_and(|end| end == "zst"));
        let sink = if zstd { Sink::Zstd(Encoder::new(out, ZSTD_LEVEL)?) } else { Sink::Plain(out) };
        Ok(Output { sink, destination })
    }

    /// Calls `write_to` with the writer. The error names the path.
    pub(super) fn write(
        &mut self,
        write_to: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let result = match &mut self.sink {
            Sink::Plain(out) => write_to(out),
            Sink::Zstd(out) => write_to(out),
        };
        result.map_err(|error| with_path(self.destination.as_ref(), &error))
    }

    /// Returns the number of bytes written so far.
    pub(super) fn bytes(&self) -> u64 {
        match &self.sink {
            Sink::Plain(out) => out.get_ref().bytes,
            Sink::Zstd(out) => out.get_ref().get_ref().bytes,
        }
    }

    /// Syncs the file and renames it to its final path.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Output { sink, destination } = self;
        finish(sink, destination.as_ref()).map_err(|error| with_path(destination.as_ref(), &error))
    }
}

fn finish(sink: Sink, destination: Option<&Destination>) -> io::Result<()> {
    let mut out = match sink {
        Sink::Plain(out) => out,
        Sink::Zstd(out) => out.finish()?,
    };
    out.flush()?;
    if let (WriteTarget::File(file), Some(Destination { path, partial })) =
        (&out.get_ref().target, destination)
    {
        file.sync_all()?;
        fs::rename(partial, path)?;
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

impl Drop for Destination {
    fn drop(&mut self) {
        // A complete dump has its final path already.
        let _ = fs::remove_file(&self.partial);
    }
}

fn with_path(destination: Option<&Destination>, error: &io::Error) -> Failure {
    match destination {
        Some(destination) => destination.with_path(error),
        None => format!("standard output: {error}").into(),
    }
}

impl Destination {
    fn for_path(path: &Path) -> Destination {
        let mut partial = path.to_owned().into_os_string();
        partial.push(".part");
        Destination { path: path.to_owned(), partial: partial.into() }
    }

    fn with_path(&self, error: &io::Error) -> Failure {
        format!("{}: {error}", self.path.display()).into()
    }
}

impl Write for CountingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.target {
            WriteTarget::File(file) => file.write(bytes)?,
            WriteTarget::Stdout(out) => out.write(bytes)?,
        };
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            WriteTarget::File(file) => file.flush(),
            WriteTarget::Stdout(out) => out.flush(),
        }
    }
}
