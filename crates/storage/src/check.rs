//! The invariants of the contract's section 4, and what breaks them.

use crate::stat::Counters;
use guanxi_domain::tie::RelationKind;
use guanxi_types::Mid;
use std::fmt;

/// How many offenders a report names; the rest it counts.
const NAMED: usize = 20;

/// What a check counted, and what does not agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Members.
    pub members: u64,
    /// Ties that are follows.
    pub follows: u64,
    /// Ties that are whispers.
    pub whispers: u64,
    /// Ties that are blacks.
    pub blacks: u64,
    /// Pairs of follows that answer each other.
    pub mutual: u64,
    /// Groups that members made.
    pub groups: u64,
    /// Entries of groups, the default group's included.
    pub grouped: u64,
    /// Entries of coin logs.
    pub coin_entries: u64,
    /// How many things do not agree.
    pub offences: u64,
    /// The first of them.
    pub offenders: Vec<String>,
}

impl Report {
    /// The count of ties of a kind.
    pub fn of(&mut self, kind: RelationKind) -> &mut u64 {
        match kind {
            RelationKind::Follow => &mut self.follows,
            RelationKind::Whisper => &mut self.whispers,
            RelationKind::Black => &mut self.blacks,
        }
    }

    /// Notes that something does not agree.
    pub fn blame(&mut self, offender: impl FnOnce() -> String) {
        self.offences += 1;
        if self.offenders.len() < NAMED {
            self.offenders.push(offender());
        }
    }

    /// Compares what a member's counters tell with what was counted.
    pub(crate) fn member_agrees(&mut self, mid: Mid, told: &Counters, counted: &Counters, leaves: bool) {
        let counters = [
            ("followings", told.following, counted.following),
            ("whispers", told.whisper, counted.whisper),
            ("blacks", told.black, counted.black),
            ("fans", told.follower, counted.follower),
            ("members of 特别关注", told.special, counted.special),
            ("members of 默认分组", told.default, counted.default),
        ];
        for (what, told, counted) in counters {
            if told != counted {
                self.blame(|| format!("{mid} tells {told} {what} and has {counted}"));
            }
        }
        if told.turn < counted.turn {
            self.blame(|| format!("{mid}'s next turn {} was taken already", told.turn));
        }
        if (told.last_mtime, told.last_seq) < (counted.last_mtime, counted.last_seq) {
            let (mtime, seq) = (counted.last_mtime, counted.last_seq);
            self.blame(|| format!("{mid} does not know of the relation {seq} of the second {mtime}"));
        }
        // Of one who leaves, the log goes before the counters do.
        if told.coins != counted.coins && !leaves {
            let (told, counted) = (told.coins.in_tenths(), counted.coins.in_tenths());
            self.blame(|| format!("{mid} has {told} tenths of a coin and a log of {counted}"));
        }
    }

    /// Names those of whom something was counted and who are no members.
    pub(crate) fn strangers(&mut self, strangers: impl Iterator<Item = Mid>) {
        for mid in strangers {
            self.blame(|| format!("there are ties or coins of {mid}, and no such member"));
        }
    }

    /// Whether everything agrees.
    pub fn is_clean(&self) -> bool {
        self.offences == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "members       {:>12}", self.members)?;
        writeln!(out, "follows       {:>12}   of them mutual pairs {}", self.follows, self.mutual)?;
        writeln!(out, "whispers      {:>12}", self.whispers)?;
        writeln!(out, "blacks        {:>12}", self.blacks)?;
        writeln!(out, "groups        {:>12}   with {} places taken", self.groups, self.grouped)?;
        writeln!(out, "coin entries  {:>12}", self.coin_entries)?;
        for offender in &self.offenders {
            writeln!(out, "wrong: {offender}")?;
        }
        match self.offences {
            0 => write!(out, "everything agrees"),
            count => write!(out, "{count} things do not agree"),
        }
    }
}
