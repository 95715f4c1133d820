//! The invariants, counted again from the ties and the logs: what is derived must agree with what it is derived from.

use super::layout::{self, Listing, Table};
use super::reads::Snapshot;
use super::roll::{Checked, Roll};
use crate::StorageError;
use crate::check::Report;
use crate::key::{Key, Parts};
use crate::row::{
    Card, CoinRow, Door, EventRow, Farewell, Group, Handle, Qr, Realname, Record, Session, SignReview,
};
use crate::stat::Counters;
use guanxi_domain::tie::{Relation, RelationKind};
use guanxi_types::{Mid, Tagid};
use std::collections::HashMap;

/// Reads everything once, and looks up what it should agree with.
pub(super) fn audit(snapshot: Snapshot<'_>) -> Result<Report, StorageError> {
    let mut audit = Audit {
        snapshot,
        report: Report::default(),
        counted: HashMap::new(),
        sizes: HashMap::new(),
        listed: HashMap::new(),
    };
    audit.ties()?;
    audit.indexes();
    audit.coins()?;
    audit.groups()?;
    audit.awaited()?;
    audit.sessions()?;
    audit.handles()?;
    audit.members()?;
    Ok(audit.report)
}

struct Audit<'s> {
    snapshot: Snapshot<'s>,
    report: Report,
    /// Each member's counters as their ties and their coin log have them.
    counted: HashMap<Mid, Counters>,
    /// The sizes of members' own groups as their ties have them.
    sizes: HashMap<(Mid, Tagid), u32>,
    /// How many entries the rolls of each kind have.
    listed: HashMap<&'static str, u64>,
}

const OUT: &str = "lists of their owners'";
const FANS: &str = "fans";
const HIDDEN: &str = "ties that only their owners see";
const GROUPED: &str = "places in groups";

impl Audit<'_> {
    fn ties(&mut self) -> Result<(), StorageError> {
        let view = self.snapshot.0;
        let (mut nodes, mut values) = (0, 0);
        for entry in view.all(Table::Chain)? {
            let (key, _) = entry?;
            values += 1;
            if layout::stat_of_whom(key).is_some() {
                nodes += 1;
                continue;
            }
            let Some((owner, listing)) = layout::root(key) else { continue };
            nodes += self.roll(Roll(key), owner, listing)?;
            if listing == Listing::Ties {
                Roll(key).each(&view, &mut |item, tie| {
                    let (to, tie) = (layout::member(item)?, layout::tie_of(tie)?);
                    self.count(owner, to, &tie);
                    self.tie_agrees(owner, to, &tie)?;
                    Ok(false)
                })?;
            }
        }
        if nodes != values {
            self.report.blame(|| format!("there are {values} parts of lists, and {nodes} that a list knows"));
        }
        Ok(())
    }

    /// That a roll is whole; tells of how many nodes it is.
    fn roll(&mut self, roll: Roll<'_>, owner: Mid, listing: Listing) -> Result<u64, StorageError> {
        let Checked { entries, nodes, wrong, .. } = roll.check(&self.snapshot.0)?;
        if let Some(wrong) = wrong {
            self.report.blame(|| format!("the list {listing:?} of {owner} {wrong}"));
        }
        let kind = match listing {
            Listing::Ties => return Ok(nodes),
            Listing::Out(_) => OUT,
            Listing::Fans => FANS,
            Listing::Hidden => HIDDEN,
            Listing::Group(_) => GROUPED,
        };
        *self.listed.entry(kind).or_default() += entries;
        Ok(nodes)
    }

    fn count(&mut self, from: Mid, to: Mid, tie: &Relation) {
        *self.report.of(tie.kind) += 1;
        self.counted.entry(from).or_default().count(None, Some(tie));
        self.counted.entry(to).or_default().count_fan(None, Some(tie));
        for joined in &tie.groups {
            self.report.grouped += 1;
            *self.sizes.entry((from, joined.tagid)).or_default() += 1;
        }
    }

    fn tie_agrees(&mut self, from: Mid, to: Mid, tie: &Relation) -> Result<(), StorageError> {
        let view = self.snapshot.0;
        let listed = |roll: Vec<u8>, item| Ok::<_, StorageError>(Roll(&roll).find(&view, item)?.is_some());
        let mut wrong = Vec::new();
        if from == to {
            wrong.push("goes to its owner".to_owned());
        }
        if !listed(layout::out_key(from, tie.kind), layout::timed(tie, to))? {
            wrong.push("is in no list of its owner's".to_owned());
        }
        if !tie.is_follow() && !listed(layout::hidden_key(to), layout::only(from))? {
            wrong.push("is not found by whom it goes to".to_owned());
        }
        if tie.is_follow() && !listed(layout::fans_key(to), layout::timed(tie, from))? {
            wrong.push("is not among the fans it goes to".to_owned());
        }
        if tie.is_follow() == tie.groups.is_empty() {
            wrong.push(format!("is a {:?} in {} groups", tie.kind, tie.groups.len()));
        }
        for joined in &tie.groups {
            if !listed(layout::group_key(from, joined.tagid), layout::grouped(*joined, to))? {
                wrong.push(format!("is not listed in its group {}", joined.tagid));
            }
            let known =
                joined.tagid.is_built_in() || self.snapshot.get::<Group>((from, joined.tagid))?.is_some();
            if !known {
                wrong.push(format!("is in a group {} that is not there", joined.tagid));
            }
        }
        match self.snapshot.tie(to, from)? {
            Some(back) if tie.kind == RelationKind::Black && back.kind != RelationKind::Black => {
                wrong.push(format!("is a black that a {:?} comes back to", back.kind));
            }
            Some(back) if tie.is_follow() && back.is_follow() && from < to => self.report.mutual += 1,
            _ => (),
        }
        for what in wrong {
            self.report.blame(|| format!("the tie from {from} to {to} {what}"));
        }
        Ok(())
    }

    /// That no list has an entry more than there are ties: with each tie's entries there, equal numbers are equal sets.
    fn indexes(&mut self) {
        let Report { follows, whispers, blacks, grouped, .. } = self.report;
        for (what, expected) in [
            (OUT, follows + whispers + blacks),
            (FANS, follows),
            (HIDDEN, whispers + blacks),
            (GROUPED, grouped),
        ] {
            let found = self.listed.get(what).copied().unwrap_or(0);
            self.as_many(what, found, expected, "ties");
        }
    }

    /// That an index has as many entries as there are things in it.
    fn as_many(&mut self, what: &str, found: u64, expected: u64, of: &str) {
        if found != expected {
            self.report.blame(|| format!("there are {found} entries of {what} for {expected} {of}"));
        }
    }

    fn length(&self, table: Table) -> Result<u64, StorageError> {
        self.snapshot.0.all(table)?.try_fold(0, |sum, entry| entry.map(|_| sum + 1))
    }

    fn coins(&mut self) -> Result<(), StorageError> {
        for entry in self.snapshot.0.all(Table::Coin)? {
            let (key, value) = entry?;
            let row: CoinRow = layout::decode("a log", value)?;
            if Parts(key).mid() != Some(row.mid) {
                self.report.blame(|| format!("a coin entry of {} is in somebody else's log", row.mid));
            }
            self.counted.entry(row.mid).or_default().coins += row.delta;
            self.report.coin_entries += 1;
        }
        Ok(())
    }

    fn groups(&mut self) -> Result<(), StorageError> {
        let mut owners = HashMap::new();
        for entry in self.snapshot.0.all(Table::Of(Group::TABLE))? {
            let group: Group = layout::decode(Group::TABLE.name(), entry?.1)?;
            let (owner, tagid) = group.key();
            let told = self.snapshot.group_size(owner, tagid)?;
            let counted = self.sizes.remove(&(owner, tagid)).unwrap_or(0);
            let leaves = self.snapshot.get::<Farewell>(owner)?.is_some();
            if told != counted && !leaves {
                self.report
                    .blame(|| format!("the group {tagid} of {owner} tells {told} members and has {counted}"));
            }
            if let Some(other) = owners.insert(tagid, owner) {
                self.report.blame(|| format!("the group {tagid} is {other}'s and {owner}'s"));
            }
            self.report.groups += 1;
        }
        let (last, next) = (owners.into_keys().max(), self.snapshot.next_tagid()?);
        if let Some(last) = last.filter(|last| last.0 >= next) {
            self.report.blame(|| format!("the next tagid is {next}, and there is a group {last}"));
        }
        Ok(())
    }

    /// That the clock and the moderators find what waits for them, and nothing else.
    fn awaited(&mut self) -> Result<(), StorageError> {
        let (mut due, mut waiting) = (0, 0);
        self.awaited_in::<Card>(&mut due, &mut waiting)?;
        self.awaited_in::<SignReview>(&mut due, &mut waiting)?;
        self.awaited_in::<Realname>(&mut due, &mut waiting)?;
        self.awaited_in::<Session>(&mut due, &mut waiting)?;
        self.awaited_in::<Qr>(&mut due, &mut waiting)?;
        self.awaited_in::<Door>(&mut due, &mut waiting)?;
        self.awaited_in::<EventRow>(&mut due, &mut waiting)?;
        self.awaited_in::<Farewell>(&mut due, &mut waiting)?;
        let (at_clock, at_moderators) = (self.length(Table::Due)?, self.length(Table::Waiting)?);
        self.as_many("what the clock looks at", at_clock, due, "rows that are due some time");
        self.as_many("what moderators look at", at_moderators, waiting, "rows that wait for one");
        Ok(())
    }

    fn awaited_in<R: Record>(&mut self, due: &mut u64, waiting: &mut u64) -> Result<(), StorageError> {
        let view = self.snapshot.0;
        for entry in view.all(Table::Of(R::TABLE))? {
            let row: R = layout::decode(R::TABLE.name(), entry?.1)?;
            for (key, table, count) in [
                (layout::due_key(&row), Table::Due, &mut *due),
                (layout::waiting_key(&row), Table::Waiting, &mut *waiting),
            ] {
                let Some(key) = key else { continue };
                *count += 1;
                if view.get(table, &key)?.is_none() {
                    self.report
                        .blame(|| format!("a row of {} waits, and nobody will look at it", R::TABLE.name()));
                }
            }
        }
        Ok(())
    }

    fn sessions(&mut self) -> Result<(), StorageError> {
        let view = self.snapshot.0;
        let mut sessions = 0;
        for entry in view.all(Table::Of(Session::TABLE))? {
            let session: Session = layout::decode(Session::TABLE.name(), entry?.1)?;
            sessions += 1;
            if view.get(Table::Sessions, &(session.mid, session.hash).bytes())?.is_none() {
                self.report.blame(|| format!("a session of {} is not among theirs", session.mid));
            }
        }
        let listed = self.length(Table::Sessions)?;
        self.as_many("members' sessions", listed, sessions, "sessions");
        Ok(())
    }

    /// That whoever can be found is there.
    fn handles(&mut self) -> Result<(), StorageError> {
        for entry in self.snapshot.0.all(Table::Of(Handle::TABLE))? {
            let handle: Handle = layout::decode(Handle::TABLE.name(), entry?.1)?;
            if self.snapshot.stat(handle.mid)?.is_none() {
                self.report
                    .blame(|| format!("a name or a phone finds {}, and there is no such member", handle.mid));
            }
        }
        Ok(())
    }

    fn members(&mut self) -> Result<(), StorageError> {
        for entry in self.snapshot.0.all(Table::Chain)? {
            let (key, value) = entry?;
            let Some(mid) = layout::stat_of_whom(key) else { continue };
            let (told, counted) = (layout::stat_of(value)?, self.counted.remove(&mid).unwrap_or_default());
            let leaves = self.snapshot.get::<Farewell>(mid)?.is_some();
            self.report.member_agrees(mid, &told, &counted, leaves);
            if self.snapshot.get::<Card>(mid)?.is_none() && !leaves {
                self.report.blame(|| format!("the member {mid} has no card"));
            }
            self.report.members += 1;
        }
        self.report.strangers(self.counted.keys().copied());
        Ok(())
    }
}
