//! The bulk load of an empty store. Complete members are written directly into LMDB, in the order of their keys, so
//! each page is written once and full.

use super::counted_btree::{CountedBTree, EntryKey};
use super::encoding::{self, Table, Tables};
use super::env::LmdbEnv;
use crate::counters::clamp_secs;
use crate::key::Key;
use crate::member_bundle::{MemberBundle, RowSink, SharedValues};
use crate::model::{Card, Entity, RelationRow, Session};
use crate::{Row, StorageError};
use guanxi_domain::relation::RelationKind;
use guanxi_types::{Mid, Tagid};
use heed::RwTxn;
use std::collections::BTreeMap;
use std::iter;
use std::ops::Range;

/// The approximate number of bytes in one commit.
const COMMIT_BYTES: usize = 16 << 20;

/// The approximate number of bytes of the name index that are sorted at once. Keys in order write each page of the
/// index once.
const NAME_BYTES: usize = 128 << 20;

/// Loads members into an empty store. They must come in ascending order of their mids.
pub(super) fn bulk_load(
    env: &LmdbEnv,
    members: impl Iterator<Item = MemberBundle>,
) -> Result<(), StorageError> {
    let mut shared = SharedValues::default();
    let mut members = members.peekable();
    while members.peek().is_some() {
        let mut names = NameKeys::default();
        let next_member = iter::from_fn(|| {
            let member = members.next_if(|_| names.bytes.len() < NAME_BYTES)?;
            names.add(&member);
            Some(member)
        });
        load_all(env, next_member, |loader, member| {
            shared.add_member(&member);
            loader.append_member(member)
        })?;
        load_all(env, names.sorted(), |loader, key| loader.put(Table::NameIndex, key, &[]))?;
    }
    load_all(env, shared.take_identifiers(), |loader, row| loader.add_row(&row))?;
    // Two commits, so that both meta pages of LMDB have everything.
    for _ in 0..2 {
        load_all(env, [shared.next_tagid], |loader, next_tagid| {
            loader.put(Table::Meta, encoding::NEXT_TAGID, &next_tagid.to_be_bytes())
        })?;
    }
    Ok(())
}

/// Keys of the name index, one behind another.
#[derive(Default)]
struct NameKeys {
    bytes: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

impl NameKeys {
    fn add(&mut self, member: &MemberBundle) {
        let cards =
            member.rows.iter().filter_map(|row| if let Row::Card(card) = row { Some(card) } else { None });
        for key in cards.flat_map(|card| encoding::name_keys::<Card>(card.mid, card.indexed_name())) {
            let start = self.bytes.len();
            self.bytes.extend(key);
            self.ranges.push(start..self.bytes.len());
        }
    }

    fn sorted(&mut self) -> impl Iterator<Item = &[u8]> {
        let NameKeys { bytes, ranges } = self;
        ranges.sort_unstable_by(|one, other| bytes[one.clone()].cmp(&bytes[other.clone()]));
        ranges.iter().map(|range| &bytes[range.clone()])
    }
}

/// Loads all items, in commits of about [`COMMIT_BYTES`].
fn load_all<I>(
    env: &LmdbEnv,
    items: impl IntoIterator<Item = I>,
    mut load: impl FnMut(&mut BulkLoader<'_>, I) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        env.ensure_capacity()?;
        let (txn, tables) = env.begin_write()?;
        let mut loader = BulkLoader { txn, tables, bytes: 0 };
        while loader.bytes < COMMIT_BYTES {
            let Some(item) = items.next() else { break };
            load(&mut loader, item)?;
        }
        let BulkLoader { txn, .. } = loader;
        env.commit(txn)?;
    }
    Ok(())
}

struct BulkLoader<'e> {
    txn: RwTxn<'e>,
    tables: &'e Tables,
    bytes: usize,
}

impl BulkLoader<'_> {
    fn append_member(&mut self, mut member: MemberBundle) -> Result<(), StorageError> {
        let mid = member.mid;
        member.relations.sort_unstable_by_key(|row| row.to);
        member.followers.sort_unstable_by_key(|(follower, mtime, seq)| (*mtime, *seq, *follower));
        let counters = encoding::encode_counters(&member.counters());
        self.append(Table::Graph, &encoding::counters_key(mid), &counters)?;
        self.append_relations(&encoding::relations_key(mid), &member.relations)?;
        self.append_lists_by_kind(mid, &member.relations)?;
        let followers = member.followers.iter();
        let followers = followers.map(|(follower, mtime, seq)| (clamp_secs(*mtime), *seq, follower.get()));
        self.append_list(&encoding::followers_key(mid), followers)?;
        let private = member.private_relations.iter();
        let mut private: Vec<EntryKey> = private.map(|mid| encoding::key_by_mid(*mid)).collect();
        private.sort_unstable();
        self.append_list(&encoding::private_relations_key(mid), private.into_iter())?;
        self.append_groups(mid, &member.relations)?;
        member.add_rows(self)?;
        member.sessions.iter().try_for_each(|session| self.put_session(session))
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
        Ok(self.tables.append(&mut self.txn, table, key, value)?)
    }

    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.bytes += key.len() + value.len();
        Ok(self.tables.put(&mut self.txn, table, key, value)?)
    }
}

impl RowSink for BulkLoader<'_> {
    fn add_row<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        self.put_due(row)?;
        encoding::flag_keys(Some(row)).iter().try_for_each(|key| self.put(Table::MemberFlag, key, &[]))?;
        self.append(Table::Rows(R::TABLE), &row.key().bytes(), &encoding::encode(row)?)
    }
}
