//! The invariants, counted again from the ties and the logs: what is derived must agree with what it is derived from.

use super::layout;
use super::reads::Snapshot;
use crate::Fault;
use crate::check::Report;
use crate::key::{Key, Parts};
use crate::row::{
    Card, CoinRow, Door, EventRow, Farewell, Group, Handle, Qr, Realname, Record, Session, SignReview,
};
use crate::stat::Stat;
use guanxi_rules::tie::{Kind, Tie};
use guanxi_wire::{Mid, Tagid};
use std::collections::HashMap;

/// Reads everything once, and looks up what it should agree with.
pub(super) fn audit(snapshot: Snapshot<'_>) -> Result<Report, Fault> {
    let mut audit =
        Audit { snapshot, report: Report::default(), counted: HashMap::new(), sizes: HashMap::new() };
    audit.ties()?;
    audit.indexes()?;
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
    counted: HashMap<Mid, Stat>,
    /// The sizes of members' own groups as their ties have them.
    sizes: HashMap<(Mid, Tagid), u32>,
}

impl Audit<'_> {
    fn ties(&mut self) -> Result<(), Fault> {
        for entry in self.snapshot.tables.tie.iter(self.snapshot.txn)? {
            let (key, value) = entry?;
            let mut parts = Parts(key);
            let (from, to) = layout::whole("a tie", parts.mid().zip(parts.mid()))?;
            let tie = layout::tie_of(value)?;
            self.count(from, to, &tie);
            self.tie_agrees(from, to, &tie)?;
        }
        Ok(())
    }

    fn count(&mut self, from: Mid, to: Mid, tie: &Tie) {
        *self.report.of(tie.kind) += 1;
        self.counted.entry(from).or_default().count(None, Some(tie));
        self.counted.entry(to).or_default().count_fan(None, Some(tie));
        for joined in &tie.groups {
            self.report.grouped += 1;
            *self.sizes.entry((from, joined.tagid)).or_default() += 1;
        }
    }

    fn tie_agrees(&mut self, from: Mid, to: Mid, tie: &Tie) -> Result<(), Fault> {
        let tables = self.snapshot.tables;
        let listed = |db: &layout::Db, key: &[u8]| -> Result<bool, Fault> {
            Ok(db.get(self.snapshot.txn, key)?.is_some())
        };
        let mut wrong = Vec::new();
        if from == to {
            wrong.push("goes to its owner".to_owned());
        }
        if !listed(&tables.out, &layout::out_key(from, to, tie))? {
            wrong.push("is in no list of its owner's".to_owned());
        }
        if let Some(key) = layout::hidden_key(from, to, tie)
            && !listed(&tables.hidden, &key)?
        {
            wrong.push("is not found by whom it goes to".to_owned());
        }
        if tie.is_follow() && !listed(&tables.fans, &layout::fan_key(from, to, tie))? {
            wrong.push("is not among the fans it goes to".to_owned());
        }
        if tie.is_follow() == tie.groups.is_empty() {
            wrong.push(format!("is a {:?} in {} groups", tie.kind, tie.groups.len()));
        }
        for joined in &tie.groups {
            if !listed(&tables.grouped, &(from, joined.tagid, joined.turn, to).bytes())? {
                wrong.push(format!("is not listed in its group {}", joined.tagid));
            }
            let known =
                joined.tagid.is_built_in() || self.snapshot.get::<Group>((from, joined.tagid))?.is_some();
            if !known {
                wrong.push(format!("is in a group {} that is not there", joined.tagid));
            }
        }
        match self.snapshot.tie(to, from)? {
            Some(back) if tie.kind == Kind::Black && back.kind != Kind::Black => {
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
    fn indexes(&mut self) -> Result<(), Fault> {
        let tables = self.snapshot.tables;
        let Report { follows, whispers, blacks, grouped, .. } = self.report;
        self.as_many("lists of their owners'", &tables.out, follows + whispers + blacks, "ties")?;
        self.as_many("fans", &tables.fans, follows, "ties")?;
        self.as_many("ties that only their owners see", &tables.hidden, whispers + blacks, "ties")?;
        self.as_many("places in groups", &tables.grouped, grouped, "ties")
    }

    /// That an index has as many entries as there are things in it.
    fn as_many(&mut self, what: &str, db: &layout::Db, expected: u64, of: &str) -> Result<(), Fault> {
        let found = db.len(self.snapshot.txn)?;
        if found != expected {
            self.report.blame(|| format!("there are {found} entries of {what} for {expected} {of}"));
        }
        Ok(())
    }

    fn coins(&mut self) -> Result<(), Fault> {
        for entry in self.snapshot.tables.coin.iter(self.snapshot.txn)? {
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

    fn groups(&mut self) -> Result<(), Fault> {
        let mut owners = HashMap::new();
        for entry in self.snapshot.tables.of(Group::TABLE).iter(self.snapshot.txn)? {
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
    fn awaited(&mut self) -> Result<(), Fault> {
        let (mut due, mut waiting) = (0, 0);
        self.awaited_in::<SignReview>(&mut due, &mut waiting)?;
        self.awaited_in::<Realname>(&mut due, &mut waiting)?;
        self.awaited_in::<Session>(&mut due, &mut waiting)?;
        self.awaited_in::<Qr>(&mut due, &mut waiting)?;
        self.awaited_in::<Door>(&mut due, &mut waiting)?;
        self.awaited_in::<EventRow>(&mut due, &mut waiting)?;
        self.awaited_in::<Farewell>(&mut due, &mut waiting)?;
        let tables = self.snapshot.tables;
        self.as_many("what the clock looks at", &tables.due, due, "rows that are due some time")?;
        self.as_many("what moderators look at", &tables.waiting, waiting, "rows that wait for one")
    }

    fn awaited_in<R: Record>(&mut self, due: &mut u64, waiting: &mut u64) -> Result<(), Fault> {
        let (tables, txn) = (self.snapshot.tables, self.snapshot.txn);
        for entry in tables.of(R::TABLE).iter(txn)? {
            let row: R = layout::decode(R::TABLE.name(), entry?.1)?;
            for (key, db, count) in [
                (layout::due_key(&row), &tables.due, &mut *due),
                (layout::waiting_key(&row), &tables.waiting, &mut *waiting),
            ] {
                let Some(key) = key else { continue };
                *count += 1;
                if db.get(txn, &key)?.is_none() {
                    self.report
                        .blame(|| format!("a row of {} waits, and nobody will look at it", R::TABLE.name()));
                }
            }
        }
        Ok(())
    }

    fn sessions(&mut self) -> Result<(), Fault> {
        let (tables, txn) = (self.snapshot.tables, self.snapshot.txn);
        let mut sessions = 0;
        for entry in tables.of(Session::TABLE).iter(txn)? {
            let session: Session = layout::decode(Session::TABLE.name(), entry?.1)?;
            sessions += 1;
            if tables.sessions.get(txn, &(session.mid, session.hash).bytes())?.is_none() {
                self.report.blame(|| format!("a session of {} is not among theirs", session.mid));
            }
        }
        self.as_many("members' sessions", &tables.sessions, sessions, "sessions")
    }

    /// That whoever can be found is there.
    fn handles(&mut self) -> Result<(), Fault> {
        for entry in self.snapshot.tables.of(Handle::TABLE).iter(self.snapshot.txn)? {
            let handle: Handle = layout::decode(Handle::TABLE.name(), entry?.1)?;
            if self.snapshot.stat(handle.mid)?.is_none() {
                self.report
                    .blame(|| format!("a name or a phone finds {}, and there is no such member", handle.mid));
            }
        }
        Ok(())
    }

    fn members(&mut self) -> Result<(), Fault> {
        for entry in self.snapshot.tables.stat.iter(self.snapshot.txn)? {
            let (key, value) = entry?;
            let mid = layout::whole("a member's counters", Parts(key).mid())?;
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
