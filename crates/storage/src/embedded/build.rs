//! A store is made of whole members, in the order of their keys: each page is written once, and full.

use super::layout::{self, Table, Tables};
use super::map::Map;
use super::node::Item;
use super::roll::Roll;
use crate::key::Key;
use crate::row::{Record, TieRow};
use crate::stat::{Counters, second};
use crate::whole::MemberBundle;
use crate::{Row, StorageError};
use guanxi_domain::tie::{Relation, RelationKind};
use guanxi_types::Tagid;
use heed::{PutFlags, RwTxn};
use std::collections::BTreeMap;

/// How many bytes share a commit, about.
const COMMIT: usize = 16 << 20;

/// Takes in members by mid, into a store of none.
pub(super) fn build(map: &Map, members: impl Iterator<Item = MemberBundle>) -> Result<(), StorageError> {
    let mut members = members.peekable();
    let mut next_tagid = 1;
    while members.peek().is_some() {
        map.make_room()?;
        let (txn, tables) = map.write()?;
        let mut build = Build { txn, tables, bytes: 0, next_tagid };
        while build.bytes < COMMIT {
            let Some(member) = members.next() else { break };
            build.member(member)?;
        }
        next_tagid = build.next_tagid;
        build.put(Table::Next, layout::NEXT_TAGID, &next_tagid.to_be_bytes())?;
        build.txn.commit()?;
    }
    Ok(())
}

struct Build<'m> {
    txn: RwTxn<'m>,
    tables: &'m Tables,
    bytes: usize,
    next_tagid: i64,
}

impl Build<'_> {
    fn member(&mut self, member: MemberBundle) -> Result<(), StorageError> {
        let MemberBundle { mid, rows, mut ties, mut fans, hidden, sessions } = member;
        ties.sort_unstable_by_key(|tie| tie.to);
        fans.sort_unstable_by_key(|(fan, mtime, seq)| (*mtime, *seq, *fan));
        let mut stat = Counters::default();
        for row in &ties {
            stat.count(None, Some(&row.tie));
        }
        for (_, mtime, seq) in &fans {
            let fan = Relation {
                kind: RelationKind::Follow,
                mtime: *mtime,
                seq: *seq,
                source: 0,
                groups: Vec::new(),
            };
            stat.count_fan(None, Some(&fan));
        }
        self.append(Table::Chain, &layout::stat_key(mid), &layout::stat_bytes(&stat))?;
        self.ties(&layout::ties_key(mid), &ties)?;
        self.lists(&ties)?;
        let fans = fans.iter().map(|(fan, mtime, seq)| (second(*mtime), *seq, fan.get()));
        self.roll(&layout::fans_key(mid), fans)?;
        let mut hidden: Vec<Item> = hidden.into_iter().map(layout::only).collect();
        hidden.sort_unstable();
        self.roll(&layout::hidden_key(mid), hidden.into_iter())?;
        self.groups(&ties)?;
        for row in rows {
            self.row(row)?;
        }
        for session in sessions {
            self.put(Table::Sessions, &(session.mid, session.hash).bytes(), &[])?;
            self.due(&session)?;
            self.put(
                Table::Of(crate::row::Session::TABLE),
                &session.hash.bytes(),
                &layout::encode(&session)?,
            )?;
        }
        Ok(())
    }

    fn ties(&mut self, roll: &[u8], ties: &[TieRow]) -> Result<(), StorageError> {
        let loads: Vec<Vec<u8>> = ties.iter().map(|row| layout::tie_bytes(&row.tie)).collect();
        let entries =
            ties.iter().zip(&loads).map(|(row, load)| (layout::only(row.to), Some(load.as_slice())));
        self.made(Roll(roll).made(entries))
    }

    fn lists(&mut self, ties: &[TieRow]) -> Result<(), StorageError> {
        for kind in [RelationKind::Whisper, RelationKind::Follow, RelationKind::Black] {
            let of_kind = ties.iter().filter(|row| row.tie.kind == kind);
            let mut items: Vec<Item> = of_kind.map(|row| layout::timed(&row.tie, row.to)).collect();
            items.sort_unstable();
            if let Some(row) = ties.first() {
                self.roll(&layout::out_key(row.from, kind), items.into_iter())?;
            }
        }
        Ok(())
    }

    fn groups(&mut self, ties: &[TieRow]) -> Result<(), StorageError> {
        let mut groups: BTreeMap<Tagid, Vec<Item>> = BTreeMap::new();
        for row in ties {
            for joined in &row.tie.groups {
                groups.entry(joined.tagid).or_default().push(layout::grouped(*joined, row.to));
            }
        }
        for (tagid, mut items) in groups {
            items.sort_unstable();
            if let Some(row) = ties.first() {
                self.roll(&layout::group_key(row.from, tagid), items.into_iter())?;
            }
        }
        Ok(())
    }

    fn roll(&mut self, roll: &[u8], items: impl Iterator<Item = Item>) -> Result<(), StorageError> {
        self.made(Roll(roll).made(items.map(|item| (item, None))))
    }

    fn made(&mut self, nodes: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StorageError> {
        nodes.into_iter().try_for_each(|(key, value)| self.append(Table::Chain, &key, &value))
    }

    fn row(&mut self, row: Row) -> Result<(), StorageError> {
        match row {
            Row::Card(row) => self.record(&*row),
            Row::Profile(row) => self.record(&*row),
            Row::Account(row) => self.record(&*row),
            Row::Upstat(row) => self.record(&row),
            Row::Growth(row) => self.record(&row),
            Row::Reward(row) => self.record(&row),
            Row::Password(row) => self.record(&row),
            Row::Group(row) => {
                self.next_tagid = self.next_tagid.max(row.tagid.0.saturating_add(1));
                self.record(&row)
            }
            _ => Err(StorageError::Engine(
                "a row that is not of a member, or that a moderator awaits".to_owned(),
            )),
        }
    }

    fn record<R: Record>(&mut self, row: &R) -> Result<(), StorageError> {
        self.due(row)?;
        self.append(Table::Of(R::TABLE), &row.key().bytes(), &layout::encode(row)?)
    }

    fn due<R: Record>(&mut self, row: &R) -> Result<(), StorageError> {
        match layout::due_key(row) {
            Some(due) => self.put(Table::Due, &due, &[]),
            None => Ok(()),
        }
    }

    fn append(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.bytes += key.len() + value.len();
        Ok(self.tables.tree(table).put_with_flags(&mut self.txn, PutFlags::APPEND, key, value)?)
    }

    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.bytes += key.len() + value.len();
        Ok(self.tables.tree(table).put(&mut self.txn, key, value)?)
    }
}
