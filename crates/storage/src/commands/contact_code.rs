//! Commands of codes that prove a contact: verification of a member's own contact, and recovery of an account.

use super::keys::follow_keys;
use super::rewards::{OneTimeReward, grant_one_time_reward};
use super::session::revoke_all;
use super::{
    Command, ContactKind, NewPassword, Outbox, Prefetch, active_member, delete_existing, require_member,
};
use crate::encryption::{FieldCipher, Hash};
use crate::model::{Account, ContactCode, MessageKind, RateLimitBucket};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::contact_code::{self, Try};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The subject of a code that verifies a contact of a member.
fn verification_subject(mid: Mid, contact: ContactKind, address: &str) -> String {
    format!("verify {mid} {contact:?} {address}")
}

/// The subject of a code that recovers the account with a contact.
fn recovery_subject(contact: ContactKind, address: &str) -> String {
    format!("recover {contact:?} {address}")
}

/// A submitted code.
#[derive(Clone, Debug)]
pub struct SubmittedCode {
    /// The six digits.
    pub code: String,
    /// The maximum number of wrong tries.
    pub max_tries: u32,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The current time, in seconds.
    pub now: i64,
}

impl SubmittedCode {
    /// Counts a try. Returns the row of the code if it is right. Each other try writes.
    async fn check<T: Transaction>(
        &self,
        tx: &mut T,
        subject: &str,
    ) -> Result<Option<ContactCode>, StorageError> {
        follow_keys(tx, &self.cipher).await?;
        for (hash, code) in self.cipher.code_hashes(subject, &self.code) {
            let Some(row) = tx.get::<ContactCode>(hash).await? else { continue };
            let is_right = bool::from(row.code.ct_eq(&code)) && row.mid.is_some();
            match contact_code::decide(is_right, row.expires, row.wrong_tries, self.max_tries, self.now) {
                Try::Right => return Ok(Some(row)),
                Try::Wrong => {
                    tx.put(&ContactCode { wrong_tries: row.wrong_tries.saturating_add(1), ..row }).await?;
                }
                Try::LastWrong | Try::Expired => tx.delete::<ContactCode>(hash).await?,
            }
        }
        Ok(None)
    }
}

/// Sends a code to a contact of the member. Rejects with 30100 if the contact has no sender, and with 30053 if the
/// member has no such contact, or it is verified.
#[derive(Clone, Debug)]
pub struct SendContactCode {
    /// The member.
    pub me: Mid,
    /// The kind of the contact.
    pub contact: ContactKind,
    /// The writer of the message.
    pub outbox: Outbox,
}

impl Command for SendContactCode {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let SendContactCode { me, contact, outbox } = self;
        require_member(tx, *me).await?;
        if !outbox.limits.sends(*contact) {
            return Err(ErrorCode::NoMessageSender.into());
        }
        let account = tx.get::<Account>(*me).await?.unwrap_or(Account::new(*me));
        let address = contact.decrypt(&outbox.cipher, &account)?;
        let unverified = address.filter(|_| !contact.is_verified(&account));
        send_verification_code(tx, outbox, *me, *contact, &unverified.ok_or(ErrorCode::NothingToVerify)?)
            .await?;
        Ok(())
    }
}

/// Sends a code to a new contact of a member, if it has a sender.
pub(super) async fn send_verification_code<T: Transaction>(
    tx: &mut T,
    outbox: &Outbox,
    mid: Mid,
    contact: ContactKind,
    address: &str,
) -> Result<(), StorageError> {
    if !outbox.limits.sends(contact) {
        return Ok(());
    }
    let subject = verification_subject(mid, contact, address);
    outbox.send_code(tx, MessageKind::VerificationCode, &subject, Some((mid, contact, address))).await
}

/// Verifies a contact of the member by a code, and rewards the first verified phone. Returns false for a wrong code.
/// Rejects with 30053 if there is nothing to verify.
#[derive(Clone, Debug)]
pub struct ConfirmContact {
    /// The member.
    pub me: Mid,
    /// The kind of the contact.
    pub contact: ContactKind,
    /// The code.
    pub code: SubmittedCode,
    /// The bucket of the member's wrong codes, deleted after the right one.
    pub failures: Hash,
}

impl Command for ConfirmContact {
    type Output = bool;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let ConfirmContact { me, contact, code, failures } = self;
        require_member(tx, *me).await?;
        let account = tx.get::<Account>(*me).await?.unwrap_or(Account::new(*me));
        let address = contact.decrypt(&code.cipher, &account)?.filter(|_| !contact.is_verified(&account));
        let subject = verification_subject(*me, *contact, &address.ok_or(ErrorCode::NothingToVerify)?);
        let Some(right) = code.check(tx, &subject).await? else { return Ok(false) };
        tx.delete::<ContactCode>(right.hash).await?;
        delete_existing::<T, RateLimitBucket>(tx, *failures).await?;
        verify_contact(tx, account, *contact, code.now).await?;
        Ok(true)
    }
}

/// Marks a contact as verified, and rewards the first verified phone.
pub(super) async fn verify_contact<T: Transaction>(
    tx: &mut T,
    account: Account,
    contact: ContactKind,
    now: i64,
) -> Result<Account, CommandError> {
    let account = match contact {
        ContactKind::Tel => {
            grant_one_time_reward(tx, account.mid, OneTimeReward::Tel, now).await?;
            Account { tel_verified: true, ..account }
        }
        ContactKind::Mail => Account { mail_verified: true, ..account },
    };
    tx.put(&account).await?;
    Ok(account)
}

/// Returns true if a contact is a verified one of an active member.
async fn is_verified_contact<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
    contact: ContactKind,
    address: &str,
) -> Result<bool, StorageError> {
    let Some(account) = tx.get::<Account>(mid).await? else { return Ok(false) };
    let is_current = contact.decrypt(cipher, &account)?.as_deref() == Some(address);
    Ok(is_current && contact.is_verified(&account) && active_member(tx, mid).await?.is_some())
}

/// Sends a code that recovers the account with a verified contact. For any other contact it writes as much, except for
/// the message.
#[derive(Clone, Debug)]
pub struct SendRecoveryCode {
    /// The member with the contact, if there is one.
    pub mid: Option<Mid>,
    /// The kind of the contact.
    pub contact: ContactKind,
    /// The contact, normalized.
    pub address: String,
    /// The writer of the message.
    pub outbox: Outbox,
}

impl Command for SendRecoveryCode {
    type Output = ();

    fn prefetch(&self) -> Prefetch {
        self.mid.into_iter().fold(Prefetch::default(), Prefetch::active_member)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let SendRecoveryCode { mid, contact, address, outbox } = self;
        let member = match *mid {
            Some(mid) if is_verified_contact(tx, &outbox.cipher, mid, *contact, address).await? => Some(mid),
            _ => None,
        };
        let to = member.map(|mid| (mid, *contact, address.as_str()));
        let subject = recovery_subject(*contact, address);
        Ok(outbox.send_code(tx, MessageKind::RecoveryCode, &subject, to).await?)
    }
}

/// A contact and a code that recover its account.
#[derive(Clone, Debug)]
pub struct RecoveryProof {
    /// The member with the contact, if there is one. A transaction locks members first.
    pub mid: Option<Mid>,
    /// The kind of the contact.
    pub contact: ContactKind,
    /// The contact, normalized.
    pub address: String,
    /// The code.
    pub code: SubmittedCode,
}

impl RecoveryProof {
    fn prefetch(&self) -> Prefetch {
        self.mid.into_iter().fold(Prefetch::default(), Prefetch::active_member)
    }

    /// Returns the code's row and its member if the code is right, and the contact is still that of the member.
    async fn check<T: Transaction>(&self, tx: &mut T) -> Result<Option<(ContactCode, Mid)>, StorageError> {
        let RecoveryProof { contact, address, code, .. } = self;
        let Some(row) = code.check(tx, &recovery_subject(*contact, address)).await? else { return Ok(None) };
        let Some(mid) = row.mid.filter(|mid| self.mid == Some(*mid)) else { return Ok(None) };
        let is_valid = is_verified_contact(tx, &code.cipher, mid, *contact, address).await?;
        Ok(is_valid.then_some((row, mid)))
    }
}

/// Checks a recovery code. The right code stays valid. Returns its member.
#[derive(Clone, Debug)]
pub struct CheckRecoveryCode {
    /// The contact and the code.
    pub proof: RecoveryProof,
    /// The bucket of the contact's wrong codes, deleted after the right one.
    pub failures: Hash,
}

impl Command for CheckRecoveryCode {
    type Output = Option<Mid>;

    fn prefetch(&self) -> Prefetch {
        self.proof.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Option<Mid>, CommandError> {
        let Some((_, mid)) = self.proof.check(tx).await? else { return Ok(None) };
        delete_existing::<T, RateLimitBucket>(tx, self.failures).await?;
        Ok(Some(mid))
    }
}

/// Sets a new password by a recovery code, which is void afterwards. Ends all sessions and lockouts of the account, and
/// tells the member. Returns false for a wrong code.
#[derive(Clone, Debug)]
pub struct RecoverAccount {
    /// The contact and the code.
    pub proof: RecoveryProof,
    /// The new password.
    pub new_password: NewPassword,
    /// The buckets of failures that the recovery ends.
    pub failures: Vec<Hash>,
    /// The writer of the message.
    pub outbox: Outbox,
}

impl Command for RecoverAccount {
    type Output = bool;

    fn prefetch(&self) -> Prefetch {
        self.proof.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let RecoverAccount { proof, new_password, failures, outbox } = self;
        let Some((row, mid)) = proof.check(tx).await? else { return Ok(false) };
        tx.delete::<ContactCode>(row.hash).await?;
        for bucket in failures {
            delete_existing::<T, RateLimitBucket>(tx, *bucket).await?;
        }
        new_password.put(tx, mid).await?;
        revoke_all(tx, mid).await?;
        outbox.notify(tx, mid, MessageKind::PasswordChanged).await?;
        Ok(true)
    }
}
