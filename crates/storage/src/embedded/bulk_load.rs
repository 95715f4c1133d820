//! The bulk load of an empty store. Complete members are written directly into LMDB, in the order of their keys, so
//! each page is written once and full.

use super::counted_btree::{CountedBTree, EntryKey};
use super::encoding::{self, Table, Tables};
use super::env::LmdbEnv;
use crate::counters::{Counters, clamp_secs};
use crate::key::Key;
use crate::member_bundle::MemberBundle;
use crate::model::{Entity, RelationRow, Session};
use crate::{Row, StorageError};
use guanxi_domain::relation::{Relation, RelationKind};
use guanxi_types::{Mid, Tagid};
use heed::{PutFlags, RwTxn};
use std::collections::BTreeMap;

/// The approximate number of bytes in one commit.
const COMMIT_BYTES: usize = 16 << 20;

/// Loads members into an empty store. They must come in ascending order of their mids.
pub(super) fn bulk_load(
    env: &LmdbEnv,
    members: impl Iterator<Item = MemberBundle>,
) -> Result<(), StorageError> {
    let mut members = members.peekable();
    let mut next_tagid = 1;
    while members.peek().is_some() {
        env.ensure_capacity()?;
        let (txn, tables) = env.begin_write()?;
        let mut loader = BulkLoader { txn, tables, bytes: 0, next_tagid };
        while loader.bytes < COMMIT_BYTES {
            let Some(member) = members.next() else { break };
            loader.add_member(member)?;
        }
        next_tagid = loader.next_tagid;
        loader.put(Table::Meta, encoding::NEXT_TAGID, &next_tagid.to_be_bytes())?;
        loader.txn.commit()?;
    }
    Ok(())
}

struct BulkLoader<'e> {
    txn: RwTxn<'e>,
    tables: &'e Tables,
    bytes: usize,
    next_tagid: i64,
}

impl BulkLoader<'_> {
    fn add_member(&mut self, member: MemberBundle) -> Result<(), StorageError> {
        let MemberBundle { mid, rows, mut relations, mut followers, private_relations, sessions } = member;
        relations.sort_unstable_by_key(|row| row.to);
        followers.sort_unstable_by_key(|(follower, mtime, seq)| (*mtime, *seq, *follower));
        self.append_counters(mid, &relations, &followers)?;
        self.append_relations(&encoding::relations_key(mid), &relations)?;
        self.append_lists_by_kind(mid, &relations)?;
        let followers =
            followers.iter().map(|(follower, mtime, seq)| (clamp_secs(*mtime), *seq, follower.get()));
        self.append_list(&encoding::followers_key(mid), followers)?;
        let mut private: Vec<EntryKey> = private_relations.into_iter().map(encoding::key_by_mid).collect();
        private.sort_unstable();
        self.append_list(&encoding::private_relations_key(mid), private.into_iter())?;
        self.append_groups(mid, &relations)?;
        for row in rows {
            self.append_row(row)?;
        }
        for session in sessions {
            self.put_session(&session)?;
        }
        Ok(())
    }

    fn append_counters(
        &mut self,
        mid: Mid,
        relations: &[RelationRow],
        followers: &[(Mid, i64, u32)],
    ) -> Result<(), StorageError> {
        let mut counters = Counters::default();
        for row in relations {
            counters.apply_outgoing(None, Some(&row.relation));
        }
        for (_, mtime, seq) in followers {
            let (kind, mtime, seq) = (RelationKind::Follow, *mtime, *seq);
            let follow = Relation { kind, mtime, seq, source: 0, groups: Vec::new() };
            counters.apply_incoming(None, Some(&follow));
        }
        self.append(Table::Graph, &encoding::counters_key(mid), &encoding::encode_counters(&counters))
    }

    fn append_relations(&mut self, list: &[u8], relations: &[RelationRow]) -> Result<(), StorageError> {
        let values: Vec<Vec<u8>> =
            relations.iter().map(|row| encoding::encode_relation(&row.relation)).collect();
        let entries = relations
            .iter()
            .zip(&values)
            .map(|(row, value)| (encoding::key_by_mid(row.to), Some(value.as_slice())));
        self.append_nodes(CountedBTree(list).bulk_build(entries))
    }

    fn append_lists_by_kind(&mut self, owner: Mid, relations: &[RelationRow]) -> Result<(), StorageError> {
        for kind in [RelationKind::Whisper, RelationKind::Follow, RelationKind::Block] {
            let of_kind = relations.iter().filter(|row| row.relation.kind == kind);
            let mut keys: Vec<EntryKey> =
                of_kind.map(|row| encoding::key_by_time(&row.relation, row.to)).collect();
            keys.sort_unstable();
            self.append_list(&encoding::relations_by_kind_key(owner, kind), keys.into_iter())?;
        }
        Ok(())
    }

    fn append_groups(&mut self, owner: Mid, relations: &[RelationRow]) -> Result<(), StorageError> {
        let mut groups: BTreeMap<Tagid, Vec<EntryKey>> = BTreeMap::new();
        for row in relations {
            for membership in &row.relation.groups {
                let keys = groups.entry(membership.tagid).or_default();
                keys.push(encoding::key_by_join_seq(*membership, row.to));
            }
        }
        for (tagid, mut keys) in groups {
            keys.sort_unstable();
            self.append_list(&encoding::group_members_key(owner, tagid), keys.into_iter())?;
        }
        Ok(())
    }

    fn append_list(&mut self, list: &[u8], keys: impl Iterator<Item = EntryKey>) -> Result<(), StorageError> {
        self.append_nodes(CountedBTree(list).bulk_build(keys.map(|key| (key, None))))
    }

    fn append_nodes(&mut self, nodes: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StorageError> {
        nodes.into_iter().try_for_each(|(key, value)| self.append(Table::Graph, &key, &value))
    }

    fn append_row(&mut self, row: Row) -> Result<(), StorageError> {
        match row {
            Row::Card(row) => self.append_entity(&*row),
            Row::Profile(row) => self.append_entity(&*row),
            Row::Account(row) => self.append_entity(&*row),
            Row::Upstat(row) => self.append_entity(&row),
            Row::Experience(row) => self.append_entity(&row),
            Row::Reward(row) => self.append_entity(&row),
            Row::Password(row) => self.append_entity(&row),
            Row::Group(row) => {
                self.next_tagid = self.next_tagid.max(row.tagid.0.saturating_add(1));
                self.append_entity(&row)
            }
            _ => Err(StorageError::engine(
                "a bulk load accepts rows of members only, none of them pending review",
            )),
        }
    }

    fn append_entity<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        self.put_due(row)?;
        self.append(Table::Rows(R::TABLE), &row.key().bytes(), &encoding::encode(row)?)
    }

    fn put_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.put(Table::MemberSession, &(session.mid, session.hash).bytes(), &[])?;
        self.put_due(session)?;
        self.put(Table::Rows(Session::TABLE), &session.hash.bytes(), &encoding::encode(session)?)
    }

    fn put_due<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        match encoding::due_key(row) {
            Some(key) => self.put(Table::Due, &key, &[]),
            None => Ok(()),
        }
    }

    /// Writes a key that is greater than all others of its table.
    fn append(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.bytes += key.len() + value.len();
        Ok(self.tables.db(table).put_with_flags(&mut self.txn, PutFlags::APPEND, key, value)?)
    }

    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.bytes += key.len() + value.len();
        Ok(self.tables.db(table).put(&mut self.txn, key, value)?)
    }
}
