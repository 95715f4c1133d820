//! Exporter of the community on one snapshot, in the order of a dump.

use super::PostgresStore;
use super::connection::Connection;
use super::sql::{counters, entities, logs, relations, system};
use crate::counters::Counters;
use crate::model::{
    Account, AuditRow, BioReview, Card, CoinRow, Entity, EventIdWatermark, EventRow, Experience, Factors,
    Group, Leaving, LoginRow, MemberNote, Message, NameReview, NewsRow, NextIds, Password, PendingDeletion,
    Picture, Privacy, Profile, Question, Realname, RelationRow, Remark, RewardRow, SqlRow, SqlValue,
    SqlValues, Tombstone, Upstat,
};
use crate::store::{EXPORT_BATCH, is_full_batch};
use crate::{Row, StorageError};
use futures_util::StreamExt;
use guanxi_types::Mid;
use std::collections::HashSet;
use tokio::sync::mpsc::Sender;

/// Sends all rows. Stops without an error when the receiver is dropped.
pub(super) async fn export(store: &PostgresStore, out: &Sender<Vec<Row>>) -> Result<(), StorageError> {
    let scan = store.begin_scan().await?;
    let batch = Vec::with_capacity(EXPORT_BATCH);
    let mut exporter = Exporter { connection: scan.connection(), being_deleted: HashSet::new(), batch, out };
    let sent = tokio::select! {
        sent = scan.run(exporter.send_all()) => sent,
        () = out.closed() => Err(ExportEnd::ReceiverClosed),
    };
    match sent {
        Ok(()) => scan.commit().await,
        Err(ExportEnd::ReceiverClosed) => Ok(()),
        Err(ExportEnd::Storage(error)) => Err(error),
    }
}

/// The reason for an early end of an export.
enum ExportEnd {
    ReceiverClosed,
    Storage(StorageError),
}

impl From<StorageError> for ExportEnd {
    fn from(error: StorageError) -> ExportEnd {
        ExportEnd::Storage(error)
    }
}

struct Exporter<'e> {
    connection: &'e Connection,
    /// Members whose deletion is pending. Their rows, and relations to them, are left out.
    being_deleted: HashSet<Mid>,
    batch: Vec<Row>,
    out: &'e Sender<Vec<Row>>,
}

impl Exporter<'_> {
    async fn send_all(&mut self) -> Result<(), ExportEnd> {
        let pending = &entities::of(PendingDeletion::TABLE).all;
        for mut row in self.connection.query(pending, Vec::new()).await? {
            self.being_deleted.insert(PendingDeletion::read_values(&mut row)?.mid);
        }
        self.send_entities(|row: Card| (Some(row.mid), Row::Card(Box::new(row)))).await?;
        self.send_entities(|row: Profile| (Some(row.mid), Row::Profile(Box::new(row)))).await?;
        self.send_entities(|row: Account| (Some(row.mid), Row::Account(Box::new(row)))).await?;
        self.send_entities(|row: Password| (Some(row.mid), Row::Password(row))).await?;
        self.send_entities(|row: Question| (Some(row.mid), Row::Question(row))).await?;
        self.send_entities(|row: Factors| (Some(row.mid), Row::Factors(row))).await?;
        self.send_entities(|row: Realname| (Some(row.mid), Row::Realname(row))).await?;
        self.send_entities(|row: Upstat| (Some(row.mid), Row::Upstat(row))).await?;
        self.send_entities(|row: Experience| (Some(row.mid), Row::Experience(row))).await?;
        self.send_entities(|row: Group| (Some(row.mid), Row::Group(row))).await?;
        self.send_rows(&relations::ALL, |row| {
            let (from, to) = (Mid::read_values(row)?, Mid::read_values(row)?);
            Ok((
                [Some(from), Some(to)],
                Row::Relation(RelationRow { from, to, relation: SqlRow::read_values(row)? }),
            ))
        })
        .await?;
        self.send_rows(&entities::of(Remark::TABLE).all, |row| {
            let row = Remark::read_values(row)?;
            Ok(([Some(row.mid), Some(row.fid)], Row::Remark(row)))
        })
        .await?;
        self.send_rows(&counters::ALL, |row| {
            let (mid, counters) = (Mid::read_values(row)?, Counters::read_values(row)?);
            Ok(([Some(mid), None], Row::Versions(counters.versions(mid))))
        })
        .await?;
        self.send_rows(&logs::ALL_COINS, |row| {
            let row = CoinRow::read_values(row)?;
            Ok(([Some(row.mid), None], Row::Coin(row)))
        })
        .await?;
        self.send_entities(|row: RewardRow| (Some(row.mid), Row::Reward(row))).await?;
        self.send_rows(&logs::ALL_LOGINS, |row| {
            let row = LoginRow::read_values(row)?;
            Ok(([Some(row.mid), None], Row::Login(row)))
        })
        .await?;
        self.send_entities(|row: BioReview| (Some(row.mid), Row::BioReview(row))).await?;
        self.send_entities(|row: NameReview| (Some(row.mid), Row::NameReview(row))).await?;
        self.send_entities(|row: Privacy| (Some(row.mid), Row::Privacy(row))).await?;
        self.send_entities(|row: Leaving| (Some(row.mid), Row::Leaving(row))).await?;
        self.send_entities(|row: Picture| (Some(row.mid), Row::Picture(row))).await?;
        self.send_entities(|row: NewsRow| (Some(row.mid), Row::News(row))).await?;
        self.send_entities(|row: MemberNote| (Some(row.mid), Row::MemberNote(row))).await?;
        self.send_entities(|row: Message| (Some(row.mid), Row::Message(row))).await?;
        self.send_entities(|row: EventRow| (None, Row::Event(row))).await?;
        self.send_entities(|row: EventIdWatermark| (None, Row::EventIdWatermark(row))).await?;
        self.send_entities(|row: AuditRow| (None, Row::Audit(row))).await?;
        // A member that is being deleted here counts as deleted where the dump is imported.
        self.send_entities(|row: Tombstone| (None, Row::Tombstone(row))).await?;
        let mid = self.next_id("mid").await?.cast_unsigned();
        let next = NextIds { mid, tagid: self.next_id("tagid").await? };
        self.send(Row::Next(next)).await?;
        self.flush().await
    }

    /// Sends the rows of a table. `to_row` returns the owner of a row too.
    async fn send_entities<R: Entity>(
        &mut self,
        to_row: impl Fn(R) -> (Option<Mid>, Row),
    ) -> Result<(), ExportEnd> {
        self.send_rows(&entities::of(R::TABLE).all, |row| {
            let (mid, row) = to_row(R::read_values(row)?);
            Ok(([mid, None], row))
        })
        .await
    }

    /// Sends the rows of a query, without those of members that are being deleted. `read` returns the members of a
    /// row too.
    async fn send_rows(
        &mut self,
        text: &str,
        read: impl Fn(&mut SqlValues) -> Result<([Option<Mid>; 2], Row), StorageError>,
    ) -> Result<(), ExportEnd> {
        let mut rows = self.connection.stream(text).await?;
        while let Some(row) = rows.next().await {
            let (members, row) = read(&mut row?)?;
            if !members.iter().flatten().any(|mid| self.being_deleted.contains(mid)) {
                self.send(row).await?;
            }
        }
        Ok(())
    }

    async fn next_id(&self, sequence: &str) -> Result<i64, StorageError> {
        let rows = self.connection.query(system::NEXT_ID, vec![SqlValue::Text(sequence.to_owned())]).await?;
        rows.into_iter().next().as_mut().map_or(Ok(1), i64::read_values)
    }

    async fn send(&mut self, row: Row) -> Result<(), ExportEnd> {
        self.batch.push(row);
        if is_full_batch(&self.batch) { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), ExportEnd> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(EXPORT_BATCH));
        self.out.send(batch).await.map_err(|_| ExportEnd::ReceiverClosed)
    }
}
