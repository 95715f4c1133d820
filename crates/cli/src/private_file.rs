//! Files with cookies or tokens, readable by their owner only.

use crate::Failure;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Writes a text file with mode 0600, also if the file existed with another mode.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    let written = create_private(file).and_then(|mut writer| writeln!(writer, "{text}"));
    written.map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Creates or empties a file with mode 0600, also if it existed with another mode.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}
