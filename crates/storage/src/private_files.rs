//! Files and directories that only their owner may read. Names, relations and addresses are stored in plain text;
//! only the encrypted fields are unreadable without the keys.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file that only its owner may read. Fails if the file exists.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    private_file_options().read(true).create_new(true).open(path)
}

/// Options to open a file for writing. A file created with them is readable by its owner only.
pub(crate) fn private_file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Creates a directory that only its owner may read, and makes its name durable. Missing parents get the default
/// permissions.
pub(crate) fn create_durable_directory(path: &Path) -> io::Result<()> {
    // The last ancestor of a relative path is the empty path, which is the existing current directory.
    let named = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let missing: Vec<&Path> = named.take_while(|path| !path.exists()).collect();
    create_directory(path)?;
    for created in missing.into_iter().rev() {
        match created.canonicalize()?.parent().map_or(Ok(()), sync_directory) {
            // A parent that this process may not read cannot be synced.
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => (),
        }
    }
    Ok(())
}

fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another process created it after the check above.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

/// Removes all permissions but the owner's from a directory, and from its files that `is_engine_file` accepts. A
/// failure, as on a volume of another user, is only logged: the owner of that volume decides who may read it.
pub(crate) fn restrict_to_owner(dir: &Path, is_engine_file: impl Fn(&str) -> bool) {
    restrict_and_log(dir, 0o700);
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(&is_engine_file) {
            restrict_and_log(&entry.path(), 0o600);
        }
    }
}

fn restrict_and_log(path: &Path, mode: u32) {
    match restrict(path, mode) {
        Ok(false) => (),
        Ok(true) => tracing::info!(?path, "removed permissions of other users"),
        Err(error) => {
            tracing::warn!(?path, %error, "readable by other users, and chmod failed; fix its permissions by hand");
        }
    }
}

/// Removes all permissions that are not in `mode`. Returns true if other users had any.
#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    let is_open = permissions.mode() & 0o077 != 0;
    if is_open {
        permissions.set_mode(permissions.mode() & mode);
        fs::set_permissions(path, permissions)?;
    }
    Ok(is_open)
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn chmod_of_unchangeable_file_fails() {
        assert!(restrict(Path::new("/proc/self/status"), 0o600).is_err());
    }
}
