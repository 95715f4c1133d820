//! Whom a client trusts.

use crate::Error;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// Trusts the authorities that are named, or whom the machine trusts. Without https there is nobody to trust, and a machine
/// without certificates will do.
pub(crate) fn config(https: bool, authorities: Option<&str>) -> Result<ClientConfig, Error> {
    let wrong = |error: rustls::Error| Error::Wrong(format!("there is no TLS here: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let verified = match authorities {
        _ if !https => builder.with_root_certificates(RootCertStore::empty()),
        None => builder.with_platform_verifier().map_err(wrong)?,
        Some(pem) => builder.with_root_certificates(roots(pem)?),
    };
    Ok(verified.with_no_client_auth())
}

fn roots(pem: &str) -> Result<RootCertStore, Error> {
    let wrong = |why: String| Error::Wrong(format!("the authorities are no certificates: {why}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("there is none".to_owned())) } else { Ok(roots) }
}
