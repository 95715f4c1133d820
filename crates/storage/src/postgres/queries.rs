//! The reads of the service. Each is one statement, or several in one snapshot.

mod list_page;
mod member_list;
mod news;

pub(super) use list_page::{EntryPage, FAR_OFFSET};

use super::connection::{Connection, Query};
use super::row_reads::OptionalRow;
use super::sql::{counters, entities, groups, logs, members, relations, system};
use super::sql_value::{numbered_rows, transpose};
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

/// Reads on one connection, which other reads may use at the same time.
#[derive(Clone, Copy)]
pub(super) struct Queries<'c> {
    pub(super) connection: &'c Connection,
    /// True if Citus distributes the tables: a statement then reads the data of one member only.
    pub(super) is_distributed: bool,
}

impl Queries<'_> {
    async fn one(&self, text: &str, params: Vec<SqlValue>) -> Result<Option<SqlValues>, StorageError> {
        Ok(self.connection.query(text, params).await?.into_iter().next())
    }

    async fn many<R: SqlRow>(&self, text: &str, params: Vec<SqlValue>) -> Result<Vec<R>, StorageError> {
        read_all(self.connection.query(text, params).await?)
    }

    /// Returns the rows of two queries, in one round trip.
    async fn both(&self, queries: [Query<'_>; 2]) -> Result<[Vec<SqlValues>; 2], StorageError> {
        let mut answers = self.connection.pipeline(None, &queries, None).await?.into_iter();
        Ok([answers.next().unwrap_or_default(), answers.next().unwrap_or_default()])
    }

    /// Returns the row of each key of a table.
    pub(super) async fn rows(
        &self,
        table: Table,
        keys: &[Vec<SqlValue>],
    ) -> Result<Vec<OptionalRow>, StorageError> {
        let statements = entities::of(table);
        if let [key] = keys {
            return Ok(vec![self.one(&statements.get, key.clone()).await?.map(SqlValues::into_remaining)]);
        }
        let rows = self.connection.query(&statements.get_batch, transpose(keys.to_vec())).await?;
        numbered_rows(keys.len(), rows)
    }

    /// Returns up to `limit` rows of a member.
    pub(super) async fn rows_of<R: Entity>(&self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        let mut params = mid.values();
        params.push(limit_value(limit));
        self.many(&entities::of(R::TABLE).of_member, params).await
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
        if self.is_distributed {
            // The members may be on two nodes, which have no common snapshot.
            let [outgoing, incoming] = self
                .both([
                    (&relations::GET, (me, them).values()),
                    (&relations::GET_OF_MEMBER, (them, me).values()),
                ])
                .await?;
            let outgoing = read_all(outgoing)?.pop();
            let Some(mut row) = incoming.into_iter().next() else { return Ok(None) };
            return Ok(Some(RelationPair { outgoing, incoming: SqlRow::read_values(&mut row)? }));
        }
        let Some(mut row) = self.one(&relations::GET_PAIR, (me, them).values()).await? else {
            return Ok(None);
        };
        let (outgoing, incoming) = (SqlRow::read_values(&mut row)?, SqlRow::read_values(&mut row)?);
        Ok(Some(RelationPair { outgoing, incoming }))
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
        let queries =
            [(counters::GET.as_str(), them.values()), (groups::GROUPS_OF_RELATION, (me, them).values())];
        let [target, groups] = self.both(queries).await?;
        if target.is_empty() {
            return Ok(None);
        }
        let named = groups
            .into_iter()
            .map(|mut row| Ok((Tagid::read_values(&mut row)?, SqlRow::read_values(&mut row)?)));
        named.collect::<Result<_, StorageError>>().map(Some)
    }

    pub(super) async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        // The viewer may be on another node. No rule ties their relation to the snapshot of the member's data.
        let (space, relation) = match viewer {
            None => (self.connection.query(&members::SPACE, mid.values()).await?, Vec::new()),
            Some(viewer) => {
                let relation = (relations::GET.as_str(), (viewer, mid).values());
                let [space, relation] = self.both([(&members::SPACE, mid.values()), relation]).await?;
                (space, relation)
            }
        };
        let Some(mut row) = space.into_iter().next() else { return Ok(None) };
        let relation: Option<Relation> = read_all(relation)?.pop();
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
    let key = match (row.next_value(), row.next_value(), row.next_value()) {
        (Some(SqlValue::Int(mid)), _, Some(SqlValue::Int(number))) => {
            (mid.cast_unsigned(), number.cast_unsigned()).bytes()
        }
        (Some(SqlValue::Int(mid)), ..) => mid.cast_unsigned().bytes(),
        (_, Some(SqlValue::Bytes(hash)), _) => hash,
        _ => return Err(StorageError::corrupted("a due row", "it has no key")),
    };
    let table =
        Table::from_number(table).ok_or_else(|| StorageError::corrupted("a due row", "unknown table"))?;
    Ok(DueTask { table, key })
}
