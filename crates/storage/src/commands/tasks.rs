//! Scheduled tasks: rows that expire, reviews that end, and the deletion of members in batches.

use super::data_export::expire_export;
use super::identifiers::{replace_identifier, replace_name};
use super::keys::follow_keys;
use super::remark::delete_remarks_batch;
use super::{ApproveDueBio, Command, outbox, picture};
use crate::encryption::{FieldCipher, IdentifierKind, SensitiveField};
use crate::key::KeyReader;
use crate::model::{
    Account, BioReview, Card, Challenge, ContactCode, DELETED_NAME, DataExport, DataExportJob, DueTask,
    Entity, EventIdWatermark, EventRow, Factors, Leaving, NameReview, NewsRow, Password, PendingDeletion,
    Profile, QrLogin, Question, RateLimitBucket, Realname, Session, Table, Tombstone, UndoRow, Vip,
};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_types::Mid;
use std::sync::Arc;

/// The maximum number of rows that one deletion step removes.
const DELETION_BATCH: usize = 256;

/// Runs a task that is due. Has no effect if the task ran before, or if its row changed in the meantime.
#[derive(Clone, Debug)]
pub struct RunDueTask {
    /// The task.
    pub task: DueTask,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for RunDueTask {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let (mut key, now) = (KeyReader(&self.task.key), self.now);
        match self.task.table {
            Table::BioReview => {
                if let Some(mid) = key.mid() {
                    ApproveDueBio { mid, now }.apply(tx).await?;
                }
            }
            Table::Card => {
                if let Some(card) = load_due::<T, Card>(tx, key.mid(), now).await? {
                    tx.put(&Card { vip: Vip { status: 0, ..card.vip }, ..card }).await?;
                }
            }
            Table::PendingDeletion => {
                if let Some(mid) = key.mid() {
                    run_deletion_step(tx, mid).await?;
                }
            }
            Table::Leaving => {
                if let Some(leaving) = load_due::<T, Leaving>(tx, key.mid(), now).await? {
                    start_deletion(tx, &self.cipher, leaving.mid, now).await?;
                }
            }
            Table::DataExport => {
                if let Some(export) = load_due::<T, DataExport>(tx, key.mid(), now).await? {
                    expire_export(tx, export).await?;
                }
            }
            Table::Session => {
                if let Some(session) = load_due::<T, Session>(tx, key.hash(), now).await? {
                    tx.delete_session(&session).await?;
                }
            }
            Table::QrLogin => delete_due::<T, QrLogin>(tx, key.hash(), now).await?,
            Table::Challenge => delete_due::<T, Challenge>(tx, key.hash(), now).await?,
            Table::Undo => delete_due::<T, UndoRow>(tx, key.mid(), now).await?,
            Table::News => {
                if let Some(news) = load_due::<T, NewsRow>(tx, key.mid(), now).await? {
                    expire_news(tx, news, now).await?;
                }
            }
            Table::ContactCode => delete_due::<T, ContactCode>(tx, key.hash(), now).await?,
            Table::RateLimit => delete_due::<T, RateLimitBucket>(tx, key.hash(), now).await?,
            Table::Event => {
                if let Some(event) = load_due::<T, EventRow>(tx, key.hash(), now).await? {
                    expire_event(tx, &event).await?;
                }
            }
            _ => (),
        }
        Ok(())
    }
}

/// Returns the row of a key if its task is due.
async fn load_due<T: Transaction, R: Entity>(
    tx: &mut T,
    key: Option<R::Key>,
    now: i64,
) -> Result<Option<R>, StorageError> {
    let Some(key) = key else { return Ok(None) };
    let row: Option<R> = tx.get(key).await?;
    Ok(row.filter(|row| row.run_at().is_some_and(|due| due <= now)))
}

async fn delete_due<T: Transaction, R: Entity>(
    tx: &mut T,
    key: Option<R::Key>,
    now: i64,
) -> Result<(), StorageError> {
    match load_due::<T, R>(tx, key, now).await? {
        Some(row) => tx.delete::<R>(row.key()).await,
        None => Ok(()),
    }
}

/// Deletes the items that are over.
async fn expire_news<T: Transaction>(tx: &mut T, mut news: NewsRow, now: i64) -> Result<(), StorageError> {
    news.prune(tx.news_limits(), now);
    if news.is_empty() { tx.delete::<NewsRow>(news.mid).await } else { tx.put(&news).await }
}

/// Deletes the id of an event, and raises the watermark to its time. The watermark rejects the event later,
/// even if ids are retained for longer by then.
async fn expire_event<T: Transaction>(tx: &mut T, event: &EventRow) -> Result<(), StorageError> {
    let watermark = tx.get::<EventIdWatermark>(0).await?.map_or(i64::MIN, |watermark| watermark.time);
    if event.time > watermark {
        tx.put(&EventIdWatermark { id: 0, time: event.time }).await?;
    }
    tx.delete::<EventRow>(event.hash).await
}

/// Starts the deletion of a member. Sessions, identifiers and private rows are deleted in this transaction, so
/// the member can neither log in nor be found. Scheduled tasks delete relations and the other rows in batches.
pub(super) async fn start_deletion<T: Transaction>(
    tx: &mut T,
    cipher: &Arc<FieldCipher>,
    mid: Mid,
    now: i64,
) -> Result<(), StorageError> {
    let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::new(mid));
    follow_keys(tx, cipher).await?;
    // A contact that cannot be decrypted is not findable, so it has no identifier to delete.
    let decrypt = |field, text: &Option<_>| cipher.decrypt_optional(field, mid, text.as_ref()).ok().flatten();
    let (tel, mail) =
        (decrypt(SensitiveField::Tel, &account.tel), decrypt(SensitiveField::Mail, &account.mail));
    let identifiers = [
        (IdentifierKind::Userid, Some(account.userid)),
        (IdentifierKind::Tel, tel),
        (IdentifierKind::Mail, mail),
    ];
    replace_name(tx, cipher, mid, Some(&card.uname), None).await?;
    for (kind, text) in identifiers {
        replace_identifier(tx, cipher, kind, mid, text.as_deref(), None).await?;
    }
    super::session::revoke_all(tx, mid).await?;
    tx.delete::<Account>(mid).await?;
    tx.delete::<Profile>(mid).await?;
    tx.delete::<Password>(mid).await?;
    tx.delete::<Question>(mid).await?;
    tx.delete::<Factors>(mid).await?;
    tx.delete::<Realname>(mid).await?;
    tx.delete::<BioReview>(mid).await?;
    tx.delete::<NameReview>(mid).await?;
    picture::delete_all(tx, mid).await?;
    tx.delete::<UndoRow>(mid).await?;
    tx.delete::<NewsRow>(mid).await?;
    tx.delete::<Leaving>(mid).await?;
    tx.delete::<DataExportJob>(mid).await?;
    tx.delete::<DataExport>(mid).await?;
    outbox::delete_all(tx, mid).await?;
    tx.put(&Card { uname: DELETED_NAME.to_owned(), ..Card::new(mid) }).await?;
    tx.put(&Tombstone { mid, since: now }).await?;
    tx.put(&PendingDeletion { mid, since: now }).await
}

async fn run_deletion_step<T: Transaction>(tx: &mut T, mid: Mid) -> Result<(), StorageError> {
    if tx.get::<PendingDeletion>(mid).await?.is_none() {
        return Ok(());
    }
    let relations = tx.relations_batch(mid, DELETION_BATCH).await?;
    for (from, to) in &relations {
        let old = tx.relation(*from, *to).await?;
        tx.put_relation(*from, *to, old.as_ref(), None).await?;
    }
    if !relations.is_empty() || delete_remarks_batch(tx, mid, DELETION_BATCH).await? > 0 {
        return Ok(());
    }
    if tx.delete_rows_batch(mid, DELETION_BATCH).await? < DELETION_BATCH {
        tx.delete::<PendingDeletion>(mid).await?;
    }
    Ok(())
}
