//! Whom a client trusts.

use crate::Error;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// Trusts whom the machine trusts. Without https there is nobody to trust, and a machine without certificates will do.
pub(crate) fn config(https: bool) -> Result<ClientConfig, Error> {
    let wrong = |error: rustls::Error| Error::Wrong(format!("there is no TLS here: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let verified = if https {
        builder.with_platform_verifier().map_err(wrong)?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(verified.with_no_client_auth())
}
