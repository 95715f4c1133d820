//! libpq's password file. Each line is `HOST:PORT:DATABASE:USER:PASSWORD`, and a field `*` matches everything.

use std::fs::{self, Metadata};
use std::path::Path;

/// Returns the password of the first matching line. A file that others may read is ignored with a warning.
pub(super) fn find_password(path: &Path, login: [&str; 4]) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || is_shared(&metadata) {
        let file = path.display();
        tracing::warn!(%file, "password file ignored: it must be a file that only its owner can read (chmod 600)");
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let matches =
            |wanted: &&str| fields.next().is_some_and(|field| field == "*" || unescape(field) == **wanted);
        login.iter().all(matches).then(|| fields.next().map(unescape))?
    })
}

/// Splits a line at the colons that no backslash escapes.
fn fields(line: &str) -> Vec<&str> {
    let mut is_escaped = false;
    line.split(|character| {
        let is_separator = character == ':' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_separator
    })
    .collect()
}

fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' { characters.next().unwrap_or(character) } else { character });
    }
    text
}

#[cfg(unix)]
fn is_shared(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_shared(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_file_gives_first_matching_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pgpass");
        let text =
            "# comment\ndb1:5432:guanxi:guanxi:one\n*:*:*:o\\:ther:t\\\\w\\:o\n*:5433:*:guanxi:three\n";
        fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        for (login, password) in [
            (["db1", "5432", "guanxi", "guanxi"], Some("one")),
            (["db2", "5432", "guanxi", "guanxi"], None),
            (["db2", "5432", "guanxi", "o:ther"], Some("t\\w:o")),
            (["db1", "5433", "guanxi", "guanxi"], Some("three")),
        ] {
            assert_eq!(find_password(&path, login).as_deref(), password, "{login:?}");
        }
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        assert_eq!(find_password(&path, ["db1", "5432", "guanxi", "guanxi"]), None);
        assert_eq!(find_password(&folder.path().join("absent"), ["db1", "5432", "guanxi", "guanxi"]), None);
    }
}
