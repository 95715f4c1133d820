//! Who may read the data directory: nobody but its owner. Only what is sealed is unreadable without the keys; names, ties and
//! addresses are not.

use std::io;
use std::path::Path;

/// Makes a directory that only its owner may look into, and those on the way to it as the system makes directories.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Somebody else made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Takes a directory, and those of its files whose names are ours, from everybody but their owner. Where the system does not
/// allow that, as with a volume that belongs to another user, the log says so and the start goes on: whoever set up that volume
/// decides who may read it.
pub(super) fn tighten(directory: &Path, is_ours: impl Fn(&str) -> bool) {
    narrow_and_log(directory, 0o700);
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(&is_ours) {
            narrow_and_log(&entry.path(), 0o600);
        }
    }
}

fn narrow_and_log(path: &Path, mode: u32) {
    match narrow(path, mode) {
        Ok(false) => (),
        Ok(true) => tracing::info!(?path, "others could read this, and no longer can"),
        Err(error) => {
            tracing::warn!(?path, %error, "others may read this, and it cannot be taken from them: chmod it");
        }
    }
}

/// Takes all permissions but `mode` away; returns false if there are no others.
#[cfg(unix)]
fn narrow(path: &Path, mode: u32) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)?.permissions();
    let is_open = permissions.mode() & 0o077 != 0;
    if is_open {
        permissions.set_mode(permissions.mode() & mode);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(is_open)
}

#[cfg(not(unix))]
fn narrow(_: &Path, _: u32) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn permissions_that_cannot_be_changed_are_an_error() {
        assert!(narrow(Path::new("/proc/self/status"), 0o600).is_err());
    }
}
