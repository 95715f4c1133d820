//! Keys, the keyring, and the key file.

use crate::model::serde_hex::HexBytes;
use crate::private_files::{private_file_options, sync_directory};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key: a number and 32 random bytes, from which the working keys are derived.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    /// The number. A newer key has a higher number.
    pub id: u32,
    secret: [u8; 32],
}

/// The fingerprint of a key: identifies the key without revealing it. A database stores the fingerprints of its
/// keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFingerprint {
    /// The number of the key.
    pub id: u32,
    /// The fingerprint, derived from the key.
    pub fingerprint: u64,
}

impl Key {
    fn generate_after(id: u32) -> Key {
        let mut secret = [0; 32];
        fill_random(&mut secret);
        Key { id: id.saturating_add(1), secret }
    }

    fn derive(&self, purpose: &[u8], out: &mut [u8]) {
        Hkdf::<Sha256>::new(None, &self.secret).expand(purpose, out).expect("a short key can be derived");
    }

    pub(super) fn encryption_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.derive(b"guanxi seal", &mut key);
        key
    }

    pub(super) fn index_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.derive(b"guanxi find", &mut key);
        key
    }

    pub(crate) fn archive_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.derive(b"guanxi archive", &mut key);
        key
    }

    fn fingerprint(&self) -> KeyFingerprint {
        let mut bytes = [0; 8];
        self.derive(b"guanxi mark", &mut bytes);
        KeyFingerprint { id: self.id, fingerprint: u64::from_be_bytes(bytes) }
    }
}

// Hides the secret, so that it never appears in a log.
impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Key {}", self.id)
    }
}

/// A non-empty set of keys, in ascending order of their numbers. The last key is the newest.
#[derive(Clone, Debug)]
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// Returns a keyring with one new random key.
    pub fn generate() -> Keyring {
        Keyring(vec![Key::generate_after(0)])
    }

    /// Returns a keyring with an additional new key.
    #[must_use]
    pub fn with_new_key(&self) -> Keyring {
        let new = Key::generate_after(self.newest().id);
        Keyring(self.0.iter().cloned().chain([new]).collect())
    }

    /// Returns a keyring with the additional keys of another keyring.
    #[must_use]
    pub fn merged_with(&self, other: &Keyring) -> Keyring {
        let more = other.0.iter().filter(|key| self.key(key.id).is_none());
        let mut keys: Vec<Key> = self.0.iter().chain(more).cloned().collect();
        keys.sort_by_key(|key| key.id);
        Keyring(keys)
    }

    /// Returns a keyring with only the newest key.
    #[must_use]
    pub fn newest_only(&self) -> Keyring {
        self.since(self.newest().id)
    }

    /// Returns a keyring without the keys below a number, but with the newest key.
    #[must_use]
    pub fn since(&self, id: u32) -> Keyring {
        let id = id.min(self.newest().id);
        Keyring(self.0.iter().filter(|key| key.id >= id).cloned().collect())
    }

    /// Returns a keyring without keys that are newer than a number, or `None` if no key is left.
    pub fn until(&self, id: u32) -> Option<Keyring> {
        let keys: Vec<Key> = self.0.iter().filter(|key| key.id <= id).cloned().collect();
        (!keys.is_empty()).then_some(Keyring(keys))
    }

    /// Returns true if the keyring has a key.
    pub fn has(&self, key: &KeyFingerprint) -> bool {
        self.key(key.id).is_some_and(|own| own.fingerprint() == *key)
    }

    /// Returns true if the keyring has older keys: a key rotation is not finished.
    pub fn is_rotating(&self) -> bool {
        self.0.len() > 1
    }

    /// Returns the oldest key.
    ///
    /// # Panics
    ///
    /// Never: a keyring always has a key.
    pub fn oldest(&self) -> &Key {
        self.0.first().expect("a keyring has a key")
    }

    /// Returns the newest key, which encrypts.
    ///
    /// # Panics
    ///
    /// Never: a keyring always has a key.
    pub fn newest(&self) -> &Key {
        self.0.last().expect("a keyring has a key")
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().rev()
    }

    pub(crate) fn key(&self, id: u32) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    /// Returns the fingerprint of each key.
    pub fn fingerprints(&self) -> Vec<KeyFingerprint> {
        self.0.iter().map(Key::fingerprint).collect()
    }

    /// Parses a key file: a line `number hexadecimal` for each key.
    fn parse(text: &str) -> Option<Keyring> {
        let key = |line: &str| {
            let (id, digits) = line.trim().split_once(' ')?;
            Some(Key { id: id.parse().ok().filter(|id| *id > 0)?, secret: HexBytes::from_hex(digits)? })
        };
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let keys = lines.map(key).collect::<Option<Vec<Key>>>()?;
        (!keys.is_empty() && keys.is_sorted_by(|one, next| one.id < next.id)).then_some(Keyring(keys))
    }

    fn to_text(&self) -> String {
        let mut text =
            "# Encryption keys. What they encrypt is unreadable without this file: keep a copy elsewhere.\n"
                .to_owned();
        for key in &self.0 {
            text.extend([key.id.to_string().as_str(), " ", &key.secret.to_hex(), "\n"]);
        }
        text
    }
}

#[expect(clippy::disallowed_methods, reason = "keys and nonces are generated here, tokens in the server")]
pub(crate) fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random bytes once it has started");
}

/// An error of a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// An I/O error.
    #[error("key file {0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// Invalid content.
    #[error("invalid key file {0}: each line must be a number and 64 hexadecimal digits, in ascending order")]
    Malformed(PathBuf),
    /// Permissions for other users.
    #[error("key file {0} is accessible to other users: restrict its permissions (chmod 600)")]
    TooPermissive(PathBuf),
    /// A file without a key that another program uses.
    #[error("key file {0} lacks key {1} of this database: copy the file of a program that has the key")]
    Outdated(PathBuf, u32),
    /// A missing file, or a file without the keys of the database.
    #[error(
        "key file {0} lacks the keys of this database: restore it; without it private data are unreadable"
    )]
    Missing(PathBuf),
}

/// A key file.
#[derive(Clone, Debug)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// Returns the key file of a path. The file may be missing.
    pub fn new(path: PathBuf) -> KeyFile {
        KeyFile(path)
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the keyring. `None` if the file is missing.
    pub fn read(&self) -> Result<Option<Keyring>, KeyFileError> {
        let failed = |error| KeyFileError::Io(self.0.clone(), error);
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if fs::metadata(&self.0).map_err(failed)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyFileError::TooPermissive(self.0.clone()));
            }
        }
        Keyring::parse(&text).map(Some).ok_or_else(|| KeyFileError::Malformed(self.0.clone()))
    }

    /// Replaces the keyring by that of a function, atomically and durably. `None` changes nothing. Returns the keyring
    /// of the file. Programs that share the file take turns.
    pub fn update(
        &self,
        change: impl FnOnce(Option<&Keyring>) -> Option<Keyring>,
    ) -> Result<Option<Keyring>, KeyFileError> {
        let failed = |error| KeyFileError::Io(self.0.clone(), error);
        let directory = fs::File::open(self.parent()).map_err(failed)?;
        // Some network file systems lock no directories. They only lack the turns.
        let _ = directory.lock();
        let current = self.read()?;
        let Some(new) = change(current.as_ref()) else { return Ok(current) };
        self.write(&new)?;
        Ok(Some(new))
    }

    fn parent(&self) -> &Path {
        self.0.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Writes a keyring atomically and durably, readable only by the owner.
    pub fn write(&self, keyring: &Keyring) -> Result<(), KeyFileError> {
        self.write_atomically(keyring).map_err(|error| KeyFileError::Io(self.0.clone(), error))
    }

    fn write_atomically(&self, keyring: &Keyring) -> io::Result<()> {
        let new = self.0.with_extension("new");
        let mut file = private_file_options().create(true).truncate(true).open(&new)?;
        // An existing file keeps its permissions when it is opened.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.write_all(keyring.to_text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.0)?;
        sync_directory(self.parent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyring_round_trips_through_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = KeyFile::new(directory.path().join("guanxi.keys"));
        assert!(file.read().unwrap().is_none());
        let keyring = Keyring::generate().with_new_key();
        file.write(&keyring).unwrap();
        let back = file.read().unwrap().unwrap();
        assert_eq!((back.fingerprints(), back.newest().id), (keyring.fingerprints(), 2));
        file.write(&back.newest_only()).unwrap();
        assert_eq!(file.read().unwrap().unwrap().fingerprints(), keyring.fingerprints()[1..]);
    }

    #[test]
    fn keyrings_merge_in_key_order() {
        let first = Keyring::generate();
        let both = first.with_new_key();
        let second = both.newest_only();
        assert_eq!(second.merged_with(&first).fingerprints(), both.fingerprints());
        assert_eq!(first.merged_with(&second).fingerprints(), both.fingerprints());
        assert_eq!(both.merged_with(&first).fingerprints(), both.fingerprints());
    }

    #[cfg(unix)]
    #[test]
    fn key_file_readable_by_others_is_rejected() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let file = KeyFile::new(directory.path().join("guanxi.keys"));
        file.write(&Keyring::generate()).unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(file.read(), Err(KeyFileError::TooPermissive(_))));
    }

    #[test]
    fn key_file_syntax() {
        let key = "ab".repeat(32);
        for (text, keys) in [
            (format!("1 {key}"), Some(1)),
            (format!("# why\n\n1 {key}\n7 {key}\n"), Some(2)),
            (String::new(), None),
            (format!("0 {key}"), None),
            (format!("2 {key}\n1 {key}"), None),
            (format!("1 {key}\n1 {key}"), None),
            (format!("1 {key}0"), None),
            (format!("1 {}", "xy".repeat(32)), None),
            (format!("1 {}", "é".repeat(32)), None),
            ("1".to_owned(), None),
        ] {
            assert_eq!(Keyring::parse(&text).map(|keyring| keyring.0.len()), keys, "{text}");
        }
    }
}
