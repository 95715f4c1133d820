//! Where a dump is written: a file that is there once it is whole, or standard output.

use crate::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use zstd::Encoder;

/// How much zstd takes pains: its own usual.
const LEVEL: i32 = 3;

/// A dump that is being written.
pub(super) struct Output {
    sink: Sink,
    /// None for standard output.
    place: Option<Place>,
}

/// Where the dump will be, and where it is until then.
struct Place {
    whole: PathBuf,
    part: PathBuf,
}

enum Sink {
    Plain(BufWriter<Counted>),
    Zstd(Encoder<'static, BufWriter<Counted>>),
}

/// What is written, and how much that was.
struct Counted {
    to: To,
    bytes: u64,
}

enum To {
    File(File),
    Stdout(Stdout),
}

impl Output {
    /// Begins a file, or standard output.
    pub(super) fn begin(file: Option<&Path>, zstd: bool) -> Result<Output, Failure> {
        let place = file.map(Place::of);
        let to = match &place {
            Some(place) => To::File(own_file(&place.part).map_err(|error| place.named(&error))?),
            None => To::Stdout(io::stdout()),
        };
        let out = BufWriter::with_capacity(1 << 16, Counted { to, bytes: 0 });
        let zstd = zstd || file.is_some_and(|file| file.extension().is_some_and(|end| end == "zst"));
        let sink = if zstd { Sink::Zstd(Encoder::new(out, LEVEL)?) } else { Sink::Plain(out) };
        Ok(Output { sink, place })
    }

    /// Writes something.
    pub(super) fn write(
        &mut self,
        what: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let written = match &mut self.sink {
            Sink::Plain(out) => what(out),
            Sink::Zstd(out) => what(out),
        };
        written.map_err(|error| named(self.place.as_ref(), &error))
    }

    /// How many bytes have come to the file.
    pub(super) fn bytes(&self) -> u64 {
        match &self.sink {
            Sink::Plain(out) => out.get_ref().bytes,
            Sink::Zstd(out) => out.get_ref().get_ref().bytes,
        }
    }

    /// Sees to it that all of it is there to stay, and then gives it its name.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Output { sink, place } = self;
        let finished = finish(sink, place.as_ref());
        if finished.is_err() {
            remove(place.as_ref());
        }
        finished.map_err(|error| named(place.as_ref(), &error))
    }

    /// Leaves nothing behind of a dump that is not whole.
    pub(super) fn give_up(self) {
        remove(self.place.as_ref());
    }
}

fn finish(sink: Sink, place: Option<&Place>) -> io::Result<()> {
    let mut out = match sink {
        Sink::Plain(out) => out,
        Sink::Zstd(out) => out.finish()?,
    };
    out.flush()?;
    if let (To::File(file), Some(Place { whole, part })) = (&out.get_ref().to, place) {
        file.sync_all()?;
        fs::rename(part, whole)?;
        let folder = whole.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn remove(place: Option<&Place>) {
    if let Some(place) = place {
        // It may be gone, and then all is well.
        let _ = fs::remove_file(&place.part);
    }
}

fn named(place: Option<&Place>, error: &io::Error) -> Failure {
    match place {
        Some(place) => place.named(error),
        None => format!("standard output: {error}").into(),
    }
}

impl Place {
    fn of(whole: &Path) -> Place {
        let mut part = whole.to_owned().into_os_string();
        part.push(".part");
        Place { whole: whole.to_owned(), part: part.into() }
    }

    fn named(&self, error: &io::Error) -> Failure {
        format!("{}: {error}", self.whole.display()).into()
    }
}

/// A file for its owner's eyes alone, whatever it was before.
fn own_file(name: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(name)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.to {
            To::File(file) => file.write(bytes)?,
            To::Stdout(out) => out.write(bytes)?,
        };
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::File(file) => file.flush(),
            To::Stdout(out) => out.flush(),
        }
    }
}
