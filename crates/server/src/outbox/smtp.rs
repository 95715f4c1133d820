//! The sender of mail by SMTP.

use super::{Outgoing, SendError};
use crate::config::{Settings, SettingsError, SmtpEncryption, seconds};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

/// The connection to a mail server, opened for each message.
#[derive(Debug)]
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub(super) fn new(settings: &Settings) -> Result<Smtp, SettingsError> {
        let missing = |name| SettingsError::Sender(name, "the sender smtp needs it".to_owned());
        let host = settings.smtp_host.clone().ok_or_else(|| missing("smtp_host"))?;
        let from = settings.mail_from.as_ref().ok_or_else(|| missing("mail_from"))?;
        let from: Mailbox =
            from.parse().map_err(|_| SettingsError::Sender("mail_from", "is no mail address".to_owned()))?;
        let tls = || {
            TlsParameters::new(host.clone())
                .map_err(|error| SettingsError::Sender("smtp_encryption", error.to_string()))
        };
        let tls = match settings.smtp_encryption {
            SmtpEncryption::Starttls => Tls::Required(tls()?),
            SmtpEncryption::Tls => Tls::Wrapper(tls()?),
            SmtpEncryption::None => Tls::None,
        };
        let port = u16::try_from(settings.smtp_port.get()).unwrap_or(u16::MAX);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(seconds(settings.message_timeout_seconds)));
        match (&settings.smtp_user, &settings.smtp_password) {
            (Some(user), Some(password)) => {
                builder = builder.credentials(Credentials::new(user.clone(), password.0.clone()));
            }
            (None, None) => {}
            (Some(_), None) => return Err(missing("smtp_password")),
            (None, Some(_)) => return Err(missing("smtp_user")),
        }
        Ok(Smtp { transport: builder.build(), from })
    }

    pub(super) async fn send(&self, message: Outgoing) -> Result<(), SendError> {
        let to = message.to.parse().map_err(|_| SendError::Invalid)?;
        let id = format!("<{}@{}>", message.id, self.from.email.domain());
        let mut mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject)
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text)
            .map_err(|_| SendError::Invalid)?;
        // No automatic reply answers it.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        mail.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        self.transport.send(mail).await.map(drop).map_err(|error| send_error(&error))
    }
}

/// Returns an error without the text of the server, which may repeat the mail address.
fn send_error(error: &smtp::Error) -> SendError {
    match error.status() {
        Some(status) => SendError::Smtp(status.to_string()),
        None if error.is_timeout() => SendError::Timeout,
        None => SendError::Connection,
    }
}
