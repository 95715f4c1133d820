//! A community is told whole, in the canonical order of a dump.

use super::layout::{self, Listing, Table};
use super::reads::Snapshot;
use super::roll::Roll;
use crate::row::{
    Account, AuditRow, Card, CoinRow, EventHorizon, EventRow, Farewell, Group, Growth, LoginRow, Next,
    Password, Profile, Question, Realname, Record, RewardRow, SignReview, TieRow, Tombstone, Upstat,
    Versions,
};
use crate::{Row, StorageError};
use guanxi_types::Mid;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use tokio::sync::mpsc::Sender;

/// How many rows are sent at once.
const BATCH: usize = 1000;

/// Sends everything, until nobody receives. It waits for who does, so it is nothing for a thread that must not.
pub(super) fn export(snapshot: Snapshot<'_>, out: &Sender<Vec<Row>>) -> Result<(), StorageError> {
    let leaving = snapshot.all::<Farewell>()?.into_iter().map(|farewell| farewell.mid).collect();
    let mut export = Export { snapshot, leaving, batch: Vec::with_capacity(BATCH), out };
    match export.all() {
        Ok(()) | Err(End::NobodyReceives) => Ok(()),
        Err(End::Fault(fault)) => Err(fault),
    }
}

/// Why an export ends before everything was sent.
enum End {
    NobodyReceives,
    Fault(StorageError),
}

impl<F: Into<StorageError>> From<F> for End {
    fn from(fault: F) -> End {
        End::Fault(fault.into())
    }
}

struct Export<'s> {
    snapshot: Snapshot<'s>,
    /// Those of whom nothing is told any more.
    leaving: HashSet<Mid>,
    batch: Vec<Row>,
    out: &'s Sender<Vec<Row>>,
}

impl Export<'_> {
    fn all(&mut self) -> Result<(), End> {
        self.records(|row: Card| (Some(row.mid), Row::Card(Box::new(row))))?;
        self.records(|row: Profile| (Some(row.mid), Row::Profile(Box::new(row))))?;
        self.records(|row: Account| (Some(row.mid), Row::Account(Box::new(row))))?;
        self.records(|row: Password| (Some(row.mid), Row::Password(row)))?;
        self.records(|row: Question| (Some(row.mid), Row::Question(row)))?;
        self.records(|row: Realname| (Some(row.mid), Row::Realname(row)))?;
        self.records(|row: Upstat| (Some(row.mid), Row::Upstat(row)))?;
        self.records(|row: Growth| (Some(row.mid), Row::Growth(row)))?;
        self.records(|row: Group| (Some(row.mid), Row::Group(row)))?;
        self.ties()?;
        self.versions()?;
        self.log(Table::Coin, |row: CoinRow| (row.mid, Row::Coin(row)))?;
        self.records(|row: RewardRow| (Some(row.mid), Row::Reward(row)))?;
        self.log(Table::Login, |row: LoginRow| (row.mid, Row::Login(row)))?;
        self.records(|row: SignReview| (Some(row.mid), Row::Sign(row)))?;
        self.records(|row: EventRow| (None, Row::Event(row)))?;
        self.records(|row: EventHorizon| (None, Row::EventHorizon(row)))?;
        self.records(|row: AuditRow| (None, Row::Audit(row)))?;
        // Who is leaving has left, wherever the dump is taken in.
        self.records(|row: Tombstone| (None, Row::Tombstone(row)))?;
        let next = Next { mid: self.snapshot.next_mid()?, tagid: self.snapshot.next_tagid()? };
        self.send(Row::Next(next))?;
        self.flush()
    }

    /// Sends a table, but what is of members who are leaving.
    fn records<R: Record>(&mut self, told: impl Fn(R) -> (Option<Mid>, Row)) -> Result<(), End> {
        for entry in self.snapshot.0.all(Table::Of(R::TABLE))? {
            let (mid, row) = told(layout::decode(R::TABLE.name(), entry?.1)?);
            if mid.is_none_or(|mid| !self.leaving.contains(&mid)) {
                self.send(row)?;
            }
        }
        Ok(())
    }

    fn log<R: DeserializeOwned>(&mut self, table: Table, told: impl Fn(R) -> (Mid, Row)) -> Result<(), End> {
        for entry in self.snapshot.0.all(table)? {
            let (mid, row) = told(layout::decode("a log", entry?.1)?);
            if !self.leaving.contains(&mid) {
                self.send(row)?;
            }
        }
        Ok(())
    }

    fn ties(&mut self) -> Result<(), End> {
        let view = self.snapshot.0;
        for entry in view.all(Table::Chain)? {
            let (key, _) = entry?;
            let Some((from, Listing::Ties)) = layout::root(key) else { continue };
            if self.leaving.contains(&from) {
                continue;
            }
            let mut ties = Vec::new();
            Roll(key).each(&view, &mut |item, tie| {
                ties.push(TieRow { from, to: layout::member(item)?, tie: layout::tie_of(tie)? });
                Ok(false)
            })?;
            for tie in ties.into_iter().filter(|tie| !self.leaving.contains(&tie.to)).collect::<Vec<_>>() {
                self.send(Row::Tie(tie))?;
            }
        }
        Ok(())
    }

    fn versions(&mut self) -> Result<(), End> {
        for entry in self.snapshot.0.all(Table::Chain)? {
            let (key, value) = entry?;
            let Some(mid) = layout::stat_of_whom(key) else { continue };
            let stat = layout::stat_of(value)?;
            if !self.leaving.contains(&mid) {
                let (fans, followings) = (stat.fans_version, stat.version_of_followings(true));
                self.send(Row::Versions(Versions { mid, fans, followings }))?;
            }
        }
        Ok(())
    }

    fn send(&mut self, row: Row) -> Result<(), End> {
        self.batch.push(row);
        if self.batch.len() < BATCH { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), End> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.out.blocking_send(batch).map_err(|_| End::NobodyReceives)
    }
}
