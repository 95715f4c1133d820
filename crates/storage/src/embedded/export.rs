//! The export of a snapshot, in the canonical order of a dump.

use super::counted_btree::CountedBTree;
use super::encoding::{self, ListKind, Table};
use super::queries::Queries;
use crate::model::{
    Account, AuditRow, Binary, BioReview, Card, CoinRow, Entity, EventIdWatermark, EventRow, Experience,
    Factors, Group, Leaving, LoginRow, MemberNote, Message, NameReview, NewsRow, NextIds, Password,
    PendingDeletion, Picture, Privacy, Profile, Question, Realname, RelationRow, Remark, RewardRow,
    Tombstone, Upstat,
};
use crate::store::{EXPORT_BATCH, is_full_batch};
use crate::{Row, StorageError};
use guanxi_types::Mid;
use std::collections::HashSet;
use tokio::sync::mpsc::Sender;

/// Sends all rows, until the receiver is closed. Blocks while the channel is full, so it must run on a blocking
/// thread.
pub(super) fn export(queries: Queries<'_>, out: &Sender<Vec<Row>>) -> Result<(), StorageError> {
    let being_deleted = queries.all::<PendingDeletion>()?.into_iter().map(|deletion| deletion.mid).collect();
    let mut exporter = Exporter { queries, being_deleted, batch: Vec::with_capacity(EXPORT_BATCH), out };
    match exporter.send_all() {
        Ok(()) | Err(ExportEnd::ReceiverClosed) => Ok(()),
        Err(ExportEnd::Storage(error)) => Err(error),
    }
}

/// The reason for an early end.
enum ExportEnd {
    ReceiverClosed,
    Storage(StorageError),
}

impl<E: Into<StorageError>> From<E> for ExportEnd {
    fn from(error: E) -> ExportEnd {
        ExportEnd::Storage(error.into())
    }
}

struct Exporter<'s> {
    queries: Queries<'s>,
    /// The members that are being deleted. Their rows are left out.
    being_deleted: HashSet<Mid>,
    batch: Vec<Row>,
    out: &'s Sender<Vec<Row>>,
}

impl Exporter<'_> {
    fn send_all(&mut self) -> Result<(), ExportEnd> {
        self.send_entities(|row: Card| (Some(row.mid), Row::Card(Box::new(row))))?;
        self.send_entities(|row: Profile| (Some(row.mid), Row::Profile(Box::new(row))))?;
        self.send_entities(|row: Account| (Some(row.mid), Row::Account(Box::new(row))))?;
        self.send_entities(|row: Password| (Some(row.mid), Row::Password(row)))?;
        self.send_entities(|row: Question| (Some(row.mid), Row::Question(row)))?;
        self.send_entities(|row: Factors| (Some(row.mid), Row::Factors(row)))?;
        self.send_entities(|row: Realname| (Some(row.mid), Row::Realname(row)))?;
        self.send_entities(|row: Upstat| (Some(row.mid), Row::Upstat(row)))?;
        self.send_entities(|row: Experience| (Some(row.mid), Row::Experience(row)))?;
        self.send_entities(|row: Group| (Some(row.mid), Row::Group(row)))?;
        self.send_relations()?;
        self.send_entities(|row: Remark| ([row.mid, row.fid], Row::Remark(row)))?;
        self.send_versions()?;
        self.send_log(Table::Coin, |row: CoinRow| (row.mid, Row::Coin(row)))?;
        self.send_entities(|row: RewardRow| (Some(row.mid), Row::Reward(row)))?;
        self.send_log(Table::Login, |row: LoginRow| (row.mid, Row::Login(row)))?;
        self.send_entities(|row: BioReview| (Some(row.mid), Row::BioReview(row)))?;
        self.send_entities(|row: NameReview| (Some(row.mid), Row::NameReview(row)))?;
        self.send_entities(|row: Privacy| (Some(row.mid), Row::Privacy(row)))?;
        self.send_entities(|row: Leaving| (Some(row.mid), Row::Leaving(row)))?;
        self.send_entities(|row: Picture| (Some(row.mid), Row::Picture(row)))?;
        self.send_entities(|row: NewsRow| (Some(row.mid), Row::News(row)))?;
        self.send_entities(|row: MemberNote| (Some(row.mid), Row::MemberNote(row)))?;
        self.send_entities(|row: Message| (Some(row.mid), Row::Message(row)))?;
        self.send_entities(|row: EventRow| (None::<Mid>, Row::Event(row)))?;
        self.send_entities(|row: EventIdWatermark| (None::<Mid>, Row::EventIdWatermark(row)))?;
        self.send_entities(|row: AuditRow| (None::<Mid>, Row::Audit(row)))?;
        // A member that is being deleted here counts as deleted where the dump is imported.
        self.send_entities(|row: Tombstone| (None::<Mid>, Row::Tombstone(row)))?;
        let next = NextIds { mid: self.queries.next_mid()?, tagid: self.queries.next_tagid()? };
        self.send(Row::Next(next))?;
        self.flush()
    }

    /// Sends the rows of a table, without those of members that are being deleted. `to_row` returns the members of a
    /// row too.
    fn send_entities<R: Entity, M: IntoIterator<Item = Mid>>(
        &mut self,
        to_row: impl Fn(R) -> (M, Row),
    ) -> Result<(), ExportEnd> {
        for entry in self.queries.0.all(Table::Rows(R::TABLE))? {
            let (members, row) = to_row(encoding::decode(R::TABLE.name(), entry?.1)?);
            if !members.into_iter().any(|mid| self.being_deleted.contains(&mid)) {
                self.send(row)?;
            }
        }
        Ok(())
    }

    fn send_log<R: Binary>(
        &mut self,
        table: Table,
        to_row: impl Fn(R) -> (Mid, Row),
    ) -> Result<(), ExportEnd> {
        for entry in self.queries.0.all(table)? {
            let (mid, row) = to_row(encoding::decode("a log", entry?.1)?);
            if !self.being_deleted.contains(&mid) {
                self.send(row)?;
            }
        }
        Ok(())
    }

    fn send_relations(&mut self) -> Result<(), ExportEnd> {
        let view = self.queries.0;
        for entry in view.all(Table::Graph)? {
            let (key, _) = entry?;
            let Some((from, ListKind::Relations)) = encoding::list_of_root_key(key) else { continue };
            if self.being_deleted.contains(&from) {
                continue;
            }
            let mut rows = Vec::new();
            CountedBTree(key).for_each(&view, &mut |key, value| {
                let (to, relation) = (encoding::key_mid(key)?, encoding::decode_relation(value)?);
                if !self.being_deleted.contains(&to) {
                    rows.push(RelationRow { from, to, relation });
                }
                Ok(false)
            })?;
            for row in rows {
                self.send(Row::Relation(row))?;
            }
        }
        Ok(())
    }

    fn send_versions(&mut self) -> Result<(), ExportEnd> {
        for entry in self.queries.0.all(Table::Graph)? {
            let (key, value) = entry?;
            let Some(mid) = encoding::counters_key_owner(key) else { continue };
            let counters = encoding::decode_counters(value)?;
            if !self.being_deleted.contains(&mid) {
                self.send(Row::Versions(counters.versions(mid)))?;
            }
        }
        Ok(())
    }

    fn send(&mut self, row: Row) -> Result<(), ExportEnd> {
        self.batch.push(row);
        if is_full_batch(&self.batch) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ExportEnd> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(EXPORT_BATCH));
        self.out.blocking_send(batch).map_err(|_| ExportEnd::ReceiverClosed)
    }
}
