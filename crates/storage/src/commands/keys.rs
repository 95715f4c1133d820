//! Commands of the keys that encrypt private data: their record, and re-encryption after a rotation.

use super::Command;
use super::data_export::renew_export;
use super::identifiers::replace_identifier;
use crate::encryption::{FieldCipher, IdentifierKind, KeyFingerprint, SensitiveField};
use crate::model::{
    Account, Factors, KeyFingerprintRow, MemberNote, Message, Question, Realname, Remark, Sensitive,
};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_types::Mid;
use std::sync::Arc;

/// Locks the recorded keys until the end of the transaction, and adapts the cipher to them. A command calls this before
/// it encrypts a private text or looks for one, since another program may have begun or ended a key rotation.
pub(super) async fn follow_keys<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
) -> Result<(), StorageError> {
    let recorded: Vec<_> =
        tx.all::<KeyFingerprintRow>().await?.iter().map(KeyFingerprintRow::fingerprint).collect();
    cipher.follow(&recorded).map(drop)
}

/// Records the keys of a keyring if it contains every key that the store has recorded. Returns true if it does.
#[derive(Clone, Debug)]
pub struct RecordKeys {
    /// The fingerprints of the keyring's keys.
    pub fingerprints: Vec<KeyFingerprint>,
    /// True to delete older recorded keys that the keyring does not contain, since no data needs them any more.
    pub forget_others: bool,
}

impl Command for RecordKeys {
    type Output = bool;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<bool, CommandError> {
        let recorded = tx.all::<KeyFingerprintRow>().await?;
        let is_in_keyring = |key: &KeyFingerprintRow| self.fingerprints.contains(&key.fingerprint());
        let newest = self.fingerprints.iter().map(|key| key.id).max().unwrap_or(0);
        let is_retired = |key: &KeyFingerprintRow| self.forget_others && key.id < newest;
        if !recorded.iter().all(|key| is_in_keyring(key) || is_retired(key)) {
            return Ok(false);
        }
        for key in recorded.iter().filter(|key| !is_in_keyring(key)) {
            tx.delete::<KeyFingerprintRow>(key.id).await?;
        }
        for &KeyFingerprint { id, fingerprint } in &self.fingerprints {
            let row = KeyFingerprintRow { id, fingerprint };
            if !recorded.contains(&row) {
                tx.put(&row).await?;
            }
        }
        Ok(true)
    }
}

/// Re-encrypts private fields of a batch of members with the newest key, if an older key encrypted them.
#[derive(Clone, Debug)]
pub struct ReencryptFields {
    /// The last member of the previous batch. `None` starts with the first member.
    pub after: Option<Mid>,
    /// The maximum number of members in the batch.
    pub limit: usize,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl Command for ReencryptFields {
    /// The last member of the batch, or `None` if there are no more members.
    type Output = Option<Mid>;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Option<Mid>, CommandError> {
        let members = tx.members_after(self.after, self.limit).await?;
        let newest = self.cipher.keyring().newest().id;
        for mid in &members {
            reencrypt_member(tx, &self.cipher, *mid).await?;
        }
        // The members are locked first, as in all other commands.
        follow_keys(tx, &self.cipher).await?;
        if self.cipher.keyring().newest().id != newest {
            return Err(StorageError::conflict("another program began a key rotation").into());
        }
        Ok(members.last().copied())
    }
}

async fn reencrypt_member<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
) -> Result<(), StorageError> {
    let decrypt = |field, text: &Option<Sensitive>| cipher.decrypt_optional(field, mid, text.as_ref());
    let encrypt = |field, text: Option<String>| cipher.encrypt_optional(field, mid, text.as_deref());
    let reencrypt = |field, text: &Option<Sensitive>| encrypt(field, decrypt(field, text)?);
    let has_old_key = |texts: &[&Option<Sensitive>]| {
        texts.iter().filter_map(|text| text.as_ref()).any(|text| !cipher.uses_newest_key(text))
    };
    if let Some(account) = tx.get::<Account>(mid).await?
        && has_old_key(&[&account.tel, &account.mail])
    {
        let tel = decrypt(SensitiveField::Tel, &account.tel)?;
        let mail = decrypt(SensitiveField::Mail, &account.mail)?;
        // The identifiers are replaced too, since their hashes have to be those of the newest key.
        for (kind, text) in [(IdentifierKind::Tel, &tel), (IdentifierKind::Mail, &mail)] {
            replace_identifier(tx, cipher, kind, mid, text.as_deref(), text.as_deref()).await?;
        }
        let (tel, mail) = (encrypt(SensitiveField::Tel, tel)?, encrypt(SensitiveField::Mail, mail)?);
        tx.put(&Account { tel, mail, ..account }).await?;
    }
    if let Some(row) = tx.get::<Realname>(mid).await?
        && has_old_key(&[&row.name, &row.card])
    {
        let name = reencrypt(SensitiveField::Name, &row.name)?;
        let card = reencrypt(SensitiveField::Card, &row.card)?;
        tx.put(&Realname { name, card, ..row }).await?;
    }
    if let Some(row) = tx.get::<Question>(mid).await?
        && has_old_key(&[&row.question])
    {
        let question = reencrypt(SensitiveField::Question, &row.question)?;
        tx.put(&Question { question, ..row }).await?;
    }
    if let Some(row) = tx.get::<Factors>(mid).await?
        && has_old_key(&[&row.totp, &row.pending_totp])
    {
        let totp = reencrypt(SensitiveField::Totp, &row.totp)?;
        let pending_totp = reencrypt(SensitiveField::Totp, &row.pending_totp)?;
        tx.put(&Factors { totp, pending_totp, ..row }).await?;
    }
    for row in tx.rows_of::<Remark>(mid, usize::MAX).await? {
        if has_old_key(&[&row.text]) {
            let text = reencrypt(SensitiveField::Remark, &row.text)?;
            tx.put(&Remark { text, ..row }).await?;
        }
    }
    for row in tx.rows_of::<MemberNote>(mid, usize::MAX).await? {
        if has_old_key(&[&row.text]) {
            let text = reencrypt(SensitiveField::Note, &row.text)?;
            tx.put(&MemberNote { text, ..row }).await?;
        }
    }
    for row in tx.rows_of::<Message>(mid, usize::MAX).await? {
        if has_old_key(&[&row.address, &row.detail]) {
            let address = reencrypt(SensitiveField::MessageAddress, &row.address)?;
            let detail = reencrypt(SensitiveField::MessageDetail, &row.detail)?;
            tx.put(&Message { address, detail, ..row }).await?;
        }
    }
    renew_export(tx, cipher, mid).await
}
