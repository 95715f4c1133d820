//! Trusted certificates.

use crate::Error;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// Returns the TLS configuration with the given root certificates, or with those of the operating system. Without
/// https no certificate is loaded, so that a machine without certificates works.
pub(crate) fn config(is_https: bool, root_certificates: Option<&str>) -> Result<ClientConfig, Error> {
    let unavailable = |error: rustls::Error| Error::InvalidInput(format!("TLS is not available: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unavailable)?;
    let builder = match root_certificates {
        _ if !is_https => builder.with_root_certificates(RootCertStore::empty()),
        None => builder.with_platform_verifier().map_err(unavailable)?,
        Some(pem) => builder.with_root_certificates(parse_root_certificates(pem)?),
    };
    Ok(builder.with_no_client_auth())
}

fn parse_root_certificates(pem: &str) -> Result<RootCertStore, Error> {
    let invalid = |why: String| Error::InvalidInput(format!("the root certificates are invalid: {why}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.is_empty() { Err(invalid("the PEM contains no certificate".to_owned())) } else { Ok(roots) }
}
