//! The keys, and the file that holds them.

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key: a number, and 32 random bytes from which the keys that are used are derived.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    /// Which. Numbers only rise.
    pub id: u32,
    secret: [u8; 32],
}

/// Tells a key without telling it: what a store remembers of the keys it was sealed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFingerprint {
    /// The key's number.
    pub id: u32,
    /// Something that follows from the key alone.
    pub check: u64,
}

impl Key {
    fn draw_after(id: u32) -> Key {
        let mut secret = [0; 32];
        draw(&mut secret);
        Key { id: id.saturating_add(1), secret }
    }

    fn derive(&self, purpose: &[u8], out: &mut [u8]) {
        Hkdf::<Sha256>::new(None, &self.secret).expand(purpose, out).expect("a short key can be derived");
    }

    pub(super) fn sealing(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.derive(b"guanxi seal", &mut key);
        key
    }

    pub(super) fn finding(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.derive(b"guanxi find", &mut key);
        key
    }

    fn mark(&self) -> KeyFingerprint {
        let mut check = [0; 8];
        self.derive(b"guanxi mark", &mut check);
        KeyFingerprint { id: self.id, check: u64::from_be_bytes(check) }
    }
}

// A key must not come into a log by chance.
impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Key {}", self.id)
    }
}

/// Some keys, at least one; the newest comes last.
#[derive(Clone, Debug)]
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// One key, drawn.
    pub fn draw() -> Keyring {
        Keyring(vec![Key::draw_after(0)])
    }

    /// The same and a new key.
    #[must_use]
    pub fn with_new_key(&self) -> Keyring {
        let new = Key::draw_after(self.newest().id);
        Keyring(self.0.iter().cloned().chain([new]).collect())
    }

    /// The same and the keys of another that are not in it.
    #[must_use]
    pub fn with_all_of(&self, other: &Keyring) -> Keyring {
        let more = other.0.iter().filter(|key| self.key(key.id).is_none());
        let mut keys: Vec<Key> = self.0.iter().chain(more).cloned().collect();
        keys.sort_by_key(|key| key.id);
        Keyring(keys)
    }

    /// The newest key alone.
    #[must_use]
    pub fn newest_alone(&self) -> Keyring {
        Keyring(vec![self.newest().clone()])
    }

    /// Whether older keys are still in it: a rotation was begun and not ended.
    pub fn is_rotating(&self) -> bool {
        self.0.len() > 1
    }

    /// The key that seals.
    ///
    /// # Panics
    ///
    /// Never: a ring without a key cannot be made.
    pub fn newest(&self) -> &Key {
        self.0.last().expect("a ring has a key")
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().rev()
    }

    pub(super) fn key(&self, id: u32) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    /// A mark of each key.
    pub fn marks(&self) -> Vec<KeyFingerprint> {
        self.0.iter().map(Key::mark).collect()
    }

    /// The ring in a text: a line `number hexadecimal` for each key.
    fn parse(text: &str) -> Option<Keyring> {
        let key = |line: &str| {
            let (id, digits) = line.trim().split_once(' ')?;
            let mut secret = [0; 32];
            (digits.len() == 64 && digits.is_ascii()).then_some(())?;
            for (byte, at) in secret.iter_mut().zip((0..).step_by(2)) {
                *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
            }
            Some(Key { id: id.parse().ok().filter(|id| *id > 0)?, secret })
        };
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let keys = lines.map(key).collect::<Option<Vec<Key>>>()?;
        (!keys.is_empty() && keys.is_sorted_by(|one, next| one.id < next.id)).then_some(Keyring(keys))
    }

    fn write(&self) -> String {
        let mut text =
            "# The keys of private data. Without this file they cannot be read: keep a copy elsewhere.\n"
                .to_owned();
        for key in &self.0 {
            let digits: Vec<String> = key.secret.iter().map(|byte| format!("{byte:02x}")).collect();
            text.extend([key.id.to_string().as_str(), " ", &digits.concat(), "\n"]);
        }
        text
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "keys and nonces are drawn here, as tokens are in the server's session.rs"
)]
pub(super) fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random bytes once it has started");
}

/// Why a file of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The system says no.
    #[error("the keys in {0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is none.
    #[error("{0} is no file of keys: each line is a number and 64 hexadecimal digits, numbers rise")]
    Malformed(PathBuf),
    /// Others may read it.
    #[error("the keys in {0} may be read by others: take the file from them (chmod 600)")]
    Open(PathBuf),
    /// It is not there, and it must be.
    #[error(
        "the keys of this community are not in {0}: bring the file back; without it private data cannot be read"
    )]
    Lost(PathBuf),
}

/// A file of keys.
#[derive(Clone, Debug)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The file of that name, there or not.
    pub fn at(path: PathBuf) -> KeyFile {
        KeyFile(path)
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The ring in it; none if there is no such file.
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
                return Err(KeyFileError::Open(self.0.clone()));
            }
        }
        Keyring::parse(&text).map(Some).ok_or_else(|| KeyFileError::Malformed(self.0.clone()))
    }

    /// Puts a ring into it, whole or not at all, for its owner's eyes alone, and durable when this returns.
    pub fn write(&self, ring: &Keyring) -> Result<(), KeyFileError> {
        self.replace(ring).map_err(|error| KeyFileError::Io(self.0.clone(), error))
    }

    fn replace(&self, ring: &Keyring) -> io::Result<()> {
        let folder =
            self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let new = self.0.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.write_all(ring.write().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.0)?;
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::at(folder.path().join("guanxi.keys"));
        assert!(file.read().unwrap().is_none());
        let ring = Keyring::draw().with_new_key();
        file.write(&ring).unwrap();
        let back = file.read().unwrap().unwrap();
        assert_eq!((back.marks(), back.newest().id), (ring.marks(), 2));
        file.write(&back.newest_alone()).unwrap();
        assert_eq!(file.read().unwrap().unwrap().marks(), ring.marks()[1..]);
    }

    #[test]
    fn rings_are_joined_in_the_order_of_their_keys() {
        let first = Keyring::draw();
        let both = first.with_new_key();
        let second = both.newest_alone();
        assert_eq!(second.with_all_of(&first).marks(), both.marks());
        assert_eq!(first.with_all_of(&second).marks(), both.marks());
        assert_eq!(both.with_all_of(&first).marks(), both.marks());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::at(folder.path().join("guanxi.keys"));
        file.write(&Keyring::draw()).unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(file.read(), Err(KeyFileError::Open(_))));
    }

    #[test]
    fn what_is_no_file_of_keys() {
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
            assert_eq!(Keyring::parse(&text).map(|ring| ring.0.len()), keys, "{text}");
        }
    }
}
