//! The invariants of the contract's section 4, and what breaks them.

use guanxi_rules::tie::Kind;
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
    pub fn of(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Follow => &mut self.follows,
            Kind::Whisper => &mut self.whispers,
            Kind::Black => &mut self.blacks,
        }
    }

    /// Notes that something does not agree.
    pub fn blame(&mut self, offender: impl FnOnce() -> String) {
        self.offences += 1;
        if self.offenders.len() < NAMED {
            self.offenders.push(offender());
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
