//! Commands that set up and remove second factors.

use super::factor_login::{own_session, put_proofs};
use super::keys::follow_keys;
use super::{Command, Outbox, require_member};
use crate::encryption::{FieldCipher, SensitiveField};
use crate::model::{Factors, MessageKind, Passkey, Sensitive, TokenHash};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::factor::Proofs;
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

async fn load<T: Transaction>(tx: &mut T, me: Mid) -> Result<Factors, CommandError> {
    require_member(tx, me).await?;
    Ok(tx.get::<Factors>(me).await?.unwrap_or(Factors::new(me)))
}

/// Stores the changed factors of a member, and notifies the member. Every command that changes what a login needs ends
/// here. Recovery codes end with the last factor.
pub(super) async fn store_changed<T: Transaction>(
    tx: &mut T,
    mut factors: Factors,
    outbox: &Outbox,
) -> Result<(), StorageError> {
    if !factors.has_any() {
        factors.recovery_codes.clear();
    }
    tx.put(&factors).await?;
    outbox.notify(tx, factors.mid, MessageKind::FactorsChanged).await
}

/// Adds the recovery codes of a first factor. Returns true if they are added.
fn add_recovery_codes(factors: &mut Factors, hashes: &[String]) -> bool {
    let is_first = factors.recovery_codes.is_empty();
    if is_first {
        factors.recovery_codes = hashes.to_vec();
    }
    is_first
}

/// Marks the factor of the session that set it up as proved: the member has just used it.
async fn prove_factor<T: Transaction>(
    tx: &mut T,
    me: Mid,
    session: TokenHash,
    now: i64,
) -> Result<(), CommandError> {
    let session = own_session(tx, me, session).await?;
    let proofs = Proofs { factor: now, ..session.proofs() };
    Ok(put_proofs(tx, session, proofs).await?)
}

/// Stores a secret of one-time codes that the member has not confirmed yet. It replaces the one before. Rejects with
/// 30114 if one-time codes are set up.
#[derive(Clone, Debug)]
pub struct StartTotp {
    /// The member.
    pub me: Mid,
    /// The secret, in base32.
    pub secret: String,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl Command for StartTotp {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let factors = load(tx, self.me).await?;
        if factors.totp.is_some() {
            return Err(ErrorCode::FactorExists.into());
        }
        follow_keys(tx, &self.cipher).await?;
        let pending_totp = Some(self.cipher.encrypt(SensitiveField::Totp, self.me, &self.secret)?);
        Ok(tx.put(&Factors { pending_totp, ..factors }).await?)
    }
}

/// Sets up one-time codes after the member confirmed the secret by a code. Returns true if the recovery codes are
/// new. Rejects with 30115 if another secret waits for its confirmation.
#[derive(Clone, Debug)]
pub struct ConfirmTotp {
    /// The member.
    pub me: Mid,
    /// The confirmed secret, as it is stored.
    pub pending: Sensitive,
    /// The step of the confirming code.
    pub step: i64,
    /// The hashes of recovery codes, for a member without any.
    pub recovery_codes: Vec<String>,
    /// The session of the request.
    pub session: TokenHash,
    /// The writer of messages. It has the current time.
    pub outbox: Outbox,
}

impl Command for ConfirmTotp {
    type Output = bool;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let mut factors = load(tx, self.me).await?;
        if factors.pending_totp.as_ref() != Some(&self.pending) {
            return Err(ErrorCode::FactorNotFound.into());
        }
        prove_factor(tx, self.me, self.session, self.outbox.now).await?;
        (factors.totp, factors.totp_step) = (factors.pending_totp.take(), self.step);
        let are_new = add_recovery_codes(&mut factors, &self.recovery_codes);
        store_changed(tx, factors, &self.outbox).await?;
        Ok(are_new)
    }
}

/// Removes the one-time codes of a member. Rejects with 30115 if there are none.
#[derive(Clone, Debug)]
pub struct RemoveTotp {
    /// The member.
    pub me: Mid,
    /// The writer of messages.
    pub outbox: Outbox,
}

impl Command for RemoveTotp {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let factors = load(tx, self.me).await?;
        if factors.totp.is_none() && factors.pending_totp.is_none() {
            return Err(ErrorCode::FactorNotFound.into());
        }
        let factors = Factors { totp: None, pending_totp: None, totp_step: 0, ..factors };
        Ok(store_changed(tx, factors, &self.outbox).await?)
    }
}

/// Replaces the recovery codes of a member. Rejects with 30115 for a member without a second factor.
#[derive(Clone, Debug)]
pub struct RenewRecoveryCodes {
    /// The member.
    pub me: Mid,
    /// The hashes of the new codes.
    pub recovery_codes: Vec<String>,
    /// The writer of messages.
    pub outbox: Outbox,
}

impl Command for RenewRecoveryCodes {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let factors = load(tx, self.me).await?;
        if !factors.has_any() {
            return Err(ErrorCode::FactorNotFound.into());
        }
        let recovery_codes = self.recovery_codes.clone();
        Ok(store_changed(tx, Factors { recovery_codes, ..factors }, &self.outbox).await?)
    }
}

/// A passkey to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The name.
    pub name: String,
    /// The id of the credential, in hexadecimal digits.
    pub credential_id: String,
    /// The credential, as JSON.
    pub credential: String,
}

/// Adds a passkey. Returns true if the recovery codes are new. Rejects with 30114 if the member has it already, and
/// with 30116 if there are too many.
#[derive(Clone, Debug)]
pub struct AddPasskey {
    /// The member.
    pub me: Mid,
    /// The passkey.
    pub passkey: NewPasskey,
    /// The maximum number of passkeys.
    pub limit: usize,
    /// The hashes of recovery codes, for a member without any.
    pub recovery_codes: Vec<String>,
    /// The session of the request.
    pub session: TokenHash,
    /// The writer of messages. It has the current time.
    pub outbox: Outbox,
}

impl Command for AddPasskey {
    type Output = bool;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let mut factors = load(tx, self.me).await?;
        let NewPasskey { name, credential_id, credential } = self.passkey.clone();
        if factors.passkeys.iter().any(|passkey| passkey.credential_id == credential_id) {
            return Err(ErrorCode::FactorExists.into());
        }
        if factors.passkeys.len() >= self.limit {
            return Err(ErrorCode::PasskeyLimitReached.into());
        }
        prove_factor(tx, self.me, self.session, self.outbox.now).await?;
        factors.last_passkey += 1;
        let (id, created) = (factors.last_passkey, self.outbox.now);
        factors.passkeys.push(Passkey { id, name, created, used: 0, credential_id, credential });
        let are_new = add_recovery_codes(&mut factors, &self.recovery_codes);
        store_changed(tx, factors, &self.outbox).await?;
        Ok(are_new)
    }
}

/// Renames a passkey. Rejects with 30115 if the member has no such passkey.
#[derive(Clone, Debug)]
pub struct RenamePasskey {
    /// The member.
    pub me: Mid,
    /// The id of the passkey.
    pub id: u32,
    /// The new name.
    pub name: String,
}

impl Command for RenamePasskey {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let mut factors = load(tx, self.me).await?;
        let passkey = factors.passkeys.iter_mut().find(|passkey| passkey.id == self.id);
        passkey.ok_or(ErrorCode::FactorNotFound)?.name.clone_from(&self.name);
        Ok(tx.put(&factors).await?)
    }
}

/// Removes a passkey. Rejects with 30115 if the member has no such passkey.
#[derive(Clone, Debug)]
pub struct RemovePasskey {
    /// The member.
    pub me: Mid,
    /// The id of the passkey.
    pub id: u32,
    /// The writer of messages.
    pub outbox: Outbox,
}

impl Command for RemovePasskey {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let mut factors = load(tx, self.me).await?;
        let count = factors.passkeys.len();
        factors.passkeys.retain(|passkey| passkey.id != self.id);
        if factors.passkeys.len() == count {
            return Err(ErrorCode::FactorNotFound.into());
        }
        Ok(store_changed(tx, factors, &self.outbox).await?)
    }
}
