//! The store of an archive URL: a folder, or a bucket of S3.

use super::{Archive, ArchiveError};
use crate::encryption::{KeyFile, Keyring};
use crate::error::BoxedError;
use crate::private_files::create_durable_directory;
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use rustls_platform_verifier::BuilderVerifierExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The time in which a store must accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The place of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and the prefix of all objects in it.
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix, which may be empty.
        prefix: String,
    },
}

impl Location {
    /// Parses `s3://bucket/prefix`, `file:///folder` or the path of a folder.
    pub fn parse(url: &str) -> Result<Location, ArchiveError> {
        let invalid = |reason: &str| ArchiveError::InvalidUrl(url.to_owned(), reason.into());
        if let Some(rest) = url.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let prefix = ObjectPath::parse(prefix.trim_end_matches('/'));
            let prefix = prefix.map_err(|error| ArchiveError::InvalidUrl(url.to_owned(), error.into()))?;
            let is_name = |text: &str| {
                !text.is_empty()
                    && text.chars().all(|char| char.is_ascii_alphanumeric() || ".-_".contains(char))
            };
            if !is_name(bucket) {
                return Err(invalid("has no bucket: an example is s3://bucket/prefix"));
            }
            return Ok(Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_string() });
        }
        let path = match url.split_once("://") {
            None => url,
            Some(("file", path)) if path.starts_with('/') => path,
            Some(_) => return Err(invalid("is neither a folder, file:///folder nor s3://bucket/prefix")),
        };
        if path.is_empty() {
            return Err(invalid("is empty"));
        }
        Ok(Location::Folder(PathBuf::from(path)))
    }

    /// Opens the archive, with the keys of a file. Creates a missing folder if `create` is true.
    pub fn open(&self, key_file: Option<&Path>, create: bool) -> Result<Archive, ArchiveError> {
        let keys = key_file.map(read_keys).transpose()?;
        match self {
            Location::Folder(path) => Ok(Archive::new(open_folder(path, create)?, "", keys)),
            Location::S3 { bucket, prefix } => {
                let store = open_bucket(bucket)
                    .map_err(|error| ArchiveError::InvalidUrl(format!("s3://{bucket}/{prefix}"), error))?;
                Ok(Archive::new(store, prefix, keys))
            }
        }
    }
}

fn read_keys(path: &Path) -> Result<Keyring, ArchiveError> {
    KeyFile::new(path.to_owned()).read()?.ok_or_else(|| ArchiveError::NoKeyFile(path.to_owned()))
}

fn open_folder(path: &Path, create: bool) -> Result<Arc<dyn ObjectStore>, ArchiveError> {
    let invalid = |error: BoxedError| ArchiveError::InvalidUrl(path.display().to_string(), error);
    if create {
        create_durable_directory(path).map_err(|error| invalid(error.into()))?;
    }
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| invalid(error.into()))?;
    Ok(Arc::new(store.with_fsync(true).with_automatic_cleanup(true)))
}

/// Returns the client of a bucket. The variables `AWS_…` name credentials, region and endpoint.
fn open_bucket(bucket: &str) -> Result<Arc<dyn ObjectStore>, BoxedError> {
    // The shipper retries, and tells the operator meanwhile.
    let retries = RetryConfig { max_retries: 1, retry_timeout: CONNECT_TIMEOUT, ..RetryConfig::default() };
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retries);
    Ok(Arc::new(builder.with_http_connector(Connector).build()?))
}

/// Connects with the TLS provider of this program and the trusted certificates of the operating system.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let generic = |error: BoxedError| object_store::Error::Generic { store: "S3", source: error };
        let tls = tls_config().map_err(|error| generic(error.into()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("guanxi/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(HttpClient::new(client.map_err(|error| generic(error.into()))?))
    }
}

fn tls_config() -> Result<ClientConfig, tokio_rustls::rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    // A machine without certificates can use an endpoint without TLS.
    let builder = match builder.clone().with_platform_verifier() {
        Ok(builder) => builder,
        Err(_) => builder.with_root_certificates(RootCertStore::empty()),
    };
    Ok(builder.with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_folders_and_buckets_are_parsed() {
        let folder = |path: &str| Some(Location::Folder(path.into()));
        let s3 = |bucket: &str, prefix: &str| {
            Some(Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
        };
        for (url, location) in [
            ("/var/archive", folder("/var/archive")),
            ("archive", folder("archive")),
            ("file:///var/archive", folder("/var/archive")),
            ("s3://guanxi", s3("guanxi", "")),
            ("s3://guanxi/a/b/", s3("guanxi", "a/b")),
            ("file://host/archive", None),
            ("s3:///a", None),
            ("s3://user:password@host/a", None),
            ("s3://guanxi/../a", None),
            ("https://example.cn/a", None),
            ("", None),
        ] {
            assert_eq!(Location::parse(url).ok(), location, "{url}");
        }
    }
}
