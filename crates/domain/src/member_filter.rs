//! The filter of the operators' list of members.

use jiff::civil::Date;

/// A state of few members. The engines index the members of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberFlag {
    /// The member is silenced.
    Silenced,
    /// The member has a phone that is not verified.
    UnverifiedTel,
    /// The member has a mail address that is not verified.
    UnverifiedMail,
}

impl MemberFlag {
    /// All flags. An index of the first ones is likely to be shorter.
    pub const ALL: [MemberFlag; 3] =
        [MemberFlag::Silenced, MemberFlag::UnverifiedTel, MemberFlag::UnverifiedMail];
}

/// The values of a member that the list shows and filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFacts {
    /// The time of joining, in seconds. 0 if unknown.
    pub joined: i64,
    /// The last day on which the member was logged in. `None` for never.
    pub active: Option<Date>,
    /// The exp.
    pub exp: u64,
    /// The flags, in order.
    pub flags: Vec<MemberFlag>,
}

/// The filter. A member must have all of it. Bounds are inclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// The least time of joining, in seconds.
    pub joined_from: Option<i64>,
    /// The greatest time of joining, in seconds.
    pub joined_until: Option<i64>,
    /// The first day of the last login.
    pub active_from: Option<Date>,
    /// The last day of the last login. It includes members who never logged in.
    pub active_until: Option<Date>,
    /// The least exp.
    pub exp_from: Option<u64>,
    /// The greatest exp.
    pub exp_until: Option<u64>,
    /// The flags of the member.
    pub flags: Vec<MemberFlag>,
}

impl MemberFilter {
    /// Returns true if a member passes the filter.
    pub fn admits(&self, facts: &MemberFacts) -> bool {
        is_within(facts.joined, self.joined_from, self.joined_until)
            && is_within(facts.exp, self.exp_from, self.exp_until)
            // No day is less than any day.
            && (self.active_from.is_none() || facts.active >= self.active_from)
            && (self.active_until.is_none() || facts.active <= self.active_until)
            && self.flags.iter().all(|flag| facts.flags.contains(flag))
    }

    /// Returns true if the filter depends on the time of joining.
    pub fn has_joined(&self) -> bool {
        self.joined_from.is_some() || self.joined_until.is_some()
    }

    /// Returns true if the filter depends on the exp or the last login.
    pub fn has_growth(&self) -> bool {
        let Self { active_from, active_until, exp_from, exp_until, .. } = self;
        active_from.is_some() || active_until.is_some() || exp_from.is_some() || exp_until.is_some()
    }

    /// Returns the flag whose members are to be read. `None` if the filter has no flag.
    pub fn first_flag(&self) -> Option<MemberFlag> {
        self.flags.iter().min().copied()
    }
}

fn is_within<T: PartialOrd + Copy>(value: T, from: Option<T>, until: Option<T>) -> bool {
    from.is_none_or(|from| value >= from) && until.is_none_or(|until| value <= until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn filter_admits_members_within_all_bounds() {
        let day = |day| Some(date(2026, 1, day));
        let facts = MemberFacts {
            joined: 100,
            active: day(10),
            exp: 50,
            flags: vec![MemberFlag::Silenced, MemberFlag::UnverifiedMail],
        };
        let never = MemberFacts { active: None, ..facts.clone() };
        let all = MemberFilter::default();
        let flags = |flags: &[MemberFlag]| MemberFilter { flags: flags.to_vec(), ..MemberFilter::default() };
        for (filter, member, is_admitted) in [
            (all.clone(), &facts, true),
            (MemberFilter { joined_from: Some(100), joined_until: Some(100), ..all.clone() }, &facts, true),
            (MemberFilter { joined_from: Some(101), ..all.clone() }, &facts, false),
            (MemberFilter { joined_until: Some(99), ..all.clone() }, &facts, false),
            (MemberFilter { exp_from: Some(50), exp_until: Some(50), ..all.clone() }, &facts, true),
            (MemberFilter { exp_from: Some(51), ..all.clone() }, &facts, false),
            (MemberFilter { exp_until: Some(49), ..all.clone() }, &facts, false),
            (MemberFilter { active_from: day(10), active_until: day(10), ..all.clone() }, &facts, true),
            (MemberFilter { active_from: day(11), ..all.clone() }, &facts, false),
            (MemberFilter { active_until: day(9), ..all.clone() }, &facts, false),
            (MemberFilter { active_from: day(1), ..all.clone() }, &never, false),
            (MemberFilter { active_until: day(1), ..all.clone() }, &never, true),
            (flags(&[MemberFlag::Silenced, MemberFlag::UnverifiedMail]), &facts, true),
            (flags(&[MemberFlag::Silenced, MemberFlag::UnverifiedTel]), &facts, false),
        ] {
            assert_eq!(filter.admits(member), is_admitted, "{filter:?}");
        }
        assert_eq!(
            flags(&[MemberFlag::UnverifiedMail, MemberFlag::Silenced]).first_flag(),
            Some(MemberFlag::Silenced)
        );
    }
}
