//! A community told whole, in the canonical order of a dump, from one snapshot.

use super::link::Link;
use super::reads::SNAPSHOT;
use super::sql;
use crate::row::{
    Account, AuditRow, Card, CoinRow, Columns, EventHorizon, EventRow, Farewell, Group, Growth, LoginRow,
    Next, Password, Profile, Question, Realname, Record, RewardRow, SignReview, TieRow, Tombstone, Upstat,
    Value, Values, Versions,
};
use crate::stat::Counters;
use crate::{Row, StorageError};
use futures_util::StreamExt;
use guanxi_types::Mid;
use std::collections::HashSet;
use tokio::sync::mpsc::Sender;

/// How many rows are sent at once.
const BATCH: usize = 1000;

/// Sends everything, until nobody receives.
pub(super) async fn export(link: Link, out: &Sender<Vec<Row>>) -> Result<(), StorageError> {
    link.hold();
    link.say(SNAPSHOT).await?;
    link.say(sql::UNHURRIED).await?;
    let mut leaving = HashSet::new();
    for mut row in link.ask(&sql::of(Farewell::TABLE).all, Vec::new()).await? {
        leaving.insert(Farewell::read(&mut row)?.mid);
    }
    let mut export = Export { link: &link, leaving, batch: Vec::with_capacity(BATCH), out };
    match export.all().await {
        Ok(()) => {
            link.say("commit").await?;
            link.let_go();
            Ok(())
        }
        // What was still to come is let go with its connection.
        Err(End::NobodyReceives) => Ok(()),
        Err(End::Fault(fault)) => Err(fault),
    }
}

/// Why an export ends before everything was sent.
enum End {
    NobodyReceives,
    Fault(StorageError),
}

impl From<StorageError> for End {
    fn from(fault: StorageError) -> End {
        End::Fault(fault)
    }
}

struct Export<'e> {
    link: &'e Link,
    /// Those of whom nothing is told any more.
    leaving: HashSet<Mid>,
    batch: Vec<Row>,
    out: &'e Sender<Vec<Row>>,
}

impl Export<'_> {
    async fn all(&mut self) -> Result<(), End> {
        self.records(|row: Card| (Some(row.mid), Row::Card(Box::new(row)))).await?;
        self.records(|row: Profile| (Some(row.mid), Row::Profile(Box::new(row)))).await?;
        self.records(|row: Account| (Some(row.mid), Row::Account(Box::new(row)))).await?;
        self.records(|row: Password| (Some(row.mid), Row::Password(row))).await?;
        self.records(|row: Question| (Some(row.mid), Row::Question(row))).await?;
        self.records(|row: Realname| (Some(row.mid), Row::Realname(row))).await?;
        self.records(|row: Upstat| (Some(row.mid), Row::Upstat(row))).await?;
        self.records(|row: Growth| (Some(row.mid), Row::Growth(row))).await?;
        self.records(|row: Group| (Some(row.mid), Row::Group(row))).await?;
        self.rows(&sql::ALL_TIES, |row| {
            let (from, to) = (Mid::read(row)?, Mid::read(row)?);
            Ok(([Some(from), Some(to)], Row::Tie(TieRow { from, to, tie: Columns::read(row)? })))
        })
        .await?;
        self.rows(&sql::ALL_STATS, |row| {
            let (mid, stat) = (Mid::read(row)?, Counters::read(row)?);
            let (fans, followings) = (stat.fans_version, stat.version_of_followings(true));
            Ok(([Some(mid), None], Row::Versions(Versions { mid, fans, followings })))
        })
        .await?;
        self.rows(&sql::ALL_COINS, |row| {
            let row = CoinRow::read(row)?;
            Ok(([Some(row.mid), None], Row::Coin(row)))
        })
        .await?;
        self.records(|row: RewardRow| (Some(row.mid), Row::Reward(row))).await?;
        self.rows(&sql::ALL_LOGINS, |row| {
            let row = LoginRow::read(row)?;
            Ok(([Some(row.mid), None], Row::Login(row)))
        })
        .await?;
        self.records(|row: SignReview| (Some(row.mid), Row::Sign(row))).await?;
        self.records(|row: EventRow| (None, Row::Event(row))).await?;
        self.records(|row: EventHorizon| (None, Row::EventHorizon(row))).await?;
        self.records(|row: AuditRow| (None, Row::Audit(row))).await?;
        // Who is leaving has left, wherever the dump is taken in.
        self.records(|row: Tombstone| (None, Row::Tombstone(row))).await?;
        let next = Next { mid: self.next("mid").await?.cast_unsigned(), tagid: self.next("tagid").await? };
        self.send(Row::Next(next)).await?;
        self.flush().await
    }

    /// Sends a table, but what is of members who are leaving.
    async fn records<R: Record>(&mut self, told: impl Fn(R) -> (Option<Mid>, Row)) -> Result<(), End> {
        self.rows(&sql::of(R::TABLE).all, |row| {
            let (mid, row) = told(R::read(row)?);
            Ok(([mid, None], row))
        })
        .await
    }

    async fn rows(
        &mut self,
        text: &str,
        told: impl Fn(&mut Values) -> Result<([Option<Mid>; 2], Row), StorageError>,
    ) -> Result<(), End> {
        let mut rows = self.link.stream(text).await?;
        while let Some(row) = rows.next().await {
            let (of, row) = told(&mut row?)?;
            if !of.iter().flatten().any(|mid| self.leaving.contains(mid)) {
                self.send(row).await?;
            }
        }
        Ok(())
    }

    async fn next(&self, name: &str) -> Result<i64, StorageError> {
        let told = self.link.ask(sql::NEXT_OF, vec![Value::Text(name.to_owned())]).await?;
        told.into_iter().next().as_mut().map_or(Ok(1), i64::read)
    }

    async fn send(&mut self, row: Row) -> Result<(), End> {
        self.batch.push(row);
        if self.batch.len() < BATCH { Ok(()) } else { self.flush().await }
    }

    async fn flush(&mut self) -> Result<(), End> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.out.send(batch).await.map_err(|_| End::NobodyReceives)
    }
}
