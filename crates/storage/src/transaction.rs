//! The transaction that commands are written against: typed reads of one snapshot, and writes that commit
//! together or not at all.
//!
//! The futures of the embedded engine are always ready.

use crate::StorageError;
use crate::counters::Counters;
use crate::dump::ImportProgress;
use crate::model::{AuditRow, CoinRow, Entity, Group, LoginRow, Session};
use guanxi_domain::news::NewsLimits;
use guanxi_domain::relation::{Relation, RelationPair};
use guanxi_types::{Mid, Tagid};

/// Returns the mid of an allocated number. Error if the numbers are exhausted.
pub(crate) fn allocated_mid(number: u64) -> Result<Mid, StorageError> {
    Mid::new(number).ok_or_else(|| StorageError::engine("mid allocation failed: no mid is free"))
}

/// A transaction of an engine.
pub trait Transaction: Send {
    /// Returns the bounds of the stored news of a member.
    fn news_limits(&self) -> NewsLimits;

    /// Returns the row of a key.
    fn get<R: Entity>(&mut self, key: R::Key)
    -> impl Future<Output = Result<Option<R>, StorageError>> + Send;

    /// Returns up to `limit` rows of a member, in the order of their keys.
    fn rows_of<R: Entity>(
        &mut self,
        mid: Mid,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Inserts or replaces a row under its key. Entities with a method of their own below must be written by
    /// that method.
    fn put<R: Entity>(&mut self, row: &R) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Deletes the row of a key.
    fn delete<R: Entity>(&mut self, key: R::Key) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the counters of a member, or `None` if there is no such member.
    fn counters(&mut self, mid: Mid) -> impl Future<Output = Result<Option<Counters>, StorageError>> + Send;

    /// Creates a member with all counters 0. Has no effect on a member who exists.
    fn create_member(&mut self, mid: Mid) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the relations between two members, in both directions.
    fn relation_pair(
        &mut self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<RelationPair, StorageError>> + Send;

    /// Returns the relation from one member to another.
    fn relation(
        &mut self,
        from: Mid,
        to: Mid,
    ) -> impl Future<Output = Result<Option<Relation>, StorageError>> + Send;

    /// Returns the largest `seq` among the relations in a member's lists that began in a second: outgoing
    /// relations and incoming follows. It reads the lists, so it is only needed if [`Counters::next_seq`]
    /// returns `None`.
    fn last_seq(
        &mut self,
        mid: Mid,
        time: i64,
    ) -> impl Future<Output = Result<Option<u32>, StorageError>> + Send;

    /// Replaces the relation from one member to another, in every list and counter. `old` must be the stored
    /// relation, as returned by [`Transaction::relation`].
    fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        old: Option<&Relation>,
        new: Option<&Relation>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Stores the progress of an import, or clears it when the import is complete.
    fn set_import_progress(
        &mut self,
        progress: Option<ImportProgress>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Raises the next mid and the next tagid to allocate. Neither ever decreases.
    fn set_next(&mut self, mid: u64, tagid: i64) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Sets the versions of a member's two lists. Only imports call it, since every changed relation advances them.
    fn set_versions(
        &mut self,
        mid: Mid,
        followers: u32,
        followings: u32,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the groups that a member created, in the order of their tagids.
    fn groups(&mut self, owner: Mid) -> impl Future<Output = Result<Vec<Group>, StorageError>> + Send;

    /// Returns the members in a group, in the order in which they joined.
    fn group_members(
        &mut self,
        owner: Mid,
        tagid: Tagid,
    ) -> impl Future<Output = Result<Vec<Mid>, StorageError>> + Send;

    /// Allocates a tagid that was never used before (D21).
    fn allocate_tagid(&mut self) -> impl Future<Output = Result<Tagid, StorageError>> + Send;

    /// Inserts or replaces a group, and excludes its tagid from allocation.
    fn put_group(&mut self, group: &Group) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Appends to a member's coin log, and updates the balance.
    fn append_coin_entry(&mut self, row: &CoinRow) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the number of entries in the member's coin log that equal a row.
    fn count_coin_entries(
        &mut self,
        row: &CoinRow,
    ) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// Appends to a member's login log.
    fn append_login(&mut self, row: &LoginRow) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the number of entries in the member's login log that equal a row.
    fn count_login_entries(
        &mut self,
        row: &LoginRow,
    ) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// Inserts or replaces a session.
    fn put_session(&mut self, session: &Session) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Deletes a session.
    fn delete_session(&mut self, session: &Session) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns the sessions of a member.
    fn sessions(&mut self, mid: Mid) -> impl Future<Output = Result<Vec<Session>, StorageError>> + Send;

    /// Allocates the next mid: one more than the largest assigned mid up to
    /// [`MAX_ASSIGNED_ID`](guanxi_domain::value::MAX_ASSIGNED_ID).
    fn allocate_mid(&mut self) -> impl Future<Output = Result<Mid, StorageError>> + Send;

    /// Writes a record without effect, so that the commit has to become durable as any other.
    fn write_probe(&mut self) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Returns up to `limit` members after a mid, in the order of their mids. `None` starts with the first member.
    fn members_after(
        &mut self,
        after: Option<Mid>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Mid>, StorageError>> + Send;

    /// Returns up to `limit` relations from and to a member, as (owner, target).
    fn relations_batch(
        &mut self,
        mid: Mid,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(Mid, Mid)>, StorageError>> + Send;

    /// Deletes up to `limit` rows of a member who has no relations and no sessions, and returns their number.
    /// If no other row is left, the member is deleted too, and the number is less than `limit`.
    fn delete_rows_batch(
        &mut self,
        mid: Mid,
        limit: usize,
    ) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// Returns all rows of a table. Only for small tables.
    fn all<R: Entity>(&mut self) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Appends to the audit log under the next sequence number. [`Transaction::put`] writes an entry under its
    /// own number.
    fn append_audit(&mut self, row: AuditRow) -> impl Future<Output = Result<(), StorageError>> + Send;
}
