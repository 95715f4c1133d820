//! The tables, their keys and fixed-width values.
//!
//! Beside the tables of [`Record`]s, by their keys:
//!
//! | table | key | value |
//! |---|---|---|
//! | `stat` | member | their counters |
//! | `tie` | owner, other | kind, mtime, source, then (tagid, turn) for each group |
//! | `out` | owner, kind, mtime, other | |
//! | `fans` | owner, mtime, fan | |
//! | `grouped` | owner, tagid, turn, other | |
//! | `group_size` | owner, tagid | how many are in one of one's own groups |
//! | `coin`, `login` | member, time, the how manieth of that second | the row |
//! | `hidden` | other, owner of a whisper or a black | |
//! | `due` | second, table, the row's key | |
//! | `waiting` | table, second, the row's key | |
//! | `sessions` | member, hash | |
//! | `next` | `tagid`, `mid`, `loading` | the tagid and the least mid to give next; how far a load came that is not whole |
//!
//! Every table of a member's begins with the member, so what is one's own lies together.

use crate::Fault;
use crate::key::{Key, Parts};
use crate::row::{Record, Table, kind_number, kind_of};
use crate::stat::Stat;
use guanxi_rules::tie::{Joined, Kind, Tie};
use guanxi_wire::{Coins, Mid};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, WithoutTls};
use std::io;

pub(super) type Db = Database<'static, Bytes, Bytes>;

/// Every table, open.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    records: [Db; Table::ALL.len()],
    pub(super) stat: Db,
    pub(super) tie: Db,
    pub(super) out: Db,
    pub(super) fans: Db,
    pub(super) grouped: Db,
    pub(super) group_size: Db,
    pub(super) coin: Db,
    pub(super) login: Db,
    pub(super) hidden: Db,
    pub(super) due: Db,
    pub(super) waiting: Db,
    pub(super) sessions: Db,
    pub(super) next: Db,
}

/// The names of the tables that are not of records, in the order of [`Tables`].
const OTHERS: [&str; 13] = [
    "stat",
    "tie",
    "out",
    "fans",
    "hidden",
    "grouped",
    "group_size",
    "coin",
    "login",
    "due",
    "waiting",
    "sessions",
    "next",
];

impl Tables {
    #[expect(clippy::cast_possible_truncation, reason = "there are some twenty")]
    pub(super) const COUNT: u32 = (Table::ALL.len() + OTHERS.len()) as u32;

    /// Opens them all, where nobody may make one.
    pub(super) fn open_to_read(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let found = env.open_databases_and_commit(env.read_txn()?, |opener, txn| {
            let open = |name| opener.open_database(txn, Some(name))?.ok_or_else(|| absent(name));
            let records = Table::ALL.iter().map(|table| open(table.name()));
            let records: Vec<_> = records.collect::<heed::Result<_>>()?;
            let records: [_; Table::ALL.len()] = records.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit((records, OTHERS.map(open))))
        })?;
        let (records, others) = found.unwrap_commit();
        Tables::of_all(&records, others)
    }

    /// Opens them all, and makes those that are not there.
    pub(super) fn open(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let made = env.create_databases_and_commit(env.write_txn()?, |opener, txn| {
            let records = Table::ALL.iter().map(|table| opener.create_database(txn, Some(table.name())));
            let records: Vec<_> = records.collect::<heed::Result<_>>()?;
            let others = OTHERS.map(|name| opener.create_database(txn, Some(name)));
            let records: [_; Table::ALL.len()] = records.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit((records, others)))
        })?;
        let (records, others) = made.unwrap_commit();
        Tables::of_all(&records, others)
    }

    fn of_all(
        records: &[Db; Table::ALL.len()],
        others: [heed::Result<Db>; OTHERS.len()],
    ) -> heed::Result<Tables> {
        let [stat, tie, out, fans, hidden, grouped, group_size, coin, login, due, waiting, sessions, next] =
            others;
        Ok(Tables {
            records: *records,
            stat: stat?,
            tie: tie?,
            out: out?,
            fans: fans?,
            grouped: grouped?,
            group_size: group_size?,
            coin: coin?,
            login: login?,
            hidden: hidden?,
            due: due?,
            waiting: waiting?,
            sessions: sessions?,
            next: next?,
        })
    }

    /// The table of some records.
    pub(super) fn of(&self, table: Table) -> &Db {
        &self.records[table as usize]
    }
}

fn absent(name: &str) -> heed::Error {
    heed::Error::Io(io::Error::new(io::ErrorKind::NotFound, format!("there is no table {name}")))
}

/// The name under which the next tagid is kept.
pub(super) const NEXT_TAGID: &[u8] = b"tagid";

/// The name under which the least mid to give next is kept, once a member has left.
pub(super) const NEXT_MID: &[u8] = b"mid";

/// The name under which it is kept how far a load came, until it is whole.
pub(super) const LOADING: &[u8] = b"loading";

/// A row as bytes.
pub(super) fn encode<R: serde::Serialize>(row: &R) -> Result<Vec<u8>, Fault> {
    minicbor_serde::to_vec(row).map_err(|error| Fault::Engine(error.to_string()))
}

/// Bytes as a row.
pub(super) fn decode<R: serde::de::DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<R, Fault> {
    minicbor_serde::from_slice(bytes).map_err(|error| Fault::Damaged(what, error.to_string()))
}

/// What a key or a value of fixed width holds, or that it is damaged.
pub(super) fn whole<T>(what: &'static str, read: Option<T>) -> Result<T, Fault> {
    read.ok_or_else(|| Fault::Damaged(what, "it is cut short".to_owned()))
}

/// A time as keys and ties hold it: seconds from 1970 to 2106. What lies outside is taken as the nearest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(super) fn second(time: i64) -> u32 {
    time.clamp(0, i64::from(u32::MAX)) as u32
}

pub(super) fn tie_bytes(tie: &Tie) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9 + 12 * tie.groups.len());
    bytes.push(kind_number(tie.kind));
    second(tie.mtime).write(&mut bytes);
    tie.source.write(&mut bytes);
    for joined in &tie.groups {
        (joined.tagid, joined.turn).write(&mut bytes);
    }
    bytes
}

pub(super) fn tie_of(bytes: &[u8]) -> Result<Tie, Fault> {
    whole("a tie", read_tie(bytes))
}

fn read_tie(bytes: &[u8]) -> Option<Tie> {
    let mut parts = Parts(bytes);
    let (kind, mtime, source) = (parts.byte().and_then(kind_of)?, parts.number()?, parts.number()?);
    let mut groups = Vec::new();
    while !parts.0.is_empty() {
        groups.push(Joined { tagid: parts.tagid()?, turn: parts.number()? });
    }
    Some(Tie { kind, mtime: i64::from(mtime), source, groups })
}

/// The key by which a tie is found in its owner's lists.
pub(super) fn out_key(from: Mid, to: Mid, tie: &Tie) -> Vec<u8> {
    let mut key = out_prefix(from, tie.kind);
    (second(tie.mtime), to).write(&mut key);
    key
}

/// What the keys of an owner's ties of a kind begin with.
pub(super) fn out_prefix(owner: Mid, kind: Kind) -> Vec<u8> {
    let mut key = owner.bytes();
    key.push(kind_number(kind));
    key
}

/// The key by which a follow is found in the list of whom it goes to.
pub(super) fn fan_key(from: Mid, to: Mid, tie: &Tie) -> Vec<u8> {
    (to, second(tie.mtime), from).bytes()
}

/// The key by which a tie that is no follow is found by whom it goes to; none for a follow.
pub(super) fn hidden_key(from: Mid, to: Mid, tie: &Tie) -> Option<Vec<u8>> {
    (!tie.is_follow()).then(|| (to, from).bytes())
}

/// The key by which the clock finds a row.
pub(super) fn due_key<R: Record>(row: &R) -> Option<Vec<u8>> {
    let mut key = row.due().map(|due| second(due).bytes())?;
    (R::TABLE as u8).write(&mut key);
    row.key().write(&mut key);
    Some(key)
}

/// The key by which a moderator finds a row.
pub(super) fn waiting_key<R: Record>(row: &R) -> Option<Vec<u8>> {
    let mut key = waiting_from(R::TABLE, row.waits()?);
    row.key().write(&mut key);
    Some(key)
}

/// What the keys of a table's waiting rows begin with, from a second on.
pub(super) fn waiting_from(table: Table, since: i64) -> Vec<u8> {
    let mut key = vec![table as u8];
    second(since).write(&mut key);
    key
}

pub(super) fn stat_bytes(stat: &Stat) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(48);
    for number in [
        stat.following,
        stat.whisper,
        stat.black,
        stat.follower,
        stat.special,
        stat.default,
        stat.fans_version,
        stat.followings_version,
        stat.hidden_version,
        stat.turn,
    ] {
        number.write(&mut bytes);
    }
    bytes.extend(stat.coins.in_tenths().to_be_bytes());
    bytes
}

pub(super) fn stat_of(bytes: &[u8]) -> Result<Stat, Fault> {
    whole("a member's counters", read_stat(bytes))
}

fn read_stat(bytes: &[u8]) -> Option<Stat> {
    let mut parts = Parts(bytes);
    Some(Stat {
        following: parts.number()?,
        whisper: parts.number()?,
        black: parts.number()?,
        follower: parts.number()?,
        special: parts.number()?,
        default: parts.number()?,
        fans_version: parts.number()?,
        followings_version: parts.number()?,
        hidden_version: parts.number()?,
        turn: parts.number()?,
        coins: Coins::tenths(i64::from_be_bytes(parts.0.try_into().ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_wire::Tagid;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tie_comes_back(mtime: u32, source: u32, groups: Vec<(i64, u32)>) {
            let groups = groups.into_iter().map(|(tagid, turn)| Joined { tagid: Tagid(tagid), turn }).collect();
            let tie = Tie { kind: Kind::Follow, mtime: i64::from(mtime), source, groups };
            prop_assert_eq!(tie_of(&tie_bytes(&tie)).unwrap(), tie);
        }

        #[test]
        fn counters_come_back(following: u32, turn: u32, tenths: i64) {
            let stat = Stat { following, turn, coins: Coins::tenths(tenths), ..Stat::default() };
            prop_assert_eq!(stat_of(&stat_bytes(&stat)).unwrap(), stat);
        }

        #[test]
        fn damaged_bytes_are_a_fault_and_no_panic(bytes: Vec<u8>) {
            let _ = (tie_of(&bytes), stat_of(&bytes));
        }
    }
}
