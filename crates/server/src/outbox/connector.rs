//! The sender that posts messages to a program of the operator's.

use super::{Outgoing, SendError};
use crate::config::{Settings, SettingsError, seconds};
use crate::session_token::to_hex;
use guanxi_storage::commands::ContactKind;
use hmac::{Hmac, KeyInit, Mac};
use http::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;
use serde_json::json;
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;

/// The header with the id of the message.
const ID_HEADER: &str = "guanxi-message-id";
/// The header with the second of the post.
const TIMESTAMP_HEADER: &str = "guanxi-timestamp";
/// The header with the signature of id, second and body.
const SIGNATURE_HEADER: &str = "guanxi-signature";

/// The minimum length of the secret, in bytes.
const MIN_SECRET_BYTES: usize = 16;

/// A program that takes messages.
pub(super) struct Connector {
    client: Client,
    url: Url,
    secret: String,
}

impl fmt::Debug for Connector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Connector")
    }
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> Result<Connector, SettingsError> {
        let missing = |name| SettingsError::Sender(name, "the sender http needs it".to_owned());
        let url = settings.message_url.as_deref().ok_or_else(|| missing("message_url"))?;
        let invalid =
            || SettingsError::Sender("message_url", "is no URL such as https://sms.example.cn/".to_owned());
        let url: Url = url.parse().map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid());
        }
        let secret = settings.message_secret.as_ref().ok_or_else(|| missing("message_secret"))?.0.clone();
        if secret.len() < MIN_SECRET_BYTES {
            let reason = format!("is shorter than {MIN_SECRET_BYTES} characters");
            return Err(SettingsError::Sender("message_secret", reason));
        }
        let no_tls =
            |error: String| SettingsError::Sender("message_url", format!("TLS is not available: {error}"));
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| no_tls(error.to_string()))?;
        let builder = if url.scheme() == "https" {
            builder.with_platform_verifier().map_err(|error| no_tls(error.to_string()))?
        } else {
            builder.with_root_certificates(rustls::RootCertStore::empty())
        };
        let client = Client::builder()
            .tls_backend_preconfigured(builder.with_no_client_auth())
            .timeout(seconds(settings.message_timeout_seconds))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("guanxi")
            .build()
            .map_err(|error| no_tls(error.to_string()))?;
        Ok(Connector { client, url, secret })
    }

    pub(super) async fn send(&self, message: &Outgoing, now: i64) -> Result<(), SendError> {
        let body = body(message);
        let timestamp = now.to_string();
        let signature = signature(&self.secret, &message.id, &timestamp, &body);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, &message.id)
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signature)
            .body(body);
        let response = request
            .send()
            .await
            .map_err(|error| if error.is_timeout() { SendError::Timeout } else { SendError::Connection })?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(SendError::Http(status.as_u16())) }
    }
}

fn body(message: &Outgoing) -> String {
    let channel = match message.contact {
        ContactKind::Mail => "mail",
        ContactKind::Tel => "sms",
    };
    json!({
        "id": message.id,
        "created": message.created,
        "channel": channel,
        "kind": message.kind,
        "to": message.to,
        "language": message.language.tag(),
        "subject": message.subject,
        "text": message.text,
    })
    .to_string()
}

/// Returns the HMAC-SHA256 of id, second and body, in hexadecimal digits.
fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC takes a key of any length");
    to_hex(&mac.chain_update(format!("{id}.{timestamp}.{body}")).finalize().into_bytes())
}
