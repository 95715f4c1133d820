//! `GET /operator/messages`: the outbox.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/messages`: returns the messages to members that wait in the outbox, the next attempt first, and
    /// the latest messages in the folder of the sender `folder`, with their texts. At most 100 of each. Errors: -401,
    /// -403.
    ListMessages: GET "/operator/messages", Operator<AdminOnly> -> Data {}
}

/// The outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Outbox")]
pub struct Data {
    /// The waiting messages.
    pub waiting: Vec<WaitingMessage>,
    /// The latest messages in the folder, newest first. Empty without the sender `folder`.
    pub sent: Vec<SentMessage>,
}

/// A message that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitingMessage {
    /// The id, 16 hexadecimal digits.
    pub id: String,
    /// The member.
    pub mid: Mid,
    /// The kind of the text, such as `verification_code`.
    pub kind: String,
    /// The masked phone or mail address.
    pub to: String,
    /// The time of the event that the message is about, in seconds.
    pub created: i64,
    /// The second of the next attempt.
    pub next_attempt: i64,
    /// The number of failed attempts.
    pub failures: u32,
    /// The reason of the last failure. Empty before the first attempt.
    pub error: String,
}

/// A message in the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentMessage {
    /// The id, 16 hexadecimal digits.
    pub id: String,
    /// The time of the event that the message is about, in seconds.
    pub created: i64,
    /// The kind of the text, such as `verification_code`.
    pub kind: String,
    /// The phone or the mail address.
    pub to: String,
    /// The language of the text: `zh-CN` or `en`.
    pub language: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}
