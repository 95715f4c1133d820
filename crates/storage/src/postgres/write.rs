//! What is different, written.

use super::link::Ask;
use super::slot::{Change, Kept};
use super::sql;
use crate::command::RowKey;
use crate::key::Key;
use crate::row::{Columns, Table, Value, kind_number};
use crate::stat::Counters;
use guanxi_domain::tie::{GroupMembership, Relation};
use guanxi_types::{Mid, Tagid};
use std::collections::BTreeMap;

/// What only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Log {
    Coin,
    Login,
}

/// Where new rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Into {
    /// The table.
    pub(super) table: &'static str,
    /// The columns that are written.
    pub(super) columns: &'static str,
    /// What writes one.
    pub(super) put: &'static str,
}

impl Into {
    const TIE: Into = Into { table: "tie", columns: sql::TIE_COLUMNS, put: sql::PUT_TIE };
    const FAN: Into = Into { table: "fan", columns: sql::FAN_COLUMNS, put: sql::PUT_FAN };
    const GROUPED: Into = Into { table: "grouped", columns: sql::GROUPED_COLUMNS, put: sql::JOIN_GROUP };

    fn stat() -> Into {
        Into { table: "stat", columns: &sql::STAT_COLUMNS, put: &sql::NEW_STAT }
    }

    fn log(log: Log) -> Into {
        match log {
            Log::Coin => Into { table: "coin", columns: &sql::COIN_COLUMNS, put: &sql::PAY },
            Log::Login => Into { table: "login", columns: &sql::LOGIN_COLUMNS, put: &sql::PUT_LOGIN },
        }
    }

    fn records(table: Table) -> Into {
        let of = sql::of(table);
        Into { table: sql::name(table), columns: &of.written, put: &of.put }
    }
}

/// What is different, as statements.
#[derive(Debug, Default)]
pub(super) struct Write {
    /// New rows, which can be sent as one.
    pub(super) added: BTreeMap<Into, Vec<Vec<Value>>>,
    /// Counters that are others now.
    pub(super) stats: Vec<Vec<Value>>,
    /// Everything else.
    pub(super) asks: Vec<Ask<'static>>,
}

impl Write {
    fn add(&mut self, to: Into, row: Vec<Value>) {
        self.added.entry(to).or_default().push(row);
    }

    pub(super) fn tie(&mut self, from: Mid, to: Mid, was: Option<&Relation>, next: Option<&Relation>) {
        if was == next {
            return;
        }
        let in_default = |tie: &Relation| {
            let joined = tie.groups.iter().find(|joined| joined.tagid == Tagid::DEFAULT);
            joined.map_or(Value::Null, |joined| Value::Int(joined.seq.into()))
        };
        if let Some(tie) = next {
            let attribute = Value::Int(kind_number(tie.kind).into());
            let mut kept = (from, to).values();
            kept.extend([
                attribute.clone(),
                Value::Int(tie.mtime),
                Value::Int(tie.seq.into()),
                Value::Int(tie.source.into()),
                in_default(tie),
            ]);
            let mut told = (to, from).values();
            told.extend([attribute, Value::Int(tie.mtime), Value::Int(tie.seq.into())]);
            if let Some(was) = was {
                let is_told = (was.kind, was.mtime, was.seq) == (tie.kind, tie.mtime, tie.seq);
                self.asks.push((sql::PUT_TIE, kept));
                self.asks.extend((!is_told).then_some((sql::PUT_FAN, told)));
            } else {
                self.add(Into::TIE, kept);
                self.add(Into::FAN, told);
            }
        } else {
            self.asks.push((sql::DELETE_TIE, (from, to).values()));
            self.asks.push((sql::DELETE_FAN, (to, from).values()));
        }
        let places = |tie: Option<&Relation>| -> Vec<GroupMembership> {
            let groups = tie.map(|tie| tie.groups.as_slice()).unwrap_or_default().iter().copied();
            groups.filter(|joined| joined.tagid != Tagid::DEFAULT).collect()
        };
        let (left, joined) = (places(was), places(next));
        let place = |joined: &GroupMembership| (from, joined.tagid, joined.seq, to).values();
        for gone in left.iter().filter(|place| !joined.contains(place)) {
            self.asks.push((sql::LEAVE_GROUP, place(gone)));
        }
        for come in joined.iter().filter(|place| !left.contains(place)) {
            self.add(Into::GROUPED, place(come));
        }
    }

    pub(super) fn row(&mut self, row: &RowKey, change: Change<Vec<Value>>) {
        let of = sql::of(row.table);
        match (change.was, change.next) {
            (Kept::Nothing, None) => (),
            (Kept::Nothing, Some(next)) => self.add(Into::records(row.table), next),
            (_, Some(next)) => self.asks.push((&of.put, next)),
            (_, None) => self.asks.push((&of.delete, row.values.clone())),
        }
    }

    pub(super) fn log(&mut self, log: Log, rows: Vec<Vec<Value>>) {
        self.added.entry(Into::log(log)).or_default().extend(rows);
    }

    pub(super) fn stat(&mut self, mid: Mid, was: Option<&Counters>, next: Option<Counters>) {
        let mut row = mid.values();
        let Some(next) = next else {
            self.asks.extend(was.map(|_| (sql::DELETE_STAT, row)));
            return;
        };
        next.write(&mut row);
        match was {
            None => self.add(Into::stat(), row),
            Some(was) if *was == next => (),
            Some(_) => self.stats.push(row),
        }
    }
}
