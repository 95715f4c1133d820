//! What has to happen by the clock.

use super::known::{change, rename};
use super::{ApproveDue, Command};
use crate::key::Parts;
use crate::row::{
    Account, Card, Door, Due, EventHorizon, EventRow, Farewell, Password, Profile, Qr, Question, Realname,
    Record, Session, SignReview, Table, Tombstone, Vip,
};
use crate::txn::Transaction;
use crate::vault::{Field, FieldCipher, IdentifierKind};
use crate::{CommandError, StorageError};
use guanxi_types::Mid;
use std::sync::Arc;

/// How much of a member who leaves is taken away in one step.
const STEP: usize = 256;

/// Does what is due. Said again, or of a row that was changed meanwhile, it does nothing.
#[derive(Clone, Debug)]
pub struct RunDueTask {
    /// What.
    pub due: Due,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for RunDueTask {
    type Answer = ();
    const WAITS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let (mut key, now) = (Parts(&self.due.key), self.now);
        match self.due.table {
            Table::Sign => {
                if let Some(mid) = key.mid() {
                    ApproveDue { mid, now }.apply(tx).await?;
                }
            }
            Table::Card => {
                if let Some(card) = over::<T, Card>(tx, key.mid(), now).await? {
                    tx.put(&Card { vip: Vip { status: 0, ..card.vip }, ..card }).await?;
                }
            }
            Table::Farewell => {
                if let Some(mid) = key.mid() {
                    take_away(tx, mid).await?;
                }
            }
            Table::Session => {
                if let Some(session) = over::<T, Session>(tx, key.hash(), now).await? {
                    tx.drop_session(&session).await?;
                }
            }
            Table::Qr => forget::<T, Qr>(tx, key.hash(), now).await?,
            Table::Door => forget::<T, Door>(tx, key.hash(), now).await?,
            Table::Event => {
                if let Some(event) = over::<T, EventRow>(tx, key.hash(), now).await? {
                    forget_event(tx, &event).await?;
                }
            }
            _ => (),
        }
        Ok(())
    }
}

/// A row whose time is over.
async fn over<T: Transaction, R: Record>(
    tx: &mut T,
    key: Option<R::Key>,
    now: i64,
) -> Result<Option<R>, StorageError> {
    let Some(key) = key else { return Ok(None) };
    let row: Option<R> = tx.get(key).await?;
    Ok(row.filter(|row| row.due().is_some_and(|due| due <= now)))
}

async fn forget<T: Transaction, R: Record>(
    tx: &mut T,
    key: Option<R::Key>,
    now: i64,
) -> Result<(), StorageError> {
    match over::<T, R>(tx, key, now).await? {
        Some(row) => tx.delete::<R>(row.key()).await,
        None => Ok(()),
    }
}

/// Forgets an event's id, and that it was: should ids be remembered for longer one day, it is still too old to be told again.
async fn forget_event<T: Transaction>(tx: &mut T, event: &EventRow) -> Result<(), StorageError> {
    let known = tx.get::<EventHorizon>(0).await?.map_or(i64::MIN, |horizon| horizon.time);
    if event.time > known {
        tx.put(&EventHorizon { id: 0, time: event.time }).await?;
    }
    tx.delete::<EventRow>(event.hash).await
}

/// Begins a member's leave: at once nobody can log in as them, nothing finds them and nothing private of theirs is kept.
/// Their ties and rows go step by step.
pub(super) async fn begin<T: Transaction>(
    tx: &mut T,
    vault: &Arc<FieldCipher>,
    mid: Mid,
    now: i64,
) -> Result<(), StorageError> {
    let account = tx.get::<Account>(mid).await?.unwrap_or(Account::of(mid));
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::of(mid));
    // What cannot be opened finds nobody either.
    let open = |field, text: &Option<_>| vault.open_any(field, mid, text.as_ref()).ok().flatten();
    let (tel, mail) = (open(Field::Tel, &account.tel), open(Field::Mail, &account.mail));
    let known = [
        (IdentifierKind::Userid, Some(account.userid)),
        (IdentifierKind::Tel, tel),
        (IdentifierKind::Mail, mail),
    ];
    rename(tx, vault, mid, Some(&card.uname), None).await?;
    for (known, text) in known {
        change(tx, vault, known, mid, text.as_deref(), None).await?;
    }
    super::session::end_all(tx, mid).await?;
    tx.delete::<Account>(mid).await?;
    tx.delete::<Profile>(mid).await?;
    tx.delete::<Password>(mid).await?;
    tx.delete::<Question>(mid).await?;
    tx.delete::<Realname>(mid).await?;
    tx.delete::<SignReview>(mid).await?;
    tx.put(&Card { uname: GONE.to_owned(), ..Card::of(mid) }).await?;
    tx.put(&Tombstone { mid, since: now }).await?;
    tx.put(&Farewell { mid, since: now }).await
}

/// The name of who leaves, as long as somebody's list still has them.
const GONE: &str = "账号已注销";

async fn take_away<T: Transaction>(tx: &mut T, mid: Mid) -> Result<(), StorageError> {
    if tx.get::<Farewell>(mid).await?.is_none() {
        return Ok(());
    }
    let ties = tx.relations_batch(mid, STEP).await?;
    for (from, to) in &ties {
        let was = tx.relation(*from, *to).await?;
        tx.put_relation(*from, *to, was.as_ref(), None).await?;
    }
    if ties.is_empty() && tx.delete_rows_batch(mid, STEP).await? < STEP {
        tx.delete::<Farewell>(mid).await?;
    }
    Ok(())
}
