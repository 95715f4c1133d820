//! A write transaction: a snapshot, the writes over it, and the WAL operations that repeat them.

mod command_api;

use super::counted_btree::{CountedBTree, EntryKey, NodeRead, NodeWrite};
use super::encoding::{self, Table};
use super::memtable::Memtable;
use super::merge_iter::ReadView;
use super::queries::Queries;
use super::snapshot::Snapshot;
use super::wal::{WalOp, split_payload};
use crate::StorageError;
use crate::card_listener::ChangedCards;
use crate::counters::{Counters, clamp_secs};
use crate::key::{Key, KeyReader};
use crate::model::{self, Binary, Entity};
use guanxi_domain::news::NewsLimits;
use guanxi_domain::relation::GroupMembership;
use guanxi_types::{Mid, Order};
use std::collections::BTreeSet;

/// A write transaction. Dropped before its writes are published, it has written nothing.
pub(super) struct EmbeddedTransaction<'e> {
    snapshot: Snapshot<'e>,
    writes: TxnWrites,
    write_count: u64,
    news_limits: NewsLimits,
}

/// The writes of a transaction.
#[derive(Debug)]
pub(super) struct TxnWrites {
    /// The active memtable of the snapshot, with the writes of this transaction.
    pub(super) active: Memtable,
    /// The encoded operations of this transaction.
    pub(super) wal_ops: Vec<u8>,
    pub(super) changed_cards: ChangedCards,
}

/// The position of an entry: the key of its list, and its own key.
type ListPosition = (Vec<u8>, EntryKey);

impl<'e> EmbeddedTransaction<'e> {
    pub(super) fn new(snapshot: Snapshot<'e>, news_limits: NewsLimits) -> EmbeddedTransaction<'e> {
        let active = snapshot.active().clone();
        let writes = TxnWrites { active, wal_ops: Vec::new(), changed_cards: ChangedCards::default() };
        EmbeddedTransaction { snapshot, writes, write_count: 0, news_limits }
    }

    /// The number of operations so far. A command must be rejected before its first.
    pub(super) fn write_count(&self) -> u64 {
        self.write_count
    }

    /// Returns the snapshot at the start of the transaction, and the writes.
    pub(super) fn into_parts(self) -> (Snapshot<'e>, TxnWrites) {
        (self.snapshot, self.writes)
    }

    /// Applies the records of a WAL to a snapshot.
    pub(super) fn replay<'r>(
        snapshot: Snapshot<'e>,
        records: impl Iterator<Item = &'r [u8]>,
    ) -> Result<Snapshot<'e>, StorageError> {
        // Records change rows as they were decided.
        let mut tx = EmbeddedTransaction::new(snapshot, NewsLimits::default());
        for record in records {
            tx.replay_record(record)?;
        }
        let (snapshot, TxnWrites { active, .. }) = tx.into_parts();
        Ok(snapshot.with_active(active))
    }

    fn replay_record(&mut self, record: &[u8]) -> Result<(), StorageError> {
        let (_, ops) = encoding::decoded("the WAL", split_payload(record))?;
        for op in WalOp::decode_all(ops) {
            match op? {
                WalOp::Put(table, key, value) => self.put_bytes(table, key, value),
                WalOp::Delete(table, key) => self.delete_bytes(table, key),
                WalOp::TreeInsert(list, key, value) => self.tree_insert(list, key, value)?,
                WalOp::TreeRemove(list, key) => self.tree_remove(list, key)?,
            }
        }
        Ok(())
    }

    fn view(&self) -> ReadView<'_> {
        self.snapshot.view_with(&self.writes.active)
    }

    /// The reads of this transaction, which see its own writes.
    fn queries(&self) -> Queries<'_> {
        Queries::new(self.view())
    }

    fn put_bytes(&mut self, table: Table, key: &[u8], value: &[u8]) {
        self.log_op(WalOp::Put(table, key, value));
        self.set(table, key, Some(value));
    }

    fn delete_bytes(&mut self, table: Table, key: &[u8]) {
        self.log_op(WalOp::Delete(table, key));
        self.set(table, key, None);
    }

    fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        self.writes.active.set(table, key, value);
        let Table::Rows(rows) = table else { return };
        let changed = match rows {
            model::Table::Card => &mut self.writes.changed_cards.cards,
            model::Table::Profile | model::Table::Experience | model::Table::Upstat => {
                &mut self.writes.changed_cards.details
            }
            _ => return,
        };
        changed.extend(KeyReader(key).mid());
    }

    fn tree_insert(&mut self, list: &[u8], key: EntryKey, value: Option<&[u8]>) -> Result<(), StorageError> {
        self.log_op(WalOp::TreeInsert(list, key, value));
        CountedBTree(list).insert(self, key, value)?;
        Ok(())
    }

    fn tree_remove(&mut self, list: &[u8], key: EntryKey) -> Result<(), StorageError> {
        self.log_op(WalOp::TreeRemove(list, key));
        CountedBTree(list).remove(self, key)?;
        Ok(())
    }

    fn log_op(&mut self, op: WalOp<'_>) {
        op.encode(&mut self.writes.wal_ops);
        self.write_count += 1;
    }

    fn put_row<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        let bytes = encoding::encode(row)?;
        self.update_row_indexes(row.key(), Some(row))?;
        self.put_bytes(Table::Rows(R::TABLE), &row.key().bytes(), &bytes);
        Ok(())
    }

    fn delete_row<R: Entity>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.update_row_indexes::<R>(key, None)?;
        self.delete_bytes(Table::Rows(R::TABLE), &key.bytes());
        Ok(())
    }

    /// Updates the entries of a row in `due`, `pending_review`, `name_index` and `member_flag`.
    fn update_row_indexes<R: Entity>(&mut self, key: R::Key, next: Option<&R>) -> Result<(), StorageError> {
        if !R::IS_SCHEDULED && !R::HAS_FLAGS {
            return Ok(());
        }
        let previous: Option<R> = self.queries().get(key)?;
        let (due, review) = (encoding::due_key::<R>, encoding::review_key::<R>);
        self.move_index_entry(Table::Due, previous.as_ref().and_then(due), next.and_then(due));
        self.move_index_entry(
            Table::PendingReview,
            previous.as_ref().and_then(review),
            next.and_then(review),
        );
        let (old, new) = (previous.as_ref().and_then(R::indexed_name), next.and_then(R::indexed_name));
        if old != new {
            let (old, new) = (encoding::name_keys::<R>(key, old), encoding::name_keys::<R>(key, new));
            self.replace_index_entries(Table::NameIndex, &old, &new);
        }
        let (old, new) = (encoding::flag_keys(previous.as_ref()), encoding::flag_keys(next));
        self.replace_index_entries(Table::MemberFlag, &old, &new);
        Ok(())
    }

    fn replace_index_entries(&mut self, table: Table, old: &BTreeSet<Vec<u8>>, new: &BTreeSet<Vec<u8>>) {
        old.difference(new).for_each(|key| self.delete_bytes(table, key));
        new.difference(old).for_each(|key| self.put_bytes(table, key, &[]));
    }

    fn update_counters(&mut self, mid: Mid, update: impl FnOnce(&mut Counters)) -> Result<(), StorageError> {
        let mut counters = self.queries().counters(mid)?.unwrap_or_default();
        update(&mut counters);
        let (key, value) = (encoding::counters_key(mid), encoding::encode_counters(&counters));
        self.put_bytes(Table::Graph, &key, &value);
        Ok(())
    }

    /// Moves an index entry from one key to another. Without a previous key it is inserted, without a next one
    /// removed.
    fn move_index_entry(&mut self, table: Table, previous: Option<Vec<u8>>, next: Option<Vec<u8>>) {
        if previous == next {
            return;
        }
        if let Some(key) = previous {
            self.delete_bytes(table, &key);
        }
        if let Some(key) = next {
            self.put_bytes(table, &key, &[]);
        }
    }

    /// Moves an entry within a list or to another list. Without a previous entry it is inserted, without a next one
    /// removed.
    fn move_list_entry(
        &mut self,
        previous: Option<ListPosition>,
        next: Option<ListPosition>,
    ) -> Result<(), StorageError> {
        if previous == next {
            return Ok(());
        }
        if let Some((list, key)) = previous {
            self.tree_remove(&list, key)?;
        }
        match next {
            Some((list, key)) => self.tree_insert(&list, key, None),
            None => Ok(()),
        }
    }

    /// Updates the lists of an owner's groups that a member joins or leaves.
    fn update_group_lists(
        &mut self,
        owner: Mid,
        member: Mid,
        previous: &[GroupMembership],
        next: &[GroupMembership],
    ) -> Result<(), StorageError> {
        for left in previous.iter().filter(|membership| !next.contains(membership)) {
            let list = encoding::group_members_key(owner, left.tagid);
            self.tree_remove(&list, encoding::key_by_join_seq(*left, member))?;
        }
        for joined in next.iter().filter(|membership| !previous.contains(membership)) {
            let list = encoding::group_members_key(owner, joined.tagid);
            self.tree_insert(&list, encoding::key_by_join_seq(*joined, member), None)?;
        }
        Ok(())
    }

    fn raise_next_mid(&mut self, mid: u64) -> Result<(), StorageError> {
        let next = self.queries().next_mid()?.max(mid);
        self.put_bytes(Table::Meta, encoding::NEXT_MID, &next.to_be_bytes());
        Ok(())
    }

    fn raise_next_tagid(&mut self, tagid: i64) -> Result<(), StorageError> {
        let next = self.queries().next_tagid()?.max(tagid);
        self.put_bytes(Table::Meta, encoding::NEXT_TAGID, &next.to_be_bytes());
        Ok(())
    }

    /// Appends a row to a member's log, behind the other rows of its second.
    fn append_log_row<R: Binary>(
        &mut self,
        table: Table,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<(), StorageError> {
        let prefix = (mid, clamp_secs(time)).bytes();
        let last = self.view().prefix(table, &prefix, Order::Desc)?.next().transpose()?;
        let position = match last {
            Some((key, _)) => {
                encoding::decoded("a log", KeyReader(&key[prefix.len()..]).u32())?.saturating_add(1)
            }
            None => 0,
        };
        let bytes = encoding::encode(row)?;
        self.put_bytes(table, &(mid, clamp_secs(time), position).bytes(), &bytes);
        Ok(())
    }
}

// Nodes are not logged: replay of the tree operations writes them again.
impl NodeRead for EmbeddedTransaction<'_> {
    fn get_node(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError> {
        self.view().get(Table::Graph, key)
    }
}

impl NodeWrite for EmbeddedTransaction<'_> {
    fn put_node(&mut self, key: &[u8], value: &[u8]) {
        self.set(Table::Graph, key, Some(value));
    }

    fn delete_node(&mut self, key: &[u8]) {
        self.set(Table::Graph, key, None);
    }
}
