//! The tables, their keys and fixed-width values.
//!
//! Beside the tables of [`Record`]s, by their keys:
//!
//! | table | key | value |
//! |---|---|---|
//! | `chain` | member, what | what their ties come to, and their counters: see below |
//! | `coin`, `login` | member, time, the how manieth of that second | the row |
//! | `due` | table, second, the row's key | |
//! | `waiting` | table, second, the row's key | |
//! | `sessions` | member, hash | |
//! | `next` | `tagid`, `mid`, `loading`, `taken_in` | the tagid and the least mid to give next; how far a load came that is not whole; the last record of the log that is in the tree |
//!
//! Every table of a member's begins with the member, so what is one's own lies together. What a follow changes is in one
//! table, that a follow changes few pages:
//!
//! | what | value |
//! |---|---|
//! | 0 | their counters |
//! | 1 | a [roll](super::roll) of their ties: (0, 0, other), with kind, mtime, seq, source, then (tagid, turn) for each group |
//! | 2, kind | a roll of those of a kind: (mtime, seq, other) |
//! | 3 | a roll of their fans: (mtime, seq, fan) |
//! | 4 | a roll of those who whisper or block them: (0, 0, owner) |
//! | 5, tagid | a roll of a group: (turn, 0, other) |

use super::node::{Item, read_number, write_number};
use crate::StorageError;
use crate::key::{Key, Parts};
use crate::row::{self, Record, kind_number, kind_of};
use crate::stat::{Counters, second};
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_types::{Coins, Mid, Tagid};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, WithoutTls};
use std::io;

type Db = Database<'static, Bytes, Bytes>;

/// A table of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Of records.
    Of(row::Table),
    Chain,
    Coin,
    Login,
    Due,
    Waiting,
    Sessions,
    Next,
}

impl Table {
    /// Those that are not of records.
    const OTHERS: [Table; 7] =
        [Table::Chain, Table::Coin, Table::Login, Table::Due, Table::Waiting, Table::Sessions, Table::Next];

    pub(super) const COUNT: usize = row::Table::ALL.len() + Table::OTHERS.len();

    /// All of them, in the order of their numbers.
    pub(super) fn all() -> impl Iterator<Item = Table> {
        Table::OTHERS.into_iter().chain(row::Table::ALL.iter().map(|table| Table::Of(*table)))
    }

    /// Its number, which the log has too: those of records come last, so that a new one moves no other's.
    pub(super) fn at(self) -> usize {
        match self {
            Table::Chain => 0,
            Table::Coin => 1,
            Table::Login => 2,
            Table::Due => 3,
            Table::Waiting => 4,
            Table::Sessions => 5,
            Table::Next => 6,
            Table::Of(table) => Table::OTHERS.len() + table as usize,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Table::Of(table) => table.name(),
            Table::Chain => "chain",
            Table::Coin => "coin",
            Table::Login => "login",
            Table::Due => "due",
            Table::Waiting => "waiting",
            Table::Sessions => "sessions",
            Table::Next => "next",
        }
    }
}

/// Every table, open.
#[derive(Clone, Debug)]
pub(super) struct Tables([Db; Table::COUNT]);

impl Tables {
    #[expect(clippy::cast_possible_truncation, reason = "there are some thirty")]
    pub(super) const COUNT: u32 = Table::COUNT as u32;

    /// Opens them all, where nobody may make one.
    pub(super) fn open_to_read(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let found = env.open_databases_and_commit(env.read_txn()?, |opener, txn| {
            let open = |name| opener.open_database(txn, Some(name))?.ok_or_else(|| absent(name));
            let trees = Table::all().map(|table| open(table.name()));
            let trees: Vec<_> = trees.collect::<heed::Result<_>>()?;
            let trees: [_; Table::COUNT] = trees.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(trees))
        })?;
        Ok(Tables(found.unwrap_commit()))
    }

    /// Opens them all, and makes those that are not there.
    pub(super) fn open(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let made = env.create_databases_and_commit(env.write_txn()?, |opener, txn| {
            let trees = Table::all().map(|table| opener.create_database(txn, Some(table.name())));
            let trees: Vec<_> = trees.collect::<heed::Result<_>>()?;
            let trees: [_; Table::COUNT] = trees.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(trees))
        })?;
        Ok(Tables(made.unwrap_commit()))
    }

    /// The tree of a table.
    pub(super) fn tree(&self, table: Table) -> &Db {
        &self.0[table.at()]
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

/// The name under which the last record of the log is kept that is in the tree.
pub(super) const TAKEN_IN: &[u8] = b"taken_in";

/// The key that is put only to be put: a value of a whole block of the file system, so that no disk without a free block takes it.
pub(super) const TOUCHED: &[u8] = b"touched";

/// The value of that key.
pub(super) const TOUCH: [u8; 4096] = [0; 4096];

/// A row as bytes.
pub(super) fn encode<R: serde::Serialize>(row: &R) -> Result<Vec<u8>, StorageError> {
    minicbor_serde::to_vec(row).map_err(|error| StorageError::Engine(error.to_string()))
}

/// Bytes as a row.
pub(super) fn decode<R: serde::de::DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
) -> Result<R, StorageError> {
    minicbor_serde::from_slice(bytes).map_err(|error| StorageError::Corrupted(what, error.to_string()))
}

/// What a key or a value of fixed width holds, or that it is damaged.
pub(super) fn whole<T>(what: &'static str, read: Option<T>) -> Result<T, StorageError> {
    read.ok_or_else(|| StorageError::Corrupted(what, "it is cut short".to_owned()))
}

/// Beside a tie's kind: its `seq` follows its mtime. Without it that is 0, as it mostly is.
const HAS_SEQ: u8 = 0x40;

/// What a tie carries in its owner's roll.
pub(super) fn tie_bytes(tie: &Relation) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + 4 * tie.groups.len());
    bytes.push(kind_number(tie.kind) | if tie.seq > 0 { HAS_SEQ } else { 0 });
    second(tie.mtime).write(&mut bytes);
    if tie.seq > 0 {
        write_number(tie.seq.into(), &mut bytes);
    }
    write_number(tie.source.into(), &mut bytes);
    for joined in &tie.groups {
        write_number(folded(joined.tagid), &mut bytes);
        write_number(joined.seq.into(), &mut bytes);
    }
    bytes
}

pub(super) fn tie_of(bytes: &[u8]) -> Result<Relation, StorageError> {
    whole("a tie", read_tie(bytes))
}

fn read_tie(bytes: &[u8]) -> Option<Relation> {
    let mut parts = Parts(bytes);
    let (head, mtime) = (parts.byte()?, parts.number()?);
    let kind = kind_of(head & !HAS_SEQ)?;
    let mut rest = parts.0;
    let mut number = || {
        let (length, number) = read_number(rest)?;
        rest = &rest[length..];
        Some((number, rest.is_empty()))
    };
    let seq = if head & HAS_SEQ == 0 { 0 } else { u32::try_from(number()?.0).ok()? };
    let (source, mut is_last) = number()?;
    let mut groups = Vec::new();
    while !is_last {
        let tagid = unfolded(number()?.0);
        let (turn, last) = number()?;
        groups.push(GroupMembership { tagid, seq: u32::try_from(turn).ok()? });
        is_last = last;
    }
    Some(Relation { kind, mtime: i64::from(mtime), seq, source: u32::try_from(source).ok()?, groups })
}

/// A tagid such that the small ones on both sides of 0 are small.
fn folded(Tagid(tagid): Tagid) -> u64 {
    (tagid << 1 ^ tagid >> 63).cast_unsigned()
}

fn unfolded(folded: u64) -> Tagid {
    Tagid((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
}

/// Where a member's counters are.
pub(super) fn stat_key(mid: Mid) -> Vec<u8> {
    (mid, STAT).bytes()
}

/// The member of a key of the chain's, if it is the key of their counters.
pub(super) fn stat_of_whom(key: &[u8]) -> Option<Mid> {
    let mut parts = Parts(key);
    let mid = parts.mid()?;
    (parts.0 == [STAT]).then_some(mid)
}

const STAT: u8 = 0;
const TIES: u8 = 1;
const OUT: u8 = 2;
const FANS: u8 = 3;
const HIDDEN: u8 = 4;
const GROUPED: u8 = 5;

/// Where the roll of a member's ties is.
pub(super) fn ties_key(owner: Mid) -> Vec<u8> {
    (owner, TIES).bytes()
}

/// Where the roll of a member's ties of a kind is.
pub(super) fn out_key(owner: Mid, kind: RelationKind) -> Vec<u8> {
    (owner, (OUT, kind_number(kind))).bytes()
}

/// Where the roll of a member's fans is.
pub(super) fn fans_key(owner: Mid) -> Vec<u8> {
    (owner, FANS).bytes()
}

/// Where the roll of those is whose tie to a member nobody else sees.
pub(super) fn hidden_key(other: Mid) -> Vec<u8> {
    (other, HIDDEN).bytes()
}

/// Where the roll of a group is.
pub(super) fn group_key(owner: Mid, tagid: Tagid) -> Vec<u8> {
    (owner, (GROUPED, tagid)).bytes()
}

/// Which roll of a member's a key is the root of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    Ties,
    Out(RelationKind),
    Fans,
    Hidden,
    Group(Tagid),
}

/// The member and the roll of a key of the chain's, if it is the key of a root.
pub(super) fn root(key: &[u8]) -> Option<(Mid, Listing)> {
    let mut parts = Parts(key);
    let (mid, what) = (parts.mid()?, parts.byte()?);
    let listing = match what {
        TIES => Listing::Ties,
        OUT => Listing::Out(parts.byte().and_then(kind_of)?),
        FANS => Listing::Fans,
        HIDDEN => Listing::Hidden,
        GROUPED => Listing::Group(parts.tagid()?),
        _ => return None,
    };
    parts.0.is_empty().then_some((mid, listing))
}

/// A member as an item of a roll that they alone order.
pub(super) fn only(mid: Mid) -> Item {
    (0, 0, mid.get())
}

/// A tie's place among others by time; `other` is at its other end.
pub(super) fn timed(tie: &Relation, other: Mid) -> Item {
    (second(tie.mtime), tie.seq, other.get())
}

/// A tie's place in a group.
pub(super) fn grouped(joined: GroupMembership, other: Mid) -> Item {
    (joined.seq, 0, other.get())
}

/// The member of an item.
pub(super) fn member(item: Item) -> Result<Mid, StorageError> {
    whole("a list", Mid::new(item.2))
}

/// The key by which the clock finds a row.
pub(super) fn due_key<R: Record>(row: &R) -> Option<Vec<u8>> {
    let mut key = awaited_from(R::TABLE, row.due()?);
    row.key().write(&mut key);
    Some(key)
}

/// The key by which a moderator finds a row.
pub(super) fn waiting_key<R: Record>(row: &R) -> Option<Vec<u8>> {
    let mut key = awaited_from(R::TABLE, row.waits()?);
    row.key().write(&mut key);
    Some(key)
}

/// What the keys of a table's rows begin with in `due` and `waiting`, from a second on.
pub(super) fn awaited_from(table: row::Table, since: i64) -> Vec<u8> {
    let mut key = vec![table as u8];
    second(since).write(&mut key);
    key
}

pub(super) fn stat_bytes(stat: &Counters) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
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
        stat.last_mtime,
        stat.last_seq,
    ] {
        number.write(&mut bytes);
    }
    bytes.extend(stat.coins.in_tenths().to_be_bytes());
    bytes
}

pub(super) fn stat_of(bytes: &[u8]) -> Result<Counters, StorageError> {
    whole("a member's counters", read_stat(bytes))
}

fn read_stat(bytes: &[u8]) -> Option<Counters> {
    let mut parts = Parts(bytes);
    Some(Counters {
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
        last_mtime: parts.number()?,
        last_seq: parts.number()?,
        coins: Coins::tenths(i64::from_be_bytes(parts.0.try_into().ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_types::Tagid;
    use proptest::prelude::*;

    #[test]
    fn a_log_that_was_written_once_names_the_same_tables_ever_after() {
        assert!(Table::all().enumerate().all(|(number, table)| table.at() == number));
        let named: Vec<&str> = Table::all().map(Table::name).take(10).collect();
        let expected =
            ["chain", "coin", "login", "due", "waiting", "sessions", "next", "card", "profile", "account"];
        assert_eq!(named, expected);
    }

    proptest! {
        #[test]
        fn a_tie_comes_back(mtime: u32, seq: u32, source: u32, groups: Vec<(i64, u32)>) {
            let groups: Vec<GroupMembership> =
                groups.into_iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(tagid), seq }).collect();
            for kind in [RelationKind::Whisper, RelationKind::Follow, RelationKind::Black] {
                for seq in [0, seq] {
                    let tie = Relation { kind, mtime: i64::from(mtime), seq, source, groups: groups.clone() };
                    prop_assert_eq!(tie_of(&tie_bytes(&tie)).unwrap(), tie);
                }
            }
        }

        #[test]
        fn counters_come_back(following: u32, turn: u32, last_mtime: u32, last_seq: u32, tenths: i64) {
            let stat = Counters { following, turn, last_mtime, last_seq, coins: Coins::tenths(tenths), ..Counters::default() };
            prop_assert_eq!(stat_of(&stat_bytes(&stat)).unwrap(), stat);
        }

        #[test]
        fn damaged_bytes_are_a_fault_and_no_panic(bytes: Vec<u8>) {
            let _ = (tie_of(&bytes), stat_of(&bytes));
        }
    }
}
