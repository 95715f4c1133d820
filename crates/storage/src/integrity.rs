//! The result of an integrity check: the counts of a community, and the violated invariants.

mod name_sums;
mod violation;

pub(crate) use name_sums::{NameSums, hash_of};
pub use violation::{RelationViolation, Violation};

use crate::counters::Counters;
use guanxi_domain::relation::RelationKind;
use guanxi_types::Mid;
use std::fmt;

/// The maximum number of violations in a report. The others are only counted.
const MAX_REPORTED: usize = 20;

/// The result of an integrity check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The number of members.
    pub members: u64,
    /// The number of follows.
    pub follows: u64,
    /// The number of whispers.
    pub whispers: u64,
    /// The number of blocks.
    pub blocks: u64,
    /// The number of pairs of members that follow each other.
    pub mutual: u64,
    /// The number of groups that members created.
    pub groups: u64,
    /// The number of group memberships, with those of the default group.
    pub grouped: u64,
    /// The number of entries in coin logs.
    pub coin_entries: u64,
    /// The number of violations.
    pub violation_count: u64,
    /// The first violations, up to 20.
    pub violations: Vec<Violation>,
}

impl Report {
    /// Returns the number of relations of a kind, to be increased.
    pub fn relation_count_mut(&mut self, kind: RelationKind) -> &mut u64 {
        match kind {
            RelationKind::Follow => &mut self.follows,
            RelationKind::Whisper => &mut self.whispers,
            RelationKind::Block => &mut self.blocks,
        }
    }

    /// Adds a violation.
    pub fn add(&mut self, violation: Violation) {
        self.violation_count += 1;
        if self.violations.len() < MAX_REPORTED {
            self.violations.push(violation);
        }
    }

    /// Compares the stored counters of a member with those derived from the member's relations and coin log.
    pub(crate) fn check_counters(
        &mut self,
        mid: Mid,
        stored: &Counters,
        expected: &Counters,
        is_being_deleted: bool,
    ) {
        let counters = [
            ("following", stored.following, expected.following),
            ("whisper", stored.whisper, expected.whisper),
            ("blocked", stored.blocked, expected.blocked),
            ("follower", stored.follower, expected.follower),
            ("special", stored.special, expected.special),
            ("default", stored.default, expected.default),
        ];
        for (counter, stored, expected) in counters {
            if stored != expected {
                self.add(Violation::WrongCounter { mid, counter, stored, expected });
            }
        }
        if stored.next_join_seq < expected.next_join_seq {
            self.add(Violation::JoinSeqInUse { mid, next: stored.next_join_seq });
        }
        if (stored.last_mtime, stored.last_seq) < (expected.last_mtime, expected.last_seq) {
            let (mtime, seq) = (expected.last_mtime, expected.last_seq);
            self.add(Violation::WrongLastRelation { mid, mtime, seq });
        }
        // The deletion of a member deletes the coin log before the counters.
        if stored.coins != expected.coins && !is_being_deleted {
            let (stored, expected) = (stored.coins, expected.coins);
            self.add(Violation::WrongBalance { mid, stored, expected });
        }
    }

    /// Adds a violation for each unknown member that has relations or coins.
    pub(crate) fn report_unknown_members(&mut self, mids: impl Iterator<Item = Mid>) {
        for mid in mids {
            self.add(Violation::UnknownMember(mid));
        }
    }

    /// Returns true if no invariant is violated.
    pub fn is_clean(&self) -> bool {
        self.violation_count == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rows are not counted if some are unreadable.
        if self.members == 0 && !self.is_clean() {
            return Violations(self).fmt(out);
        }
        writeln!(out, "members       {:>12}", self.members)?;
        writeln!(out, "follows       {:>12}   of which {} pairs are mutual", self.follows, self.mutual)?;
        writeln!(out, "whispers      {:>12}", self.whispers)?;
        writeln!(out, "blocks        {:>12}", self.blocks)?;
        writeln!(out, "groups        {:>12}   with {} memberships", self.groups, self.grouped)?;
        writeln!(out, "coin entries  {:>12}", self.coin_entries)?;
        Violations(self).fmt(out)
    }
}

/// The violations of a report, without its counts.
struct Violations<'r>(&'r Report);

impl fmt::Display for Violations<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.0.violations {
            writeln!(out, "violation: {violation}")?;
        }
        match self.0.violation_count {
            0 => write!(out, "everything agrees"),
            1 => write!(out, "1 violation"),
            count => write!(out, "{count} violations"),
        }
    }
}
