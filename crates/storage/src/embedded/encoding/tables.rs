//! The tables of LMDB.

use super::checksum::{verified, with_checksum};
use crate::{StorageError, model};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, PutFlags, RoRange, RoRevRange, RoTxn, RwTxn, WithoutTls};
use std::io;
use std::ops::Bound;

type Db = Database<'static, Bytes, Bytes>;
type Bounds<'b> = (Bound<&'b [u8]>, Bound<&'b [u8]>);

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Table {
    /// The rows of one entity.
    Rows(model::Table),
    Graph,
    Coin,
    Login,
    Due,
    PendingReview,
    MemberSession,
    Meta,
    NameIndex,
    MemberFlag,
}

impl Table {
    /// The tables that hold no entities.
    const WITHOUT_ENTITIES: [Table; 9] = [
        Table::Graph,
        Table::Coin,
        Table::Login,
        Table::Due,
        Table::PendingReview,
        Table::MemberSession,
        Table::Meta,
        Table::NameIndex,
        Table::MemberFlag,
    ];

    pub(in super::super) const COUNT: usize = model::Table::ALL.len() + Table::WITHOUT_ENTITIES.len();

    /// All tables, in the order of [`Table::index`].
    pub(in super::super) fn all() -> impl Iterator<Item = Table> {
        Table::WITHOUT_ENTITIES.into_iter().chain(model::Table::ALL.iter().map(|table| Table::Rows(*table)))
    }

    /// The number of a table, also in the WAL. Tables of entities come last, so that a new one changes no other
    /// number.
    pub(in super::super) fn index(self) -> usize {
        match self {
            Table::Graph => 0,
            Table::Coin => 1,
            Table::Login => 2,
            Table::Due => 3,
            Table::PendingReview => 4,
            Table::MemberSession => 5,
            Table::Meta => 6,
            Table::NameIndex => 7,
            Table::MemberFlag => 8,
            Table::Rows(table) => Table::WITHOUT_ENTITIES.len() + table as usize,
        }
    }

    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Table::Rows(table) => table.name(),
            Table::Graph => "graph",
            Table::Coin => "coin",
            Table::Login => "login",
            Table::Due => "due",
            Table::PendingReview => "pending_review",
            Table::MemberSession => "member_session",
            Table::Meta => "meta",
            Table::NameIndex => "name_index",
            Table::MemberFlag => "member_flag",
        }
    }
}

/// All tables, open.
#[derive(Clone, Debug)]
pub(in super::super) struct Tables([Db; Table::COUNT]);

impl Tables {
    #[expect(clippy::cast_possible_truncation, reason = "there are some thirty")]
    pub(in super::super) const COUNT: u32 = Table::COUNT as u32;

    /// Opens all tables. Creates those that are missing.
    pub(in super::super) fn open(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let created = env.create_databases_and_commit(env.write_txn()?, |opener, txn| {
            let dbs = Table::all().map(|table| opener.create_database(txn, Some(table.name())));
            let dbs: Vec<_> = dbs.collect::<heed::Result<_>>()?;
            let dbs: [_; Table::COUNT] = dbs.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(dbs))
        })?;
        Ok(Tables(created.unwrap_commit()))
    }

    /// Opens all tables. Fails if one is missing.
    pub(in super::super) fn open_read_only(env: &Env<WithoutTls>) -> heed::Result<Tables> {
        let found = env.open_databases_and_commit(env.read_txn()?, |opener, txn| {
            let open = |name| opener.open_database(txn, Some(name))?.ok_or_else(|| missing(name));
            let dbs = Table::all().map(|table| open(table.name()));
            let dbs: Vec<_> = dbs.collect::<heed::Result<_>>()?;
            let dbs: [_; Table::COUNT] = dbs.try_into().expect("one for each table");
            heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(dbs))
        })?;
        Ok(Tables(found.unwrap_commit()))
    }

    fn db(&self, table: Table) -> &Db {
        &self.0[table.index()]
    }

    /// Returns the value of a key. Fails if it differs from its checksum.
    pub(in super::super) fn get<'t>(
        &self,
        txn: &'t RoTxn<'_>,
        table: Table,
        key: &[u8],
    ) -> Result<Option<&'t [u8]>, StorageError> {
        let stored = self.db(table).get(txn, key)?;
        stored.map(|stored| verified(table, key, stored)).transpose()
    }

    /// Iterates over the keys between two bounds with their stored values, which the caller must verify.
    pub(in super::super) fn range<'t>(
        &self,
        txn: &'t RoTxn<'_>,
        table: Table,
        bounds: &Bounds<'_>,
    ) -> heed::Result<RoRange<'t, Bytes, Bytes>> {
        self.db(table).range(txn, bounds)
    }

    /// Iterates like [`Tables::range`], in descending order.
    pub(in super::super) fn rev_range<'t>(
        &self,
        txn: &'t RoTxn<'_>,
        table: Table,
        bounds: &Bounds<'_>,
    ) -> heed::Result<RoRevRange<'t, Bytes, Bytes>> {
        self.db(table).rev_range(txn, bounds)
    }

    /// Stores a value with its checksum.
    pub(in super::super) fn put(
        &self,
        txn: &mut RwTxn<'_>,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> heed::Result<()> {
        self.db(table).put(txn, key, &with_checksum(key, value))
    }

    /// Stores the value of a key that is greater than all others of its table.
    pub(in super::super) fn append(
        &self,
        txn: &mut RwTxn<'_>,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> heed::Result<()> {
        self.db(table).put_with_flags(txn, PutFlags::APPEND, key, &with_checksum(key, value))
    }

    pub(in super::super) fn delete(&self, txn: &mut RwTxn<'_>, table: Table, key: &[u8]) -> heed::Result<()> {
        self.db(table).delete(txn, key).map(drop)
    }
}

fn missing(name: &str) -> heed::Error {
    heed::Error::Io(io::Error::new(io::ErrorKind::NotFound, format!("table {name} is missing")))
}
