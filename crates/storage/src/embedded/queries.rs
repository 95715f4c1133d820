//! The reads of one snapshot. A snapshot serves one query, and is never held across an await.

mod lists;
mod member_list;
mod news;

use super::counted_btree::CountedBTree;
use super::encoding::{self, Table};
use super::merge_iter::ReadView;
use crate::StorageError;
use crate::counters::{Counters, clamp_secs};
use crate::dump::ImportProgress;
use crate::key::{Key, KeyReader};
use crate::model::{self, AuditRow, Binary, CoinRow, DueTask, Entity, LoginRow, Session};
use crate::store::{DUE_BATCH, Space};
use guanxi_domain::relation::{Relation, RelationKind, RelationPair};
use guanxi_domain::value::MAX_ASSIGNED_ID;
use guanxi_types::{Mid, Order};
use std::ops::Bound;

/// The reads of a snapshot or of a transaction.
#[derive(Clone, Copy)]
pub(super) struct Queries<'t>(pub(super) ReadView<'t>);

impl<'t> Queries<'t> {
    pub(super) fn new(view: ReadView<'t>) -> Queries<'t> {
        Queries(view)
    }

    pub(super) fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError> {
        let bytes = self.0.get(Table::Meta, encoding::IMPORT_PROGRESS)?;
        bytes.map(|bytes| encoding::decode("the progress of an import", bytes)).transpose()
    }

    pub(super) fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.0.all(Table::Graph)?.next().transpose()?.is_none())
    }

    pub(super) fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        let bytes = self.0.get(Table::Rows(R::TABLE), &key.bytes())?;
        bytes.map(|bytes| encoding::decode(R::TABLE.name(), bytes)).transpose()
    }

    pub(super) fn counters(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.0.get(Table::Graph, &encoding::counters_key(mid))?.map(encoding::decode_counters).transpose()
    }

    pub(super) fn relation(&self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        let list = encoding::relations_key(from);
        let value = CountedBTree(&list).get(&self.0, encoding::key_by_mid(to))?;
        value.map(encoding::decode_relation).transpose()
    }

    /// Returns the largest `seq` of a second, in all lists of a member that are ordered by time.
    pub(super) fn last_seq(&self, mid: Mid, time: i64) -> Result<Option<u32>, StorageError> {
        let by_kind = [RelationKind::Whisper, RelationKind::Follow, RelationKind::Block]
            .map(|kind| encoding::relations_by_kind_key(mid, kind));
        let mut last = None;
        for list in by_kind.iter().chain([&encoding::followers_key(mid)]) {
            let found = CountedBTree(list).last_up_to(&self.0, (clamp_secs(time), u32::MAX, u64::MAX))?;
            last = last.max(found.filter(|key| key.0 == clamp_secs(time)).map(|key| key.1));
        }
        Ok(last)
    }

    pub(super) fn relation_pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        if self.counters(them)?.is_none() {
            return Ok(None);
        }
        Ok(Some(RelationPair { outgoing: self.relation(me, them)?, incoming: self.relation(them, me)? }))
    }

    pub(super) fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        let Some(counters) = self.counters(mid)? else { return Ok(None) };
        let relation = viewer.map(|viewer| self.relation(viewer, mid)).transpose()?.flatten();
        let relation = relation.as_ref();
        let (card, profile) = (self.get(mid)?, self.get(mid)?);
        Ok(Some(Space::new(mid, counters, relation, card, profile, self.get(mid)?, self.get(mid)?)))
    }

    pub(super) fn coin_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<CoinRow>, StorageError> {
        self.log_rows(Table::Coin, mid, since)?.take(limit).collect()
    }

    pub(super) fn login_log(
        &self,
        mid: Mid,
        since: i64,
        limit: usize,
    ) -> Result<Vec<LoginRow>, StorageError> {
        self.log_rows(Table::Login, mid, since)?.take(limit).collect()
    }

    pub(super) fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        let first = self.0.prefix(Table::Login, &mid.bytes(), Order::Asc)?.next();
        first.map(|row| encoding::decode("a log", row?.1)).transpose()
    }

    /// The rows of a member's log from a second on, newest first.
    fn log_rows<R: Binary>(
        &self,
        table: Table,
        mid: Mid,
        since: i64,
    ) -> Result<impl Iterator<Item = Result<R, StorageError>>, StorageError> {
        let from = (mid, clamp_secs(since)).bytes();
        let rows = self.0.prefix(table, &mid.bytes(), Order::Desc)?;
        let recent =
            rows.take_while(move |row| row.as_ref().map_or(true, |(key, _)| *key >= from.as_slice()));
        Ok(recent.map(|row| encoding::decode("a log", row?.1)))
    }

    /// The number of rows of a member's log in one second that equal `row`.
    pub(super) fn count_equal_log_rows<R: Binary + PartialEq>(
        &self,
        table: Table,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<usize, StorageError> {
        let mut equal = 0;
        for entry in self.0.prefix(table, &(mid, clamp_secs(time)).bytes(), Order::Asc)? {
            equal += usize::from(encoding::decode::<R>("a log", entry?.1)? == *row);
        }
        Ok(equal)
    }

    pub(super) fn due_tasks(&self, now: i64, tables: &[model::Table]) -> Result<Vec<DueTask>, StorageError> {
        let mut due: Vec<(u32, DueTask)> = Vec::new();
        for &table in tables {
            let (from, end) = ([table as u8], encoding::index_prefix(table, now.saturating_add(1)));
            let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(end.as_slice()));
            for entry in self.0.range(Table::Due, bounds, Order::Asc)?.take(DUE_BATCH) {
                let mut reader = KeyReader(&entry?.0[1..]);
                let since = encoding::decoded("a due entry", reader.u32())?;
                due.push((since, DueTask { table, key: reader.0.to_vec() }));
            }
        }
        due.sort_by_key(|(since, _)| *since);
        Ok(due.into_iter().map(|(_, due)| due).take(DUE_BATCH).collect())
    }

    pub(super) fn pending_reviews<R: Entity>(
        &self,
        since: i64,
        limit: usize,
    ) -> Result<Vec<R>, StorageError> {
        let (from, end) = (encoding::index_prefix(R::TABLE, since), [R::TABLE as u8 + 1]);
        let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(end.as_slice()));
        let rows = self.0.range(Table::PendingReview, bounds, Order::Asc)?.take(limit).map(|entry| {
            let key = entry?.0.get(from.len()..).unwrap_or_default();
            let bytes = self.0.get(Table::Rows(R::TABLE), key)?;
            bytes.map(|bytes| encoding::decode(R::TABLE.name(), bytes)).transpose()
        });
        rows.filter_map(Result::transpose).collect()
    }

    pub(super) fn all<R: Entity>(&self) -> Result<Vec<R>, StorageError> {
        let rows = self.0.all(Table::Rows(R::TABLE))?;
        rows.map(|row| encoding::decode(R::TABLE.name(), row?.1)).collect()
    }

    /// Returns up to `limit` rows of a member.
    pub(super) fn rows_of<R: Entity>(&self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        let rows = self.0.prefix(Table::Rows(R::TABLE), &mid.bytes(), Order::Asc)?.take(limit);
        rows.map(|row| encoding::decode(R::TABLE.name(), row?.1)).collect()
    }

    pub(super) fn audit_log(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRow>, StorageError> {
        let end = before.map(Key::bytes);
        let bounds = (Bound::Unbounded, end.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
        let rows = self.0.range(Table::Rows(AuditRow::TABLE), bounds, Order::Desc)?;
        rows.take(limit).map(|row| encoding::decode(AuditRow::TABLE.name(), row?.1)).collect()
    }

    /// Returns the least mid that was never assigned. Mids above [`MAX_ASSIGNED_ID`] are not considered.
    pub(super) fn next_mid(&self) -> Result<u64, StorageError> {
        let parse = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        let stored = self.0.get(Table::Meta, encoding::NEXT_MID)?;
        let stored = stored.map_or(Ok(1), |bytes| encoding::decoded("the next mid", parse(bytes)))?;
        let end = (MAX_ASSIGNED_ID + 1).bytes();
        let bounds = (Bound::Unbounded, Bound::Excluded(end.as_slice()));
        let last = self.0.range(Table::Graph, bounds, Order::Desc)?.next().transpose()?;
        let last =
            last.map_or(Ok(0), |(key, _)| encoding::decoded("a member", key.get(..8).and_then(parse)))?;
        Ok(stored.max(last + 1))
    }

    /// Returns the least tagid that was never assigned.
    pub(super) fn next_tagid(&self) -> Result<i64, StorageError> {
        let next = self.0.get(Table::Meta, encoding::NEXT_TAGID)?;
        let parse = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_be_bytes);
        next.map_or(Ok(1), |bytes| encoding::decoded("the next tagid", parse(bytes)))
    }

    pub(super) fn members_after(&self, after: Option<Mid>, limit: usize) -> Result<Vec<Mid>, StorageError> {
        let mut members = Vec::new();
        let mut next = after.map_or(0, Mid::get) + 1;
        while members.len() < limit {
            let from = next.bytes();
            let bounds = (Bound::Included(from.as_slice()), Bound::Unbounded);
            let Some(entry) = self.0.range(Table::Graph, bounds, Order::Asc)?.next() else { break };
            let member = encoding::decoded("a member", KeyReader(entry?.0).mid())?;
            members.push(member);
            next = member.get() + 1;
        }
        Ok(members)
    }

    /// Returns up to `limit` keys of a member in a table.
    pub(super) fn member_keys(
        &self,
        table: Table,
        mid: Mid,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        let keys = self.0.prefix(table, &mid.bytes(), Order::Asc)?;
        keys.take(limit).map(|entry| Ok(entry?.0.to_vec())).collect()
    }

    pub(super) fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        let prefix = mid.bytes();
        let mut sessions = Vec::new();
        for entry in self.0.prefix(Table::MemberSession, &prefix, Order::Asc)? {
            let hash = encoding::decoded("a session", entry?.0[prefix.len()..].try_into().ok())?;
            sessions.extend(self.get::<Session>(hash)?);
        }
        Ok(sessions)
    }
}
