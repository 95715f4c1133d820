//! Messages to the phones and mail addresses of members, and the codes in them.

use super::{Sensitive, entity, stored_struct};
use crate::encryption::Hash;
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};

stored_struct! {
    /// A message to a member that is not sent yet.
    Message(
        /** The member. */ mid: Mid,
        /** The random id, the same in all attempts. */ id: u64,
        /** The kind of the text. */ kind: MessageKind,
        /** The kind of the contact. */ contact: ContactKind
    ) {
        /// The tag of the language.
        language: String,
        /// The phone or the mail address.
        address: Option<Sensitive>,
        /// The code, or the device and the place of a login as two lines.
        detail: Option<Sensitive>,
        /// The time of the event that the message is about, in seconds.
        created: i64,
        /// The second from which the message is no longer sent.
        expires: i64,
        /// The second of the next attempt.
        next_attempt: i64,
        /// The number of failed attempts.
        failures: u32,
        /// The reason of the last failure.
        error: String,
    }
}
entity!(Message in Message by (mid: Mid, id: u64), run_at: |row| Some(row.next_attempt));

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The code that verifies the contact.
    VerificationCode,
    /// The code that sets a new password.
    RecoveryCode,
    /// A login from a new device or place.
    Login,
    /// A changed password.
    PasswordChanged,
    /// A changed phone.
    TelChanged,
    /// A changed mail address.
    MailChanged,
    /// A changed second factor.
    FactorsChanged,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [MessageKind; 7] = [
        MessageKind::VerificationCode,
        MessageKind::RecoveryCode,
        MessageKind::Login,
        MessageKind::PasswordChanged,
        MessageKind::TelChanged,
        MessageKind::MailChanged,
        MessageKind::FactorsChanged,
    ];

    /// Returns the name, as in dumps.
    pub const fn name(self) -> &'static str {
        match self {
            MessageKind::VerificationCode => "verification_code",
            MessageKind::RecoveryCode => "recovery_code",
            MessageKind::Login => "login",
            MessageKind::PasswordChanged => "password_changed",
            MessageKind::TelChanged => "tel_changed",
            MessageKind::MailChanged => "mail_changed",
            MessageKind::FactorsChanged => "factors_changed",
        }
    }
}

/// The kind of a contact. Contacts are private, and a code verifies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// A phone number.
    Tel,
    /// A mail address.
    Mail,
}

stored_struct! {
    /// A code that was sent to a contact. Neither the code nor the contact is stored.
    ContactCode(
        /** The keyed hash of the purpose and the contact. */ hash: Hash,
        /** The keyed hash of the code. */ code: Hash
    ) {
        /// The member. `None` if nobody has the contact: then no message has the code.
        mid: Option<Mid>,
        /// The second from which the code is void.
        expires: i64,
        /// The number of wrong tries.
        wrong_tries: u32,
    }
}
entity!(ContactCode in ContactCode by hash: Hash, run_at: |row| Some(row.expires));
