//! Certificates of the served hosts, from a certificate authority (CA) of the emulator's own.
//!
//! [`CertificateAuthority::load_or_create`] keeps the CA in a folder, so that what trusts it once trusts it for
//! years. The certificate of a host is issued when its first client connects.

use crate::hosts::{Hosts, LOCALHOST};
use guanxi_server::clock::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

mod files;
mod java_trust_store;

pub use files::{AuthorityError, AuthorityFiles};

const DAY: Duration = Duration::from_hours(24);

/// The validity of a CA.
const AUTHORITY_VALIDITY: Duration = Duration::from_hours(24 * 3_650);

/// The validity of the certificate of a host.
const HOST_VALIDITY: Duration = Duration::from_hours(24 * 365);

/// The remaining validity at which a CA or a certificate is replaced.
const RENEWAL: Duration = Duration::from_hours(24 * 30);

/// The protocols that a TLS client may choose.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Returns the time that clients compare with certificates. The clocks of communities do not move it.
pub(crate) fn system_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(Clock::system().now().unsigned_abs())
}

/// A certificate authority.
pub struct CertificateAuthority {
    key: KeyPair,
    /// The certificate as PEM.
    pem: String,
    expires: SystemTime,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CertificateAuthority").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl CertificateAuthority {
    fn generate(now: SystemTime) -> Result<CertificateAuthority, rcgen::Error> {
        let key = KeyPair::generate()?;
        let expires = now + AUTHORITY_VALIDITY;
        let mut params = authority_params();
        (params.not_before, params.not_after) = ((now - DAY).into(), expires.into());
        let pem = params.self_signed(&key)?.pem();
        Ok(CertificateAuthority { key, pem, expires })
    }

    /// Returns true if the CA is valid for longer than the renewal period.
    fn is_current(&self, now: SystemTime) -> bool {
        self.expires.duration_since(now).is_ok_and(|left| left > RENEWAL)
    }
}

/// The subject and the purposes of a CA. A loaded CA signs with the same.
fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject("guanxi emulator CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn subject(common_name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, common_name);
    subject
}

/// The TLS configurations of the served hosts, made on demand. There are at most as many as hosts.
pub(crate) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    /// The key of all hosts.
    key: KeyPair,
    hosts: Hosts,
    issued: Mutex<HashMap<String, HostConfig>>,
}

/// The configuration of a host, until its certificate is due for renewal.
struct HostConfig {
    tls: Arc<ServerConfig>,
    renew_at: SystemTime,
}

impl Certificates {
    /// Creates the certificates of some hosts.
    pub(crate) fn new(authority: CertificateAuthority, hosts: Hosts) -> Result<Certificates, rcgen::Error> {
        let issuer = Issuer::new(authority_params(), authority.key);
        Ok(Certificates { issuer, key: KeyPair::generate()?, hosts, issued: Mutex::default() })
    }

    /// Returns the TLS configuration of a host in lower case. `None` if the host is not served.
    pub(crate) fn config(&self, host: &str, now: SystemTime) -> Option<Arc<ServerConfig>> {
        if !self.hosts.contains(host) && host != LOCALHOST {
            return None;
        }
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = issued.get(host).filter(|config| now < config.renew_at) {
            return Some(Arc::clone(&config.tls));
        }
        let tls = self.issue(host, now).inspect_err(|error| {
            tracing::error!(%error, host, "certificate could not be issued, connection closed");
        });
        let tls = Arc::new(tls.ok()?);
        let config = HostConfig { tls: Arc::clone(&tls), renew_at: now + HOST_VALIDITY - RENEWAL };
        issued.insert(host.to_owned(), config);
        Some(tls)
    }

    fn issue(&self, host: &str, now: SystemTime) -> Result<ServerConfig, Box<dyn std::error::Error>> {
        let mut names = vec![host.to_owned()];
        if host == LOCALHOST {
            names.extend([Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()]);
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = subject("guanxi emulator");
        (params.not_before, params.not_after) = ((now - DAY).into(), (now + HOST_VALIDITY).into());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.key, &self.issuer)?.der().clone();
        let key = PrivateKeyDer::try_from(self.key.serialize_der())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}

#[cfg(test)]
mod tests;
