//! Rows of a dump are taken in.

use super::Command;
use crate::row::{CoinRow, Group, TieRow};
use crate::txn::Txn;
use crate::{Error, Fault, Row};
use guanxi_rules::group;
use guanxi_rules::tie::Kind;
use guanxi_wire::{Coins, Mid, Tagid};

/// Begins a load of several commands, or ends it. What lies between is no whole community.
#[derive(Clone, Copy, Debug)]
pub struct Loading(pub bool);

impl Command for Loading {
    type Answer = ();

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        Ok(tx.set_loading(self.0).await?)
    }
}

/// Takes in some rows of a dump, in their order, up to the first with a fault.
#[derive(Clone, Debug)]
pub struct Load {
    /// The rows.
    pub rows: Vec<Row>,
}

/// What became of a [`Load`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// How many rows were taken in.
    pub rows: usize,
    /// What is wrong with the next, if there is one.
    pub fault: Option<String>,
}

impl Command for Load {
    type Answer = Loaded;

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<Loaded, Error> {
        for (rows, row) in self.rows.iter().enumerate() {
            let fault = fault(tx, row).await?;
            if fault.is_some() {
                return Ok(Loaded { rows, fault });
            }
            put(tx, row).await?;
        }
        Ok(Loaded { rows: self.rows.len(), fault: None })
    }
}

/// What is wrong with a row, beside what is there.
async fn fault<T: Txn>(tx: &mut T, row: &Row) -> Result<Option<String>, Fault> {
    for mid in members(row).into_iter().flatten() {
        if tx.stat(mid).await?.is_none() {
            return Ok(Some(format!("there is no member {mid}: their card must come first")));
        }
    }
    match row {
        Row::Tie(row) => tie_fault(tx, row).await,
        Row::Group(group) => group_fault(tx, group).await,
        Row::Coin(row) => coin_fault(tx, row).await,
        Row::Reward(row) => {
            Ok((row.given.coins > 50).then(|| "a day gives at most 50 exp for coins".to_owned()))
        }
        Row::Login(row) => Ok(out_of_range(row.time)),
        Row::Sign(row) => Ok(row.due.and_then(out_of_range)),
        _ => Ok(None),
    }
}

/// Whom a row speaks of, who must be there before it.
fn members(row: &Row) -> [Option<Mid>; 2] {
    match row {
        Row::Card(_) => [None, None],
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
    }
}

fn out_of_range(second: i64) -> Option<String> {
    u32::try_from(second).is_err().then(|| format!("{second} is no time in seconds from 1970 to 2106"))
}

async fn coin_fault<T: Txn>(tx: &mut T, row: &CoinRow) -> Result<Option<String>, Fault> {
    let most = Coins::whole(1_000_000_000);
    if row.delta > most || row.delta < -most {
        return Ok(Some("more than a thousand million coins at once".to_owned()));
    }
    let balance = tx.stat(row.mid).await?.unwrap_or_default().coins;
    if balance + row.delta < Coins::ZERO {
        return Ok(Some(format!(
            "the balance of {} would be below 0: what it is paid from must come first",
            row.mid
        )));
    }
    Ok(out_of_range(row.time))
}

async fn group_fault<T: Txn>(tx: &mut T, row: &Group) -> Result<Option<String>, Fault> {
    let Group { mid, tagid, name } = row;
    if *tagid <= Tagid::DEFAULT || *tagid >= Tagid::MAX {
        return Ok(Some(format!(
            "{tagid} is no group of one's own: those are numbers from 1 to 9007199254740990"
        )));
    }
    if group::name(name) != Ok(name) {
        return Ok(Some(format!("{name:?} is no name of a group: it is empty, or has blanks about it")));
    }
    let own = tx.groups(*mid).await?;
    let others: Vec<&str> =
        own.iter().filter(|own| own.tagid != *tagid).map(|own| own.name.as_str()).collect();
    let refused = group::rename(name, &others, true).err();
    Ok(refused.map(|code| format!("{name:?} as a group of {mid}: {}", code.message())))
}

async fn tie_fault<T: Txn>(tx: &mut T, row: &TieRow) -> Result<Option<String>, Fault> {
    let TieRow { from, to, tie } = row;
    if from == to {
        return Ok(Some("a tie goes to somebody else".to_owned()));
    }
    let grouped = !tie.groups.is_empty();
    if grouped != (tie.kind == Kind::Follow) {
        return Ok(Some(
            "a follow is in a group, [0, turn] at least; a whisper and a black are in none".to_owned(),
        ));
    }
    let default = tie.groups.iter().any(|joined| joined.tagid == Tagid::DEFAULT);
    if default && tie.groups.len() > 1 {
        return Ok(Some("who is in another group is not in 0".to_owned()));
    }
    for (at, joined) in tie.groups.iter().enumerate() {
        let tagid = joined.tagid;
        if tie.groups[..at].iter().any(|other| other.tagid == tagid || other.turn >= joined.turn) {
            return Ok(Some("groups stand in the order of their turns, each once".to_owned()));
        }
        let known = group::built_in_name(tagid).is_some() || tx.get::<Group>((*from, tagid)).await?.is_some();
        if !known {
            return Ok(Some(format!("{from} has no group {tagid}: it must come first")));
        }
    }
    let back = tx.tie(*to, *from).await?;
    let blocked = [Some(tie), back.as_ref()].into_iter().flatten().any(|tie| tie.kind == Kind::Black);
    let followed = [Some(tie), back.as_ref()].into_iter().flatten().any(|tie| tie.kind != Kind::Black);
    if blocked && followed {
        return Ok(Some(format!("{from} and {to}: who blocks or is blocked neither follows nor whispers")));
    }
    Ok(out_of_range(tie.mtime))
}

async fn put<T: Txn>(tx: &mut T, row: &Row) -> Result<(), Fault> {
    match row {
        Row::Card(row) => {
            tx.enrol(row.mid).await?;
            tx.put(&**row).await
        }
        Row::Profile(row) => tx.put(&**row).await,
        Row::Account(row) => tx.put(&**row).await,
        Row::Realname(row) => tx.put(row).await,
        Row::Upstat(row) => tx.put(row).await,
        Row::Growth(row) => tx.put(row).await,
        Row::Reward(row) => tx.put(row).await,
        Row::Group(row) => tx.put_group(row).await,
        Row::Tie(TieRow { from, to, tie }) => {
            let was = tx.tie(*from, *to).await?;
            tx.put_tie(*from, *to, was.as_ref(), Some(tie)).await
        }
        Row::Versions(row) => tx.set_versions(row.mid, row.fans, row.followings).await,
        Row::Coin(row) => tx.pay(row).await,
        Row::Login(row) => tx.put_login(row).await,
        Row::Sign(row) => tx.put_review(row.mid, Some(row)).await,
    }
}
