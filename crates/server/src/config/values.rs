//! Types of settings that are not numbers or texts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;

/// The approval of bios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BioApproval {
    /// Approval after a delay.
    Auto,
    /// Approval by a moderator.
    Moderator,
}

/// The approval of new names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameApproval {
    /// No approval.
    None,
    /// Approval by a moderator.
    Moderator,
}

/// The sender of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageSender {
    /// No sender.
    None,
    /// A mail server.
    Smtp,
    /// A program of the operator's.
    Http,
    /// Files in a folder.
    Folder,
}

/// The encryption of a connection to a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpEncryption {
    /// TLS after the first command. A server without it is an error.
    Starttls,
    /// TLS from the first byte on.
    Tls,
    /// No encryption.
    None,
}

/// A setting that no log shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretText")
    }
}

/// The end of a VIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VipExpiry {
    /// The due date ends it.
    DueDate,
    /// Only an operator ends it.
    Never,
}

/// The permission to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anybody may register.
    Open,
    /// Only operators create members.
    Closed,
}

/// An address to listen on, or `None` for no listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OptionalListenAddr(pub Option<SocketAddr>);

impl TryFrom<String> for OptionalListenAddr {
    type Error = String;

    fn try_from(text: String) -> Result<OptionalListenAddr, String> {
        let address = (!text.is_empty()).then(|| text.parse()).transpose();
        address.map(OptionalListenAddr).map_err(|_| format!("{text:?} is no address such as 127.0.0.1:8081"))
    }
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines of text.
    Text,
    /// A JSON object on each line.
    Json,
}
