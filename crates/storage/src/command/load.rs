//! Rows of a dump are taken in.

mod ahead;
mod merge;

use super::account::unmark;
use super::known::{change, is_taken, rename};
use super::{Command, Prefetch, session};
use crate::dump::{ImportMode, Progress};
use crate::row::{
    Account, Card, CoinRow, EventHorizon, Group, Question, Realname, Record, Sensitive, TieRow, Tombstone,
};
use crate::txn::Transaction;
use crate::vault::{Field, FieldCipher, IdentifierKind};
use crate::{CommandError, Row, StorageError};
use guanxi_domain::contact;
use guanxi_domain::group;
use guanxi_domain::tie::RelationKind;
use guanxi_domain::value;
use guanxi_types::{Coins, Mid, Tagid};
use std::collections::HashSet;
use std::sync::Arc;

/// Begins a load of several commands, or ends it with none. What lies between is no whole community.
#[derive(Clone, Copy, Debug)]
pub struct SetImportProgress(pub Option<Progress>);

impl Command for SetImportProgress {
    type Answer = ();
    const WAITS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(tx.set_loading(self.0).await?)
    }
}

/// Takes in some rows of a dump, in their order, up to the first with a fault.
#[derive(Clone, Debug)]
pub struct InsertRows {
    /// The rows; private texts in the clear.
    pub rows: Vec<Row>,
    /// What seals them.
    pub vault: Arc<FieldCipher>,
}

/// Takes in some rows of a dump likewise, and keeps how far it came: a load that is cut short can be gone on with.
#[derive(Clone, Debug)]
pub struct ImportChunk {
    /// The rows. Entries of one log and one second are together in one command.
    pub load: InsertRows,
    /// What for.
    pub purpose: ImportMode,
    /// How far the load is before each row, and behind the last.
    pub progress: Vec<Progress>,
}

/// What became of a [`Load`] or a [`TakeIn`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportResult {
    /// How many rows were taken in.
    pub rows: usize,
    /// What is wrong with the next, if there is one.
    pub fault: Option<String>,
}

impl Command for InsertRows {
    type Answer = ImportResult;
    const WAITS: bool = true;

    fn prefetch(&self) -> Prefetch {
        ahead::ahead(&self.rows, &self.vault)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<ImportResult, CommandError> {
        for (rows, row) in self.rows.iter().enumerate() {
            let fault = fault(tx, &self.vault, row).await?;
            if fault.is_some() {
                return Ok(ImportResult { rows, fault });
            }
            put(tx, &self.vault, row).await?;
        }
        Ok(ImportResult { rows: self.rows.len(), fault: None })
    }
}

impl Command for ImportChunk {
    type Answer = ImportResult;
    const WAITS: bool = true;

    fn prefetch(&self) -> Prefetch {
        self.load.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<ImportResult, CommandError> {
        let loaded = match self.purpose {
            ImportMode::Fill => self.load.apply(tx).await?,
            ImportMode::Merge => merge::merge(tx, &self.load).await?,
        };
        // Nothing was put if the first row has a fault.
        if loaded.rows > 0 {
            let whole = match self.purpose {
                ImportMode::Fill => loaded.rows,
                ImportMode::Merge => merge::gone_on_from(&self.load.rows, loaded.rows),
            };
            tx.set_loading(self.progress.get(whole).copied()).await?;
        }
        Ok(loaded)
    }
}

/// What is wrong with a row, by itself or beside what is there.
async fn fault<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    row: &Row,
) -> Result<Option<String>, StorageError> {
    if let Err(invalid) = row.check() {
        return Ok(Some(invalid.to_string()));
    }
    for mid in members(row).into_iter().flatten() {
        if tx.counters(mid).await?.is_none() {
            return Ok(Some(format!("there is no member {mid}: their card must come first")));
        }
    }
    match row {
        Row::Tie(row) => tie_fault(tx, row).await,
        Row::Group(group) => group_fault(tx, group).await,
        Row::Coin(row) => coin_fault(tx, row).await,
        Row::Account(row) => account_fault(tx, vault, row).await,
        Row::Tombstone(row) => tombstone_fault(tx, row).await,
        _ => Ok(None),
    }
}

/// Whom a row speaks of, who must be there before it.
fn members(row: &Row) -> [Option<Mid>; 2] {
    match row {
        Row::Profile(row) => [Some(row.mid), None],
        Row::Account(row) => [Some(row.mid), None],
        Row::Realname(row) => [Some(row.mid), None],
        Row::Upstat(row) => [Some(row.mid), None],
        Row::Growth(row) => [Some(row.mid), None],
        Row::Group(row) => [Some(row.mid), None],
        Row::Tie(row) => [Some(row.from), Some(row.to)],
        Row::Versions(row) => [Some(row.mid), None],
        Row::Coin(row) => [Some(row.mid), None],
        Row::Reward(row) => [Some(row.mid), None],
        Row::Login(row) => [Some(row.mid), None],
        Row::Sign(row) => [Some(row.mid), None],
        Row::Password(row) => [Some(row.mid), None],
        Row::Question(row) => [Some(row.mid), None],
        Row::Card(_)
        | Row::Event(_)
        | Row::EventHorizon(_)
        | Row::Audit(_)
        | Row::Tombstone(_)
        | Row::Next(_) => [None, None],
    }
}

async fn tombstone_fault<T: Transaction>(
    tx: &mut T,
    row: &Tombstone,
) -> Result<Option<String>, StorageError> {
    let is_member = tx.counters(row.mid).await?.is_some();
    Ok(is_member.then(|| format!("{} is a member: a tombstone is of somebody who left", row.mid)))
}

/// What finds a member in an account: who they are, told in the clear.
fn known(account: &Account) -> [(IdentifierKind, &'static str, Option<String>); 3] {
    let kept = |private: &Option<Sensitive>, rule: fn(&str) -> Option<String>| match private {
        Some(Sensitive::Clear(text)) => Some(rule(text).unwrap_or_else(|| text.clone())),
        _ => None,
    };
    [
        (IdentifierKind::Userid, "user name", Some(account.userid.clone())),
        (IdentifierKind::Tel, "phone", kept(&account.tel, contact::phone)),
        (IdentifierKind::Mail, "mail address", kept(&account.mail, contact::mail)),
    ]
}

async fn account_fault<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    row: &Account,
) -> Result<Option<String>, StorageError> {
    for (known, what, text) in known(row) {
        if let Some(text) = text
            && is_taken(tx, vault, known, &text, row.mid).await?
        {
            return Ok(Some(format!("the {what} of {} is another member's already", row.mid)));
        }
    }
    Ok(None)
}

async fn coin_fault<T: Transaction>(tx: &mut T, row: &CoinRow) -> Result<Option<String>, StorageError> {
    let balance = tx.counters(row.mid).await?.unwrap_or_default().coins + row.delta;
    Ok(if balance < Coins::ZERO {
        Some(format!("the balance of {} would be below 0: what it is paid from must come first", row.mid))
    } else {
        value::BALANCE.hold("the balance", &balance).err().map(|invalid| invalid.to_string())
    })
}

async fn group_fault<T: Transaction>(tx: &mut T, row: &Group) -> Result<Option<String>, StorageError> {
    let Group { mid, tagid, name } = row;
    let own = tx.groups(*mid).await?;
    let others: Vec<&str> =
        own.iter().filter(|own| own.tagid != *tagid).map(|own| own.name.as_str()).collect();
    let refused = group::rename(name, &others, true).err();
    Ok(refused.map(|code| format!("group.name: {}, {}", code.number(), code.message())))
}

async fn tie_fault<T: Transaction>(tx: &mut T, row: &TieRow) -> Result<Option<String>, StorageError> {
    let TieRow { from, to, tie } = row;
    if from == to {
        return Ok(Some("a tie goes to somebody else".to_owned()));
    }
    let grouped = !tie.groups.is_empty();
    if grouped != (tie.kind == RelationKind::Follow) {
        return Ok(Some(
            "a follow is in a group, [0, turn] at least; a whisper and a black are in none".to_owned(),
        ));
    }
    let default = tie.groups.iter().any(|joined| joined.tagid == Tagid::DEFAULT);
    if default && tie.groups.len() > 1 {
        return Ok(Some("who is in another group is not in 0".to_owned()));
    }
    let rising = tie.groups.is_sorted_by(|one, next| one.seq < next.seq);
    if !rising
        || tie.groups.iter().map(|joined| joined.tagid).collect::<HashSet<_>>().len() < tie.groups.len()
    {
        return Ok(Some("groups stand in the order of their turns, each once".to_owned()));
    }
    for tagid in tie.groups.iter().map(|joined| joined.tagid) {
        let known = group::built_in_name(tagid).is_some() || tx.get::<Group>((*from, tagid)).await?.is_some();
        if !known {
            return Ok(Some(format!("{from} has no group {tagid}: it must come first")));
        }
    }
    let back = tx.relation(*to, *from).await?;
    let blocked = [Some(tie), back.as_ref()].into_iter().flatten().any(|tie| tie.kind == RelationKind::Black);
    let followed =
        [Some(tie), back.as_ref()].into_iter().flatten().any(|tie| tie.kind != RelationKind::Black);
    if blocked && followed {
        return Ok(Some(format!("{from} and {to}: who blocks or is blocked neither follows nor whispers")));
    }
    Ok(None)
}

/// What a load has in the clear, sealed.
fn sealed(
    vault: &FieldCipher,
    field: Field,
    mid: Mid,
    private: Option<&Sensitive>,
) -> Result<Option<Sensitive>, StorageError> {
    match private {
        Some(Sensitive::Clear(text)) if text.is_empty() => Ok(None),
        Some(Sensitive::Clear(text)) => vault.seal(field, mid, text).map(Some),
        other => Ok(other.cloned()),
    }
}

/// Of two cards that share a name or a look, it finds the first.
async fn put_card<T: Transaction>(tx: &mut T, vault: &FieldCipher, row: &Card) -> Result<(), StorageError> {
    tx.create_member(row.mid).await?;
    unmark(tx, row.mid).await?;
    let was = tx.get::<Card>(row.mid).await?.map(|card| card.uname);
    if was.as_ref() != Some(&row.uname) {
        rename(tx, vault, row.mid, was.as_deref(), Some(&row.uname)).await?;
    }
    tx.put(row).await
}

async fn put_account<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    row: &Account,
) -> Result<(), StorageError> {
    let mid = row.mid;
    let was = match tx.get::<Account>(mid).await? {
        Some(was) => {
            let tel = vault.open_any(Field::Tel, mid, was.tel.as_ref())?;
            let mail = vault.open_any(Field::Mail, mid, was.mail.as_ref())?;
            [Some(was.userid), tel, mail]
        }
        None => [None, None, None],
    };
    let next = known(row);
    // What stays the same is found under the newest key too, as it is sealed with it.
    for ((kind, _, next), was) in next.iter().zip(was) {
        change(tx, vault, *kind, mid, was.as_deref(), next.as_deref()).await?;
    }
    // They are kept as they are compared: what finds a member is known by what is kept.
    let [_, tel, mail] = next.map(|(_, _, text)| text.map(Sensitive::Clear));
    let tel = sealed(vault, Field::Tel, mid, tel.as_ref())?;
    let mail = sealed(vault, Field::Mail, mid, mail.as_ref())?;
    tx.put(&Account { tel, mail, ..row.clone() }).await
}

async fn put_realname<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    row: &Realname,
) -> Result<(), StorageError> {
    let name = sealed(vault, Field::Name, row.mid, row.name.as_ref())?;
    let card = sealed(vault, Field::Card, row.mid, row.card.as_ref())?;
    tx.put(&Realname { name, card, ..row.clone() }).await
}

async fn put_question<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    row: &Question,
) -> Result<(), StorageError> {
    let question = sealed(vault, Field::Question, row.mid, row.question.as_ref())?;
    tx.put(&Question { question, ..row.clone() }).await
}

/// It is never lowered, or what was counted could count again.
async fn put_horizon<T: Transaction>(tx: &mut T, row: &EventHorizon) -> Result<(), StorageError> {
    match tx.get::<EventHorizon>(row.key()).await? {
        Some(was) if was.time >= row.time => Ok(()),
        _ => tx.put(row).await,
    }
}

async fn put<T: Transaction>(tx: &mut T, vault: &FieldCipher, row: &Row) -> Result<(), StorageError> {
    match row {
        Row::Card(row) => put_card(tx, vault, row).await,
        Row::Profile(row) => tx.put(&**row).await,
        Row::Account(row) => put_account(tx, vault, row).await,
        Row::Realname(row) => put_realname(tx, vault, row).await,
        Row::Password(row) => tx.put(row).await,
        Row::Question(row) => put_question(tx, vault, row).await,
        Row::Upstat(row) => tx.put(row).await,
        Row::Growth(row) => tx.put(row).await,
        Row::Reward(row) => tx.put(row).await,
        Row::Group(row) => tx.put_group(row).await,
        Row::Tie(TieRow { from, to, tie }) => {
            let was = tx.relation(*from, *to).await?;
            tx.put_relation(*from, *to, was.as_ref(), Some(tie)).await
        }
        Row::Versions(row) => tx.set_versions(row.mid, row.fans, row.followings).await,
        Row::Coin(row) => tx.append_coin_entry(row).await,
        Row::Login(row) => session::record(tx, row).await,
        Row::Sign(row) => tx.put(row).await,
        Row::Event(row) => tx.put(row).await,
        Row::EventHorizon(row) => put_horizon(tx, row).await,
        Row::Audit(row) => merge::put_audit(tx, row).await,
        Row::Tombstone(row) => tx.put(row).await,
        Row::Next(row) => tx.set_next(row.mid, row.tagid).await,
    }
}
