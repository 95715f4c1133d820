//! What a command sees of an engine: typed loads as of its transaction, and puts that become durable with it or not at all.
//!
//! An engine that never waits answers with futures that are ready.

use crate::StorageError;
use crate::dump::Progress;
use crate::row::{AuditRow, CoinRow, Group, LoginRow, Record, Session};
use crate::stat::Counters;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::Relation;
use guanxi_types::{Mid, Tagid};

/// A transaction.
pub trait Transaction: Send {
    /// The row of that key.
    fn get<R: Record>(&mut self, key: R::Key)
    -> impl Future<Output = Result<Option<R>, StorageError>> + Send;

    /// Keeps a row under its key, in place of what was there. Rows with a method of their own below are kept by that.
    fn put<R: Record>(&mut self, row: &R) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Forgets the row of that key.
    fn delete<R: Record>(&mut self, key: R::Key) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A member's counters; none if there is no such member.
    fn counters(&mut self, mid: Mid) -> impl Future<Output = Result<Option<Counters>, StorageError>> + Send;

    /// Makes a member: all their counters are 0. Nothing happens to one who exists.
    fn create_member(&mut self, mid: Mid) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Both ties between two members.
    fn relation_pair(
        &mut self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<RelationPair, StorageError>> + Send;

    /// A tie.
    fn relation(
        &mut self,
        from: Mid,
        to: Mid,
    ) -> impl Future<Output = Result<Option<Relation>, StorageError>> + Send;

    /// The largest `seq` among the ties of a member's lists that began in a second: their own, and the follows that come to
    /// them. It reads the lists, so it is for what [`Stat::next_seq`] does not know.
    fn last_seq(
        &mut self,
        mid: Mid,
        second: i64,
    ) -> impl Future<Output = Result<Option<u32>, StorageError>> + Send;

    /// Makes a tie of two members what it is next, in every list and counter. `was` is what [`tie`](Txn::tie) tells.
    fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        was: Option<&Relation>,
        next: Option<&Relation>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Notes how far a load of a community came, or that it is whole.
    fn set_loading(
        &mut self,
        progress: Option<Progress>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Raises the least mid and the least tagid to give next. Neither is ever lowered.
    fn set_next(&mut self, mid: u64, tagid: i64) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Sets the versions of a member's two lists: for imports alone, as every tie put moves them on.
    fn set_versions(
        &mut self,
        mid: Mid,
        fans: u32,
        followings: u32,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A member's own groups, by tagid.
    fn groups(&mut self, owner: Mid) -> impl Future<Output = Result<Vec<Group>, StorageError>> + Send;

    /// Who is in a group of theirs, in the order they joined it.
    fn grouped(
        &mut self,
        owner: Mid,
        tagid: Tagid,
    ) -> impl Future<Output = Result<Vec<Mid>, StorageError>> + Send;

    /// A tagid that was never given before (D21).
    fn new_tagid(&mut self) -> impl Future<Output = Result<Tagid, StorageError>> + Send;

    /// Keeps a group, and its tagid from being given again.
    fn put_group(&mut self, group: &Group) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Adds to a member's coin log, and to their balance.
    fn append_coin_entry(&mut self, row: &CoinRow) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// How many entries of its member's coin log equal a row.
    fn coin_entries(&mut self, row: &CoinRow) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// Adds to a member's login log.
    fn put_login(&mut self, row: &LoginRow) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// How many entries of its member's login log equal a row.
    fn login_entries(&mut self, row: &LoginRow) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// Keeps a session.
    fn put_session(&mut self, session: &Session) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Forgets a session.
    fn drop_session(&mut self, session: &Session) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// A member's sessions.
    fn sessions(&mut self, mid: Mid) -> impl Future<Output = Result<Vec<Session>, StorageError>> + Send;

    /// The counter of mids: one more than the largest that was given, of those up to
    /// [`LARGEST_COUNTED`](guanxi_domain::value::LARGEST_COUNTED).
    fn new_mid(&mut self) -> impl Future<Output = Result<Mid, StorageError>> + Send;

    /// Writes something that changes nothing, so that the commit has to be made durable as any other.
    fn touch(&mut self) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// The next members by mid, at most so many; from the first if `after` is none.
    fn members_after(
        &mut self,
        after: Option<Mid>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Mid>, StorageError>> + Send;

    /// Some of the ties from and to a member, as (whose, to whom).
    fn relations_batch(
        &mut self,
        mid: Mid,
        most: usize,
    ) -> impl Future<Output = Result<Vec<(Mid, Mid)>, StorageError>> + Send;

    /// Takes away at most so many rows of a member who has no ties and no sessions; tells how many it took. When nothing
    /// else is left, the member themselves go: then it is less than `most`.
    fn delete_rows_batch(
        &mut self,
        mid: Mid,
        most: usize,
    ) -> impl Future<Output = Result<usize, StorageError>> + Send;

    /// All rows of a small table.
    fn all<R: Record>(&mut self) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Adds to the operators' log, under the next number. [`put`](Txn::put) keeps one under the number that it has.
    fn put_audit(&mut self, row: AuditRow) -> impl Future<Output = Result<(), StorageError>> + Send;
}
