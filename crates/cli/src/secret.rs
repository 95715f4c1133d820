//! Files with cookies or tokens in them, which are as good as passwords: nobody else may read them.

use crate::Failure;
use std::io::Write;
use std::path::Path;

/// Writes a file that only its owner may read.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).map_err(failed)?;
    #[cfg(unix)]
    if out.metadata().map_err(failed)?.is_file() {
        out.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    }
    writeln!(out, "{text}").map_err(failed)?;
    Ok(())
}
