//! Messages to members: their texts, and the senders that the settings select.

mod connector;
pub mod folder;
mod smtp;

use crate::config::{MessageSender, Settings, SettingsError, seconds};
use crate::session_token::to_hex;
use crate::web::language::Language;
use crate::web::message_texts::{MessageTexts, Values};
use connector::Connector;
use folder::Folder;
use guanxi_storage::commands::ContactKind;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::Message;
use guanxi_storage::{FieldCipher, StorageError};
use smtp::Smtp;
use std::time::Duration;

/// A message as it is sent.
#[derive(Debug)]
pub struct Outgoing {
    /// The id, the same in all attempts: 16 hexadecimal digits.
    pub id: String,
    /// The time of the event that the message is about, in seconds.
    pub created: i64,
    /// The kind of the text.
    pub kind: &'static str,
    /// The kind of the contact.
    pub contact: ContactKind,
    /// The phone or the mail address.
    pub to: String,
    /// The language of the text.
    pub language: Language,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// The reason that a message was not sent. It has no private text, since it is stored and logged.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The settings have no sender for the contact any more.
    #[error("no sender for this contact")]
    NoSender,
    /// The sender did not answer in time.
    #[error("timeout")]
    Timeout,
    /// The connection failed.
    #[error("connection failed")]
    Connection,
    /// The mail server refused the message.
    #[error("refused with SMTP status {0}")]
    Smtp(String),
    /// The program of the operator's refused the message.
    #[error("refused with HTTP status {0}")]
    Http(u16),
    /// The file could not be written.
    #[error("file not written: {0}")]
    File(#[from] std::io::Error),
    /// The message cannot be built: a contact or a setting is invalid.
    #[error("the message is invalid")]
    Invalid,
    /// The message cannot be decrypted.
    #[error("{0}")]
    Storage(#[from] StorageError),
}

/// The sender of one kind of contacts.
#[derive(Debug)]
enum Sender {
    None,
    Smtp(Box<Smtp>),
    Http(Connector),
    Folder(Folder),
}

impl Sender {
    fn new(settings: &Settings, kind: MessageSender) -> Result<Sender, SettingsError> {
        Ok(match kind {
            MessageSender::None => Sender::None,
            MessageSender::Smtp => Sender::Smtp(Box::new(Smtp::new(settings)?)),
            MessageSender::Http => Sender::Http(Connector::new(settings)?),
            MessageSender::Folder => Sender::Folder(Folder::new(settings)?),
        })
    }

    async fn send(&self, message: Outgoing, now: i64) -> Result<(), SendError> {
        match self {
            Sender::None => Err(SendError::NoSender),
            Sender::Smtp(smtp) => smtp.send(message).await,
            Sender::Http(connector) => connector.send(&message, now).await,
            Sender::Folder(folder) => folder.send(message).await,
        }
    }
}

/// The texts and the senders of messages.
#[derive(Debug)]
pub struct Messenger {
    texts: MessageTexts,
    mail: Sender,
    sms: Sender,
    timeout: Duration,
    concurrency: usize,
    code_minutes: u32,
}

impl Messenger {
    /// Creates the senders of the settings, and reads the texts.
    pub fn new(settings: &Settings) -> Result<Messenger, SettingsError> {
        if settings.sms_sender == MessageSender::Smtp {
            return Err(SettingsError::Sender(
                "sms_sender",
                "a mail server sends no messages to phones".to_owned(),
            ));
        }
        Ok(Messenger {
            texts: MessageTexts::new(settings.message_templates.as_deref())?,
            mail: Sender::new(settings, settings.mail_sender)?,
            sms: Sender::new(settings, settings.sms_sender)?,
            timeout: seconds(settings.message_timeout_seconds),
            concurrency: settings.message_concurrency.get() as usize,
            code_minutes: settings.code_ttl_seconds.get().div_ceil(60),
        })
    }

    /// Returns the maximum number of messages that are sent concurrently.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Returns the time for which a message is claimed, in seconds: longer than an attempt takes.
    pub fn lease_secs(&self) -> i64 {
        i64::try_from(self.timeout.as_secs()).unwrap_or(i64::MAX).saturating_mul(2).saturating_add(30)
    }

    /// Returns the folder of the sender `folder`, if there is one.
    pub fn folder(&self) -> Option<&Folder> {
        [&self.mail, &self.sms].into_iter().find_map(|sender| match sender {
            Sender::Folder(folder) => Some(folder),
            _ => None,
        })
    }

    /// Sends a stored message. `now` is the current time, in seconds.
    pub async fn send(&self, cipher: &FieldCipher, message: &Message, now: i64) -> Result<(), SendError> {
        let outgoing = self.compose(cipher, message)?;
        let sender = match message.contact {
            ContactKind::Mail => &self.mail,
            ContactKind::Tel => &self.sms,
        };
        let sending = sender.send(outgoing, now);
        tokio::time::timeout(self.timeout, sending).await.unwrap_or(Err(SendError::Timeout))
    }

    /// Returns a stored message with its text.
    fn compose(&self, cipher: &FieldCipher, message: &Message) -> Result<Outgoing, SendError> {
        let Message { mid, id, kind, contact, created, .. } = *message;
        let to = cipher.decrypt_optional(SensitiveField::MessageAddress, mid, message.address.as_ref())?;
        let detail = cipher.decrypt_optional(SensitiveField::MessageDetail, mid, message.detail.as_ref())?;
        let language = Language::from_tag(&message.language).unwrap_or(Language::Chinese);
        let values = Values::new(kind, &detail.unwrap_or_default(), created, self.code_minutes, language);
        let (subject, text) = self.texts.render(language, kind, &values);
        Ok(Outgoing {
            id: to_hex(&id.to_be_bytes()),
            created,
            kind: kind.name(),
            contact,
            to: to.ok_or(SendError::Invalid)?,
            language,
            subject,
            text,
        })
    }
}
