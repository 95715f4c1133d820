//! The outbox: messages are stored in the commit that they are about. A sender claims each, sends it outside of a
//! transaction, and records the outcome. So a message is sent at least once, always with the same id.

use super::keys::follow_keys;
use super::{Command, ContactKind};
use crate::encryption::{FieldCipher, SensitiveField, fill_random};
use crate::model::{Account, ContactCode, Message, MessageKind};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::{contact_code, outbox};
use guanxi_types::Mid;
use std::sync::Arc;

/// The writer of messages. A command that has one notifies a member with one line.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The limits.
    pub limits: OutboxLimits,
    /// The tag of the language of the texts.
    pub language: &'static str,
    /// The current time, in seconds.
    pub now: i64,
}

/// The limits of an outbox, and the contacts that have a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxLimits {
    /// True if phones have a sender.
    pub sends_tel: bool,
    /// True if mail addresses have a sender.
    pub sends_mail: bool,
    /// The maximum number of waiting messages of a member. A new one replaces the oldest.
    pub max_waiting: usize,
    /// The time after which a message is given up, in seconds.
    pub retry_secs: i64,
    /// The lifetime of a code, in seconds.
    pub code_secs: i64,
}

impl OutboxLimits {
    /// Returns true if a contact has a sender. Nothing is stored for the others.
    pub fn sends(&self, contact: ContactKind) -> bool {
        match contact {
            ContactKind::Tel => self.sends_tel,
            ContactKind::Mail => self.sends_mail,
        }
    }
}

impl Outbox {
    /// Notifies a member at all verified contacts.
    pub(crate) async fn notify<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
        kind: MessageKind,
    ) -> Result<(), StorageError> {
        self.notify_of(tx, mid, kind, None).await
    }

    /// Notifies a member of an event that has a detail.
    pub(super) async fn notify_of<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
        kind: MessageKind,
        detail: Option<&str>,
    ) -> Result<(), StorageError> {
        if !self.limits.sends_tel && !self.limits.sends_mail {
            return Ok(());
        }
        let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
        follow_keys(tx, &self.cipher).await?;
        for contact in [ContactKind::Tel, ContactKind::Mail] {
            if contact.is_verified(&account)
                && let Some(address) = contact.decrypt(&self.cipher, &account)?
            {
                self.put(tx, mid, contact, &address, kind, detail).await?;
            }
        }
        Ok(())
    }

    /// Stores a code for a subject, and a message with it to an address of a member. Without a member nothing is sent,
    /// but as much is written. An earlier code for the subject is void.
    pub(super) async fn send_code<T: Transaction>(
        &self,
        tx: &mut T,
        kind: MessageKind,
        subject: &str,
        to: Option<(Mid, ContactKind, &str)>,
    ) -> Result<(), StorageError> {
        follow_keys(tx, &self.cipher).await?;
        let mut random = [0; 8];
        fill_random(&mut random);
        let code = contact_code::code_of(u64::from_be_bytes(random));
        let expires = self.now.saturating_add(self.limits.code_secs);
        let hashes = self.cipher.code_hashes(subject, &code);
        for (older, _) in hashes.iter().skip(1) {
            super::delete_existing::<T, ContactCode>(tx, *older).await?;
        }
        if let Some(&(hash, code)) = hashes.first() {
            let mid = to.map(|(mid, ..)| mid);
            tx.put(&ContactCode { hash, code, mid, expires, wrong_tries: 0 }).await?;
        }
        match to {
            Some((mid, contact, address)) => self.put(tx, mid, contact, address, kind, Some(&code)).await,
            None => Ok(()),
        }
    }

    /// Stores a message. The caller has followed the keys.
    pub(super) async fn put<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
        contact: ContactKind,
        address: &str,
        kind: MessageKind,
        detail: Option<&str>,
    ) -> Result<(), StorageError> {
        if !self.limits.sends(contact) {
            return Ok(());
        }
        let mut waiting = tx.rows_of::<Message>(mid, usize::MAX).await?;
        waiting.sort_by_key(|message| message.created);
        let surplus = (waiting.len() + 1).saturating_sub(self.limits.max_waiting);
        for message in waiting.iter().take(surplus) {
            tx.delete::<Message>((mid, message.id)).await?;
        }
        let mut id = [0; 8];
        fill_random(&mut id);
        let lifetime = match kind {
            MessageKind::VerificationCode | MessageKind::RecoveryCode => self.limits.code_secs,
            _ => self.limits.retry_secs,
        };
        tx.put(&Message {
            mid,
            // A number that JSON keeps, and that both engines sort alike.
            id: u64::from_be_bytes(id) >> 11,
            kind,
            contact,
            language: self.language.to_owned(),
            address: Some(self.cipher.encrypt(SensitiveField::MessageAddress, mid, address)?),
            detail: self.cipher.encrypt_optional(SensitiveField::MessageDetail, mid, detail)?,
            created: self.now,
            expires: self.now.saturating_add(lifetime),
            next_attempt: self.now,
            failures: 0,
            error: String::new(),
        })
        .await
    }
}

/// Deletes the waiting messages of a member.
pub(super) async fn delete_all<T: Transaction>(tx: &mut T, mid: Mid) -> Result<(), StorageError> {
    for message in tx.rows_of::<Message>(mid, usize::MAX).await? {
        tx.delete::<Message>((mid, message.id)).await?;
    }
    Ok(())
}

/// Claims a due message for an attempt: moves its next attempt behind the lease, so that no other program sends it
/// meanwhile. Deletes a message that has expired instead.
#[derive(Clone, Copy, Debug)]
pub struct ClaimMessage {
    /// The member.
    pub mid: Mid,
    /// The id of the message.
    pub id: u64,
    /// The current time, in seconds.
    pub now: i64,
    /// The end of the lease, in seconds.
    pub leased_until: i64,
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// The message, to be sent by the caller.
    Send(Box<Message>),
    /// The message has expired, and is deleted.
    GivenUp(Box<Message>),
    /// The message is not due: it was sent, or another program claimed it.
    NotDue,
}

impl Command for ClaimMessage {
    type Output = Claim;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Claim, CommandError> {
        let &ClaimMessage { mid, id, now, leased_until } = self;
        let Some(message) = tx.get::<Message>((mid, id)).await?.filter(|row| row.next_attempt <= now) else {
            return Ok(Claim::NotDue);
        };
        if message.expires <= now {
            tx.delete::<Message>((mid, id)).await?;
            return Ok(Claim::GivenUp(Box::new(message)));
        }
        let claimed = Message { next_attempt: leased_until, ..message };
        tx.put(&claimed).await?;
        Ok(Claim::Send(Box::new(claimed)))
    }
}

/// Records the outcome of an attempt: deletes a sent message, and schedules the next attempt after a failure. Has no
/// effect after a failure if another program has claimed the message since.
#[derive(Clone, Debug)]
pub struct FinishMessage {
    /// The member.
    pub mid: Mid,
    /// The id of the message.
    pub id: u64,
    /// The end of the lease.
    pub leased_until: i64,
    /// The error of a failed attempt, without private text. `None` for a sent message.
    pub error: Option<String>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for FinishMessage {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let FinishMessage { mid, id, leased_until, ref error, now } = *self;
        let Some(message) = tx.get::<Message>((mid, id)).await? else { return Ok(()) };
        let Some(error) = error.clone() else { return Ok(tx.delete::<Message>((mid, id)).await?) };
        if message.next_attempt != leased_until {
            return Ok(());
        }
        let failures = message.failures.saturating_add(1);
        let next_attempt = outbox::next_attempt(failures, now);
        Ok(tx.put(&Message { next_attempt, failures, error, ..message }).await?)
    }
}
