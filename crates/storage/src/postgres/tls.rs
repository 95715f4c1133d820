//! TLS to the database: the files that the parameters name, and the handshake.
//!
//! Files are read again after they changed, so that a renewed certificate needs no restart.

mod certificate;
mod stream;
mod verifier;

pub(super) use stream::Handshake;

use super::config::{Named, Roots, SslMode, TlsFiles};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::VerifierBuilderError;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use verifier::ServerVerifier;

/// The protocol name of PostgreSQL in a TLS handshake (ALPN).
const PROTOCOL: &[u8] = b"postgresql";

/// A failure of TLS. Its message names the parameter and the file.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("{parameter} {} cannot be read: {source}", .path.display())]
    Unreadable { parameter: &'static str, path: PathBuf, source: pem::Error },
    #[error("{parameter} {} has no certificate", .path.display())]
    NoCertificate { parameter: &'static str, path: PathBuf },
    #[error("{parameter} {} is invalid: {source}", .path.display())]
    Invalid { parameter: &'static str, path: PathBuf, source: rustls::Error },
    #[error("sslcrl {} is invalid: {source}", .path.display())]
    InvalidRevocations { path: PathBuf, source: VerifierBuilderError },
    #[error("sslmode={mode} needs root certificates, but sslrootcert {} does not exist", .path.display())]
    RootsMissing { mode: &'static str, path: PathBuf },
    #[error("sslmode={0} needs root certificates: set sslrootcert to a file or to system")]
    RootsUnset(&'static str),
    #[error("sslrootcert=system: the operating system has no root certificates")]
    NoSystemRoots,
    #[error("sslcert {} needs a private key: set sslkey", .0.display())]
    KeyUnset(PathBuf),
    #[error("sslkey {} is no file", .0.display())]
    KeyMissing(PathBuf),
    #[error(
        "sslkey {} can be read by other users: permit its owner only (chmod 600), or root and a group (chmod 640)",
        .0.display()
    )]
    KeyShared(PathBuf),
    #[error("sslcert {} and sslkey {} do not belong together: {source}", .certificate.display(), .key.display())]
    KeyMismatch { certificate: PathBuf, key: PathBuf, source: rustls::Error },
    #[error("host {0:?} cannot be a host name in TLS")]
    HostName(String),
    #[error("sslmode={mode}: {source}")]
    Handshake { mode: &'static str, source: std::io::Error },
    #[error("TLS cannot be configured: {0}")]
    Setup(#[source] rustls::Error),
}

/// The TLS configuration of a database.
#[derive(Debug)]
pub(super) struct Tls {
    mode: SslMode,
    files: TlsFiles,
    /// The configuration that was loaded last, and the state of its files then.
    loaded: Mutex<Option<(Vec<FileState>, Arc<ClientConfig>)>>,
}

/// The size and the modification time of a file, or `None` if it is absent.
type FileState = Option<(u64, SystemTime)>;

impl Tls {
    pub(super) fn new(mode: SslMode, files: TlsFiles) -> Tls {
        Tls { mode, files, loaded: Mutex::new(None) }
    }

    /// Returns the configuration of the files as they are now.
    pub(super) fn client_config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let state = self.files.state();
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, config)) = &*loaded
            && *known == state
        {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.load()?);
        *loaded = Some((state, Arc::clone(&config)));
        Ok(config)
    }

    fn load(&self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?;
        let trusted = self.trusted_certificates()?;
        let chain = if trusted.is_empty() {
            None
        } else {
            let roots = Arc::new(self.root_store(&trusted)?);
            let mut chain = WebPkiServerVerifier::builder_with_provider(roots, provider);
            if let Some(path) = existing(self.files.revocations.as_deref()) {
                chain = chain.with_crls(read_all("sslcrl", path)?).enforce_revocation_expiration();
            }
            let path = self.files.revocations.clone().unwrap_or_default();
            Some(chain.build().map_err(|source| TlsError::InvalidRevocations { path, source })?)
        };
        let checks_name = self.mode == SslMode::VerifyFull;
        let verifier: Arc<dyn ServerCertVerifier> =
            Arc::new(ServerVerifier { algorithms, chain, trusted, checks_name });
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let mut config =
            match existing(self.files.certificate.as_deref()) {
                None => builder.with_no_client_auth(),
                Some(certificate) => {
                    let key = self.private_key_file(certificate)?;
                    let unreadable =
                        |source| TlsError::Unreadable { parameter: "sslkey", path: key.to_owned(), source };
                    let private_key = PrivateKeyDer::from_pem_file(key).map_err(unreadable)?;
                    let chain = read_certificates("sslcert", certificate)?;
                    let (certificate, key) = (certificate.to_owned(), key.to_owned());
                    builder
                        .with_client_auth_cert(chain, private_key)
                        .map_err(|source| TlsError::KeyMismatch { certificate, key, source })?
                }
            };
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(config)
    }

    /// Returns the certificates of the trusted authorities, or none if the mode needs none and the file is absent.
    fn trusted_certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        match &self.files.roots {
            Roots::System => match rustls_native_certs::load_native_certs().certs {
                certificates if certificates.is_empty() => Err(TlsError::NoSystemRoots),
                certificates => Ok(certificates),
            },
            Roots::File(path) => match (existing(path.as_deref()), path) {
                (Some(path), _) => read_certificates("sslrootcert", path),
                (None, _) if self.mode < SslMode::VerifyCa => Ok(Vec::new()),
                (None, Some(path)) => {
                    Err(TlsError::RootsMissing { mode: self.mode.name(), path: path.clone() })
                }
                (None, None) => Err(TlsError::RootsUnset(self.mode.name())),
            },
        }
    }

    fn root_store(&self, certificates: &[CertificateDer<'static>]) -> Result<RootCertStore, TlsError> {
        let mut store = RootCertStore::empty();
        let Roots::File(path) = &self.files.roots else {
            // A store of the system may have certificates of forms that no server uses.
            store.add_parsable_certificates(certificates.iter().cloned());
            return Ok(store);
        };
        for certificate in certificates {
            store.add(certificate.clone()).map_err(|source| TlsError::Invalid {
                parameter: "sslrootcert",
                path: path.clone().unwrap_or_default(),
                source,
            })?;
        }
        Ok(store)
    }

    /// Returns the file of the private key, if nobody else can read it.
    fn private_key_file(&self, certificate: &Path) -> Result<&Path, TlsError> {
        let Some(path) = &self.files.key else { return Err(TlsError::KeyUnset(certificate.to_owned())) };
        match path.metadata() {
            Ok(metadata) if metadata.is_file() && is_shared(&metadata) => {
                Err(TlsError::KeyShared(path.clone()))
            }
            Ok(metadata) if metadata.is_file() => Ok(path),
            _ => Err(TlsError::KeyMissing(path.clone())),
        }
    }
}

impl TlsFiles {
    /// Returns the state of each file.
    fn state(&self) -> Vec<FileState> {
        let roots = match &self.roots {
            Roots::System => None,
            Roots::File(path) => path.as_ref(),
        };
        let files = [roots, self.revocations.as_ref(), self.certificate.as_ref(), self.key.as_ref()];
        let state = |path: &PathBuf| {
            let metadata = path.metadata().ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        };
        files.iter().map(|path| path.and_then(state)).collect()
    }
}

/// Returns the path of a file that exists.
fn existing(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.exists())
}

fn read_certificates(parameter: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    match read_all(parameter, path)? {
        certificates if certificates.is_empty() => {
            Err(TlsError::NoCertificate { parameter, path: path.to_owned() })
        }
        certificates => Ok(certificates),
    }
}

/// Reads the objects of one type from a PEM file.
fn read_all<T: PemObject>(parameter: &'static str, path: &Path) -> Result<Vec<T>, TlsError> {
    let unreadable = |source| TlsError::Unreadable { parameter, path: path.to_owned(), source };
    T::pem_file_iter(path).and_then(Iterator::collect).map_err(unreadable)
}

/// Returns true if others than the owner can use a key. A key of root may be readable by a group.
#[cfg(unix)]
fn is_shared(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    metadata.mode() & forbidden != 0
}

#[cfg(not(unix))]
fn is_shared(_: &Metadata) -> bool {
    false
}
