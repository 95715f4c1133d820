//! Commands that import the rows of a dump.

mod merge;
mod prefetch;

use super::identifiers::{is_taken, replace_identifier, replace_name};
use super::keys::follow_keys;
use super::{Command, Prefetch, delete_existing, picture, remark, session};
use crate::dump::{ImportMode, ImportProgress};
use crate::encryption::{FieldCipher, IdentifierKind, SensitiveField};
use crate::model::{
    Account, Card, CoinRow, Entity, EventIdWatermark, Factors, Group, MemberNote, Message, Question,
    Realname, RelationRow, Remark, Sensitive, Tombstone,
};
use crate::transaction::Transaction;
use crate::{CommandError, Row, StorageError};
use guanxi_domain::{contact, group, relation, value};
use guanxi_types::{Coins, Mid};
use std::sync::Arc;

/// Sets the progress of an import of several commands, or clears it at the end. A store with progress is
/// incomplete.
#[derive(Clone, Copy, Debug)]
pub struct SetImportProgress(pub Option<ImportProgress>);

impl Command for SetImportProgress {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(tx.set_import_progress(self.0).await?)
    }
}

/// Inserts rows of a dump in their order, up to the first invalid one.
#[derive(Clone, Debug)]
pub struct InsertRows {
    /// The rows, with private fields as plaintext.
    pub rows: Vec<Row>,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

/// Imports rows of a dump, and stores the progress in the same transaction, so that an interrupted import can
/// resume.
#[derive(Clone, Debug)]
pub struct ImportChunk {
    /// The rows. Entries of one log and one second must be in one command.
    pub insert: InsertRows,
    /// The mode of the import.
    pub mode: ImportMode,
    /// The progress before each row, and after the last one.
    pub progress: Vec<ImportProgress>,
}

/// The result of [`InsertRows`] or [`ImportChunk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportResult {
    /// The number of rows inserted.
    pub rows: usize,
    /// The error of the next row, if it is invalid.
    pub error: Option<String>,
}

impl Command for InsertRows {
    type Output = ImportResult;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    fn prefetch(&self) -> Prefetch {
        prefetch::prefetch(&self.rows, &self.cipher)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<ImportResult, CommandError> {
        follow_keys(tx, &self.cipher).await?;
        for (rows, row) in self.rows.iter().enumerate() {
            let error = check_row(tx, &self.cipher, row).await?;
            if error.is_some() {
                return Ok(ImportResult { rows, error });
            }
            put_row(tx, &self.cipher, row).await?;
        }
        Ok(ImportResult { rows: self.rows.len(), error: None })
    }
}

impl Command for ImportChunk {
    type Output = ImportResult;
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    fn prefetch(&self) -> Prefetch {
        self.insert.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<ImportResult, CommandError> {
        let result = match self.mode {
            ImportMode::Initial => self.insert.apply(tx).await?,
            ImportMode::Merge => merge::merge_rows(tx, &self.insert).await?,
        };
        // Nothing was written if the first row is invalid, so the command writes no progress either.
        if result.rows > 0 {
            let resume_at = match self.mode {
                ImportMode::Initial => result.rows,
                ImportMode::Merge => merge::resume_offset(&self.insert.rows, result.rows),
            };
            tx.set_import_progress(self.progress.get(resume_at).copied()).await?;
        }
        Ok(result)
    }
}

/// Returns the error of a row that is invalid by itself, or inconsistent with the rows in the store.
async fn check_row<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Row,
) -> Result<Option<String>, StorageError> {
    if let Err(invalid) = row.validate() {
        return Ok(Some(invalid.to_string()));
    }
    for mid in referenced_members(row).into_iter().flatten() {
        if tx.counters(mid).await?.is_none() {
            return Ok(Some(format!("there is no member {mid}: its card row must come first")));
        }
    }
    match row {
        Row::Relation(row) => check_relation(tx, row).await,
        Row::Group(group) => check_group(tx, group).await,
        Row::Coin(row) => check_coin_entry(tx, row).await,
        Row::Account(row) => check_account(tx, cipher, row).await,
        Row::Tombstone(row) => check_tombstone(tx, row).await,
        _ => Ok(None),
    }
}

/// Returns the members that must exist before a row.
fn referenced_members(row: &Row) -> [Option<Mid>; 2] {
    match row {
        Row::Profile(row) => [Some(row.mid), None],
        Row::Account(row) => [Some(row.mid), None],
        Row::Realname(row) => [Some(row.mid), None],
        Row::Upstat(row) => [Some(row.mid), None],
        Row::Experience(row) => [Some(row.mid), None],
        Row::Group(row) => [Some(row.mid), None],
        Row::Relation(row) => [Some(row.from), Some(row.to)],
        Row::Remark(row) => [Some(row.mid), Some(row.fid)],
        Row::Versions(row) => [Some(row.mid), None],
        Row::Coin(row) => [Some(row.mid), None],
        Row::Reward(row) => [Some(row.mid), None],
        Row::Login(row) => [Some(row.mid), None],
        Row::BioReview(row) => [Some(row.mid), None],
        Row::NameReview(row) => [Some(row.mid), None],
        Row::Privacy(row) => [Some(row.mid), None],
        Row::Leaving(row) => [Some(row.mid), None],
        Row::Picture(row) => [Some(row.mid), None],
        Row::News(row) => [Some(row.mid), None],
        Row::MemberNote(row) => [Some(row.mid), None],
        Row::Message(row) => [Some(row.mid), None],
        Row::Password(row) => [Some(row.mid), None],
        Row::Question(row) => [Some(row.mid), None],
        Row::Factors(row) => [Some(row.mid), None],
        Row::Card(_)
        | Row::Event(_)
        | Row::EventIdWatermark(_)
        | Row::Audit(_)
        | Row::Tombstone(_)
        | Row::Next(_) => [None, None],
    }
}

async fn check_tombstone<T: Transaction>(
    tx: &mut T,
    row: &Tombstone,
) -> Result<Option<String>, StorageError> {
    let is_member = tx.counters(row.mid).await?.is_some();
    Ok(is_member.then(|| format!("{} is a member: a tombstone is only valid for a deleted one", row.mid)))
}

/// Returns the identifiers in an account with plaintext fields: the kind, the name for error texts, and the value.
fn account_identifiers(account: &Account) -> [(IdentifierKind, &'static str, Option<String>); 3] {
    let normalized = |private: &Option<Sensitive>, rule: fn(&str) -> Option<String>| match private {
        Some(Sensitive::Plaintext(text)) => Some(rule(text).unwrap_or_else(|| text.clone())),
        _ => None,
    };
    [
        (IdentifierKind::Userid, "user name", Some(account.userid.clone())),
        (IdentifierKind::Tel, "phone", normalized(&account.tel, contact::normalize_phone)),
        (IdentifierKind::Mail, "mail address", normalized(&account.mail, contact::normalize_mail)),
    ]
}

async fn check_account<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Account,
) -> Result<Option<String>, StorageError> {
    for (kind, name, text) in account_identifiers(row) {
        if let Some(text) = text
            && is_taken(tx, cipher, kind, &text, row.mid).await?
        {
            return Ok(Some(format!("the {name} of {} already belongs to another member", row.mid)));
        }
    }
    Ok(None)
}

async fn check_coin_entry<T: Transaction>(tx: &mut T, row: &CoinRow) -> Result<Option<String>, StorageError> {
    let balance = tx.counters(row.mid).await?.unwrap_or_default().coins + row.delta;
    Ok(if balance < Coins::ZERO {
        Some(format!(
            "the balance of {} would be below 0: the credits that pay for it must come first",
            row.mid
        ))
    } else {
        value::BALANCE.validate("the balance", &balance).err().map(|invalid| invalid.to_string())
    })
}

async fn check_group<T: Transaction>(tx: &mut T, row: &Group) -> Result<Option<String>, StorageError> {
    let Group { mid, tagid, name } = row;
    let own = tx.groups(*mid).await?;
    let others: Vec<&str> =
        own.iter().filter(|own| own.tagid != *tagid).map(|own| own.name.as_str()).collect();
    let rejection = group::check_rename_group(name, &others, true).err();
    Ok(rejection.map(|code| format!("group.name: {}, {}", code.number(), code.message())))
}

async fn check_relation<T: Transaction>(
    tx: &mut T,
    row: &RelationRow,
) -> Result<Option<String>, StorageError> {
    let RelationRow { from, to, relation } = row;
    if from == to {
        return Ok(Some("a relation needs two different members".to_owned()));
    }
    if let Err(rule) = relation::check_memberships(relation) {
        return Ok(Some(rule.to_owned()));
    }
    for tagid in relation.groups.iter().map(|group| group.tagid) {
        let exists =
            group::built_in_name(tagid).is_some() || tx.get::<Group>((*from, tagid)).await?.is_some();
        if !exists {
            return Ok(Some(format!("{from} has no group {tagid}: its row must come first")));
        }
    }
    let reverse = tx.relation(*to, *from).await?;
    if reverse.is_some_and(|reverse| !relation::can_coexist(relation, &reverse)) {
        return Ok(Some(format!(
            "{from} and {to}: a blocked or blocking member can neither follow nor whisper"
        )));
    }
    Ok(None)
}

/// Encrypts a plaintext field. An empty field becomes `None`.
fn encrypted(
    cipher: &FieldCipher,
    field: SensitiveField,
    mid: Mid,
    private: Option<&Sensitive>,
) -> Result<Option<Sensitive>, StorageError> {
    match private {
        Some(Sensitive::Plaintext(text)) if text.is_empty() => Ok(None),
        Some(Sensitive::Plaintext(text)) => cipher.encrypt(field, mid, text).map(Some),
        other => Ok(other.cloned()),
    }
}

/// Inserts or replaces a card. Of two members whose names are equal or look alike, the first keeps the identifier.
async fn put_card<T: Transaction>(tx: &mut T, cipher: &FieldCipher, row: &Card) -> Result<(), StorageError> {
    tx.create_member(row.mid).await?;
    // An import may assign the mid of a deleted member again.
    delete_existing::<T, Tombstone>(tx, row.mid).await?;
    let old = tx.get::<Card>(row.mid).await?;
    let old_name = old.as_ref().map(|card| card.uname.as_str());
    if old_name != Some(&row.uname) {
        replace_name(tx, cipher, row.mid, old_name, Some(&row.uname)).await?;
    }
    if let Some(old) = old {
        picture::delete_replaced(tx, &old, &row.face).await?;
    }
    tx.put(row).await
}

async fn put_account<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Account,
) -> Result<(), StorageError> {
    let mid = row.mid;
    let old = match tx.get::<Account>(mid).await? {
        Some(old) => {
            let tel = cipher.decrypt_optional(SensitiveField::Tel, mid, old.tel.as_ref())?;
            let mail = cipher.decrypt_optional(SensitiveField::Mail, mid, old.mail.as_ref())?;
            [Some(old.userid), tel, mail]
        }
        None => [None, None, None],
    };
    let new = account_identifiers(row);
    // An unchanged identifier is replaced too, since its hash has to be that of the newest key.
    for ((kind, _, new), old) in new.iter().zip(old) {
        replace_identifier(tx, cipher, *kind, mid, old.as_deref(), new.as_deref()).await?;
    }
    // The normalized texts are stored, since replacing an identifier computes its hash from the stored text.
    let [_, tel, mail] = new.map(|(_, _, text)| text.map(Sensitive::Plaintext));
    let tel = encrypted(cipher, SensitiveField::Tel, mid, tel.as_ref())?;
    let mail = encrypted(cipher, SensitiveField::Mail, mid, mail.as_ref())?;
    tx.put(&Account { tel, mail, ..row.clone() }).await
}

async fn put_realname<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Realname,
) -> Result<(), StorageError> {
    let name = encrypted(cipher, SensitiveField::Name, row.mid, row.name.as_ref())?;
    let card = encrypted(cipher, SensitiveField::Card, row.mid, row.card.as_ref())?;
    tx.put(&Realname { name, card, ..row.clone() }).await
}

async fn put_question<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Question,
) -> Result<(), StorageError> {
    let question = encrypted(cipher, SensitiveField::Question, row.mid, row.question.as_ref())?;
    tx.put(&Question { question, ..row.clone() }).await
}

async fn put_factors<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Factors,
) -> Result<(), StorageError> {
    let totp = encrypted(cipher, SensitiveField::Totp, row.mid, row.totp.as_ref())?;
    let pending_totp = encrypted(cipher, SensitiveField::Totp, row.mid, row.pending_totp.as_ref())?;
    tx.put(&Factors { totp, pending_totp, ..row.clone() }).await
}

async fn put_remark<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Remark,
) -> Result<(), StorageError> {
    let text = encrypted(cipher, SensitiveField::Remark, row.mid, row.text.as_ref())?;
    remark::put_remark(tx, &Remark { text, ..row.clone() }).await
}

async fn put_note<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &MemberNote,
) -> Result<(), StorageError> {
    let text = encrypted(cipher, SensitiveField::Note, row.mid, row.text.as_ref())?;
    tx.put(&MemberNote { text, ..row.clone() }).await
}

async fn put_message<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    row: &Message,
) -> Result<(), StorageError> {
    let address = encrypted(cipher, SensitiveField::MessageAddress, row.mid, row.address.as_ref())?;
    let detail = encrypted(cipher, SensitiveField::MessageDetail, row.mid, row.detail.as_ref())?;
    tx.put(&Message { address, detail, ..row.clone() }).await
}

/// Raises the watermark of event ids. Lowering it would allow an event to be applied twice.
async fn put_watermark<T: Transaction>(tx: &mut T, row: &EventIdWatermark) -> Result<(), StorageError> {
    match tx.get::<EventIdWatermark>(row.key()).await? {
        Some(old) if old.time >= row.time => Ok(()),
        _ => tx.put(row).await,
    }
}

async fn put_row<T: Transaction>(tx: &mut T, cipher: &FieldCipher, row: &Row) -> Result<(), StorageError> {
    match row {
        Row::Card(row) => put_card(tx, cipher, row).await,
        Row::Profile(row) => tx.put(&**row).await,
        Row::Account(row) => put_account(tx, cipher, row).await,
        Row::Realname(row) => put_realname(tx, cipher, row).await,
        Row::Password(row) => tx.put(row).await,
        Row::Question(row) => put_question(tx, cipher, row).await,
        Row::Factors(row) => put_factors(tx, cipher, row).await,
        Row::Remark(row) => put_remark(tx, cipher, row).await,
        Row::Upstat(row) => tx.put(row).await,
        Row::Experience(row) => tx.put(row).await,
        Row::Reward(row) => tx.put(row).await,
        Row::Group(row) => tx.put_group(row).await,
        Row::Relation(RelationRow { from, to, relation }) => {
            let old = tx.relation(*from, *to).await?;
            tx.put_relation(*from, *to, old.as_ref(), Some(relation)).await
        }
        Row::Versions(row) => tx.set_versions(row.mid, row.followers, row.followings).await,
        Row::Coin(row) => tx.append_coin_entry(row).await,
        Row::Login(row) => session::record_login(tx, row).await,
        Row::BioReview(row) => tx.put(row).await,
        Row::NameReview(row) => tx.put(row).await,
        Row::Privacy(row) => tx.put(row).await,
        Row::Leaving(row) => tx.put(row).await,
        Row::Picture(row) => tx.put(row).await,
        Row::News(row) => tx.put(row).await,
        Row::MemberNote(row) => put_note(tx, cipher, row).await,
        Row::Message(row) => put_message(tx, cipher, row).await,
        Row::Event(row) => tx.put(row).await,
        Row::EventIdWatermark(row) => put_watermark(tx, row).await,
        Row::Audit(row) => merge::put_audit_entry(tx, row).await,
        Row::Tombstone(row) => tx.put(row).await,
        Row::Next(row) => tx.set_next(row.mid, row.tagid).await,
    }
}
