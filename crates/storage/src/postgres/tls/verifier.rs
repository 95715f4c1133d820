//! The verification of the server's certificate, as libpq does it.

use super::certificate;
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// A verifier of server certificates.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    /// The verifier of the chain, or `None` if no authority is trusted and every certificate is accepted.
    pub(super) chain: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates of the trusted authorities.
    pub(super) trusted: Vec<CertificateDer<'static>>,
    /// True if the certificate must be for the host.
    pub(super) checks_name: bool,
}

impl ServerVerifier {
    /// Returns true if a certificate is accepted although none of its alternative names is the host.
    fn accepts_mismatch(&self, certificate: &[u8], host: &ServerName<'_>, error: &Error) -> bool {
        match error {
            Error::InvalidCertificate(CertificateError::NotValidForName) => !self.checks_name,
            // The common name counts if there are no alternative names.
            Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
                !self.checks_name
                    || presented.is_empty() && certificate::is_for_common_name(certificate, &host.to_str())
            }
            _ => false,
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let verified = match chain.verify_server_cert(end_entity, intermediates, host, ocsp_response, now) {
            // A self-signed certificate that is trusted itself. Its validity was checked before its use.
            Err(error) if is_authority_as_server(&error) && self.trusted.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, host)
            }
            verified => verified.map(|_| ()),
        };
        // The name is checked last, so a mismatch means that everything else is right.
        match verified {
            Err(error) if !self.accepts_mismatch(end_entity, host, &error) => Err(error),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Returns true if the certificate of an authority was used as the server's own.
fn is_authority_as_server(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(cause)) = error else { return false };
    matches!(cause.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}
