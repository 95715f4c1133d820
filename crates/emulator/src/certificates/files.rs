//! The folder of a certificate authority.
//!
//! `ca.key` has the private key, the certificate and its expiry, so one rename replaces them together. `ca.pem` and
//! `ca.p12` repeat the certificate for the programs that trust it.

use super::{CertificateAuthority, java_trust_store, system_time};
use jiff::Timestamp;
use rcgen::KeyPair;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// The start of the line with the expiry.
const EXPIRY: &str = "# The certificate authority of the guanxi emulator, valid until ";

/// The first line of the certificate.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// The permissions of the private key, and of files that other users may read.
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

/// The files with the certificate of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityFiles {
    /// The certificate as PEM.
    pub pem: PathBuf,
    /// The certificate as a Java trust store: PKCS#12 without a password.
    pub java_trust_store: PathBuf,
}

/// The failure to load or to create a certificate authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// An I/O error.
    #[error("certificate authority {0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// Invalid content of the key file.
    #[error("invalid key file {0}: remove it, and the emulator creates a new certificate authority")]
    Malformed(PathBuf),
    /// Permissions for other users.
    #[error("key file {0} is accessible to other users: restrict its permissions (chmod 600)")]
    TooPermissive(PathBuf),
    /// A failure to create a key or a certificate.
    #[error("certificate authority could not be created: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl CertificateAuthority {
    /// Loads the authority of a folder, or creates it. An authority that expires within 30 days is replaced.
    pub fn load_or_create(folder: &Path) -> Result<(CertificateAuthority, AuthorityFiles), AuthorityError> {
        CertificateAuthority::load_or_create_at(folder, system_time())
    }

    pub(super) fn load_or_create_at(
        folder: &Path,
        now: SystemTime,
    ) -> Result<(CertificateAuthority, AuthorityFiles), AuthorityError> {
        let failed = |error| AuthorityError::Io(folder.to_owned(), error);
        create_private_folder(folder).map_err(failed)?;
        // Other processes that start now wait here, and then load what this one created.
        let lock = File::create(folder.join("ca.lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let key_file = folder.join("ca.key");
        let current = load(&key_file)?.filter(|authority| authority.is_current(now));
        let authority = current.map_or_else(|| CertificateAuthority::generate(now), Ok)?;
        write_if_different(&key_file, authority.to_text().as_bytes(), PRIVATE).map_err(failed)?;
        let files = AuthorityFiles { pem: folder.join("ca.pem"), java_trust_store: folder.join("ca.p12") };
        write_if_different(&files.pem, authority.pem.as_bytes(), PUBLIC).map_err(failed)?;
        let certificate = CertificateDer::from_pem_slice(authority.pem.as_bytes())
            .map_err(|_| AuthorityError::Malformed(key_file))?;
        write_if_different(&files.java_trust_store, &java_trust_store::encode(&certificate), PUBLIC)
            .map_err(failed)?;
        Ok((authority, files))
    }

    fn to_text(&self) -> String {
        let expires = Timestamp::try_from(self.expires).unwrap_or(Timestamp::MIN);
        format!("{EXPIRY}{expires}.\n{}{}", self.key.serialize_pem(), self.pem)
    }

    fn parse(text: &str) -> Option<CertificateAuthority> {
        let (expires, _) = text.strip_prefix(EXPIRY)?.split_once(".\n")?;
        Some(CertificateAuthority {
            key: KeyPair::from_pem(text).ok()?,
            pem: text[text.find(CERTIFICATE)?..].to_owned(),
            expires: expires.parse::<Timestamp>().ok()?.into(),
        })
    }
}

/// Loads the authority of a key file. `None` if the file is missing.
fn load(key_file: &Path) -> Result<Option<CertificateAuthority>, AuthorityError> {
    let text = match fs::read_to_string(key_file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(AuthorityError::Io(key_file.to_owned(), error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata =
            fs::metadata(key_file).map_err(|error| AuthorityError::Io(key_file.to_owned(), error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(AuthorityError::TooPermissive(key_file.to_owned()));
        }
    }
    let authority = CertificateAuthority::parse(&text);
    authority.map(Some).ok_or_else(|| AuthorityError::Malformed(key_file.to_owned()))
}

/// Creates a folder that only its owner may read. Missing parents get the default permissions.
fn create_private_folder(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(_) if folder.is_dir() => Ok(()),
        result => result,
    }
}

fn write_if_different(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if fs::read(path).is_ok_and(|current| current == bytes) { Ok(()) } else { write(path, bytes, mode) }
}

/// Writes a file atomically.
fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    file.as_file().set_permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
