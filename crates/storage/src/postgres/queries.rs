//! The reads of the service. Each is one statement, or several in one snapshot.

mod list_page;

use super::connection::{Connection, Query};
use super::sql::{counters, entities, groups, logs, members, relations, system};
use super::transaction::limit_value;
use crate::StorageError;
use crate::counters::Counters;
use crate::dump::ImportProgress;
use crate::key::Key;
use crate::model::{
    AuditRow, CoinRow, DueTask, Entity, Group, LoginRow, Session, SqlRow, SqlValue, SqlValues, Table,
    TokenHash,
};
use crate::store::{DUE_BATCH, Groups, JoinedGroups, Space};
use guanxi_domain::relation::{Relation, RelationPair};
use guanxi_types::{Mid, Tagid};

/// Reads on one connection.
pub(super) struct Queries<'c> {
    pub(super) connection: &'c Connection,
}

impl Queries<'_> {
    async fn one(&self, text: &str, params: Vec<SqlValue>) -> Result<Option<SqlValues>, StorageError> {
        Ok(self.connection.query(text, params).await?.into_iter().next())
    }

    async fn many<R: SqlRow>(&self, text: &str, params: Vec<SqlValue>) -> Result<Vec<R>, StorageError> {
        read_all(self.connection.query(text, params).await?)
    }

    /// Returns the rows of several queries on one snapshot.
    async fn snapshot(&self, queries: &[Query<'_>]) -> Result<Vec<Vec<SqlValues>>, StorageError> {
        Ok(self.connection.pipeline(Some(system::BEGIN_SNAPSHOT), queries, Some(system::COMMIT)).await?)
    }

    pub(super) async fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        let row = self.one(&entities::of(R::TABLE).get, key.values()).await?;
        row.map(|mut row| R::read_values(&mut row)).transpose()
    }

    pub(super) async fn counters(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        let row = self.one(&counters::GET, mid.values()).await?;
        row.map(|mut row| Counters::read_values(&mut row)).transpose()
    }

    pub(super) async fn relation_pair(
        &self,
        me: Mid,
        them: Mid,
    ) -> Result<Option<RelationPair>, StorageError> {
        let queries: [Query<'_>; 2] =
            [(&relations::GET, (me, them).values()), (&relations::GET_OF_MEMBER, (them, me).values())];
        let mut answers = self.snapshot(&queries).await?.into_iter().map(|rows| rows.into_iter().next());
        let outgoing = answers.next().flatten().map(|mut row| Relation::read_values(&mut row)).transpose()?;
        let Some(mut incoming) = answers.next().flatten() else { return Ok(None) };
        Ok(Some(RelationPair { outgoing, incoming: SqlRow::read_values(&mut incoming)? }))
    }

    pub(super) async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        let mut groups = Groups::default();
        for mut row in self.connection.query(&groups::GROUPS_WITH_SIZES, owner.values()).await? {
            (groups.special, groups.default) = (u32::read_values(&mut row)?, u32::read_values(&mut row)?);
            let size = u32::read_values(&mut row)?;
            groups.own.extend(Option::<Group>::read_values(&mut row)?.map(|group| (group, size)));
        }
        Ok(groups)
    }

    pub(super) async fn groups_containing(
        &self,
        me: Mid,
        them: Mid,
    ) -> Result<Option<JoinedGroups>, StorageError> {
        let queries: [Query<'_>; 2] =
            [(counters::GET.as_str(), them.values()), (groups::GROUPS_OF_RELATION, (me, them).values())];
        let mut answers = self.snapshot(&queries).await?;
        let (groups, target) = (answers.pop().unwrap_or_default(), answers.pop().unwrap_or_default());
        if target.is_empty() {
            return Ok(None);
        }
        let named = groups
            .into_iter()
            .map(|mut row| Ok((Tagid::read_values(&mut row)?, SqlRow::read_values(&mut row)?)));
        named.collect::<Result<_, StorageError>>().map(Some)
    }

    pub(super) async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        let (space, relation) = match viewer {
            None => (self.one(&members::SPACE, mid.values()).await?, None),
            Some(viewer) => {
                let queries: [Query<'_>; 2] =
                    [(&members::SPACE, mid.values()), (&relations::GET, (viewer, mid).values())];
                let mut answers =
                    self.snapshot(&queries).await?.into_iter().map(|rows| rows.into_iter().next());
                (answers.next().flatten(), answers.next().flatten())
            }
        };
        let Some(mut row) = space else { return Ok(None) };
        let relation = relation.map(|mut row| Relation::read_values(&mut row)).transpose()?;
        let counters = Counters::read_values(&mut row)?;
        let (card, profile) = (Option::read_values(&mut row)?, Option::read_values(&mut row)?);
        let (experience, upstat) = (Option::read_values(&mut row)?, Option::read_values(&mut row)?);
        Ok(Some(Space::new(mid, counters, relation.as_ref(), card, profile, experience, upstat)))
    }

    pub(super) async fn coin_log(
        &self,
        mid: Mid,
        since: i64,
        limit: usize,
    ) -> Result<Vec<CoinRow>, StorageError> {
        self.many(&logs::COINS, log_params(mid, since, limit)).await
    }

    pub(super) async fn login_log(
        &self,
        mid: Mid,
        since: i64,
        limit: usize,
    ) -> Result<Vec<LoginRow>, StorageError> {
        self.many(&logs::LOGINS, log_params(mid, since, limit)).await
    }

    pub(super) async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        Ok(self.many(&logs::FIRST_LOGIN, mid.values()).await?.pop())
    }

    pub(super) async fn due_tasks(&self, now: i64, tables: &[Table]) -> Result<Vec<DueTask>, StorageError> {
        let tables = SqlValue::Ints(tables.iter().map(|table| *table as i64).collect());
        let params = vec![SqlValue::Int(now), limit_value(DUE_BATCH), tables];
        let rows = self.connection.query(&entities::DUE_ROWS, params).await?;
        rows.into_iter().map(read_due).collect()
    }

    pub(super) async fn pending_reviews<R: Entity>(
        &self,
        since: i64,
        limit: usize,
    ) -> Result<Vec<R>, StorageError> {
        let params = vec![SqlValue::Int(since), limit_value(limit)];
        self.many(&entities::of(R::TABLE).reviewable, params).await
    }

    pub(super) async fn all<R: Entity>(&self) -> Result<Vec<R>, StorageError> {
        self.many(&entities::of(R::TABLE).all, Vec::new()).await
    }

    pub(super) async fn audit_log(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        self.many(&logs::AUDIT_LOG, vec![SqlValue::Int(before), limit_value(limit)]).await
    }

    pub(super) async fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.one(counters::ANY_MEMBER, Vec::new()).await?.is_none())
    }

    pub(super) async fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError> {
        let row = self.one(system::IMPORT_PROGRESS, Vec::new()).await?;
        row.map(|mut row| {
            Ok(ImportProgress { rows: u64::read_values(&mut row)?, digest: SqlRow::read_values(&mut row)? })
        })
        .transpose()
    }

    pub(super) async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        let hashes: Vec<TokenHash> = self.many(members::MEMBER_SESSIONS, mid.values()).await?;
        let get = entities::of(Session::TABLE).get.as_str();
        let queries: Vec<Query<'_>> = hashes.iter().map(|hash| (get, hash.values())).collect();
        read_all(self.connection.pipeline(None, &queries, None).await?.into_iter().flatten().collect())
    }
}

fn log_params(mid: Mid, since: i64, limit: usize) -> Vec<SqlValue> {
    vec![SqlValue::Int(mid.get().cast_signed()), SqlValue::Int(since), limit_value(limit)]
}

fn read_all<R: SqlRow>(rows: Vec<SqlValues>) -> Result<Vec<R>, StorageError> {
    rows.into_iter().map(|mut row| R::read_values(&mut row)).collect()
}

fn read_due(mut row: SqlValues) -> Result<DueTask, StorageError> {
    let (_, table) = (i64::read_values(&mut row)?, u8::read_values(&mut row)?);
    let key = match (row.next_value(), row.next_value()) {
        (Some(SqlValue::Int(mid)), _) => mid.cast_unsigned().bytes(),
        (_, Some(SqlValue::Bytes(hash))) => hash,
        _ => return Err(StorageError::corrupted("a due row", "it has no key")),
    };
    let table =
        Table::from_number(table).ok_or_else(|| StorageError::corrupted("a due row", "unknown table"))?;
    Ok(DueTask { table, key })
}
