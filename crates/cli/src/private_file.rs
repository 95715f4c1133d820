//! Files with cookies or tokens, readable by their owner only.

use crate::Failure;
use std::io::Write;
use std::path::Path;

/// Writes a text file with mode 0600, also if the file existed with another mode.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    let with_path = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut writer = options.open(file).map_err(with_path)?;
    #[cfg(unix)]
    if writer.metadata().map_err(with_path)?.is_file() {
        writer.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(with_path)?;
    }
    writeln!(writer, "{text}").map_err(with_path)?;
    Ok(())
}
