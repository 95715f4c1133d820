//! The counters of a member. No command decides one: an engine adds what a tie weighs now, less what it weighed.

use guanxi_domain::tie::{Relation, RelationKind};
use guanxi_types::{Coins, Tagid};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A member's counters. Whoever has them exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// How many they follow.
    pub following: u32,
    /// How many they whisper.
    pub whisper: u32,
    /// How many they block.
    pub black: u32,
    /// How many follow them.
    pub follower: u32,
    /// How many they keep in 特别关注.
    pub special: u32,
    /// How many they keep in 默认分组.
    pub default: u32,
    /// Changes with the list of their fans (D17).
    pub fans_version: u32,
    /// Changes with the list of their followings (D17).
    pub followings_version: u32,
    /// Changes with those of their ties that only they see: whispers and blacks (D13).
    pub hidden_version: u32,
    /// The turn at which the next of their ties joins a group.
    pub turn: u32,
    /// The last second in which a relation of their lists began.
    pub last_mtime: u32,
    /// The last `seq` of that second.
    pub last_seq: u32,
    /// Their balance: the sum of their coin log.
    pub coins: Coins,
}

impl Counters {
    /// The version of the list of their followings, as somebody sees it: it tells nobody else of whispers and blacks.
    pub fn version_of_followings(&self, own: bool) -> u32 {
        self.followings_version.wrapping_add(if own { self.hidden_version } else { 0 })
    }

    /// How many ties of a kind are their own.
    pub fn of(&self, kind: RelationKind) -> u32 {
        match kind {
            RelationKind::Follow => self.following,
            RelationKind::Whisper => self.whisper,
            RelationKind::Black => self.black,
        }
    }

    /// Counts a tie of one's own that was one thing and is another.
    pub fn count(&mut self, was: Option<&Relation>, next: Option<&Relation>) {
        let kind = |tie: Option<&Relation>, kind| u32::from(tie.is_some_and(|tie| tie.kind == kind));
        let within = |tie: Option<&Relation>, tagid| {
            u32::from(tie.is_some_and(|tie| tie.groups.iter().any(|joined| joined.tagid == tagid)))
        };
        let shift =
            |counter: &mut u32, was: u32, next: u32| *counter = counter.wrapping_add(next).wrapping_sub(was);
        for (counter, of) in [
            (&mut self.following, RelationKind::Follow),
            (&mut self.whisper, RelationKind::Whisper),
            (&mut self.black, RelationKind::Black),
        ] {
            shift(counter, kind(was, of), kind(next, of));
        }
        for (counter, tagid) in [(&mut self.special, Tagid::SPECIAL), (&mut self.default, Tagid::DEFAULT)] {
            shift(counter, within(was, tagid), within(next, tagid));
        }
        if since(was) != since(next) {
            self.followings_version = self.followings_version.wrapping_add(1);
        } else if face(was) != face(next) {
            self.hidden_version = self.hidden_version.wrapping_add(1);
        }
        let turns = next.into_iter().flat_map(|tie| &tie.groups).map(|joined| joined.seq.saturating_add(1));
        self.turn = turns.fold(self.turn, u32::max);
        self.raise_last(next);
    }

    /// Counts a tie of somebody else's that comes to one. A whisper is invisible (D13).
    pub fn count_fan(&mut self, was: Option<&Relation>, next: Option<&Relation>) {
        let next = next.filter(|tie| tie.is_follow());
        if since(was) != since(next) {
            let was = since(was);
            self.follower =
                self.follower.wrapping_add(u32::from(next.is_some())).wrapping_sub(u32::from(was.is_some()));
            self.fans_version = self.fans_version.wrapping_add(1);
        }
        self.raise_last(next);
    }

    fn raise_last(&mut self, tie: Option<&Relation>) {
        let last = tie.map_or((0, 0), |tie| (second(tie.mtime), tie.seq));
        (self.last_mtime, self.last_seq) = (self.last_mtime, self.last_seq).max(last);
    }

    /// The `seq` of the next relation of their lists that begins in a second. Returns `None` if later ones are there, as
    /// after the clock was set back: then the lists have to be read.
    pub fn next_seq(&self, now: i64) -> Option<u32> {
        match second(now).cmp(&self.last_mtime) {
            Ordering::Greater => Some(0),
            Ordering::Equal => Some(self.last_seq.saturating_add(1)),
            Ordering::Less => None,
        }
    }
}

/// A time as keys and ties hold it: seconds from 1970 to 2106. What lies outside is taken as the nearest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(crate) fn second(time: i64) -> u32 {
    time.clamp(0, i64::from(u32::MAX)) as u32
}

crate::row::column::in_columns!(Counters {
    following: u32,
    whisper: u32,
    black: u32,
    follower: u32,
    special: u32,
    default: u32,
    fans_version: u32,
    followings_version: u32,
    hidden_version: u32,
    turn: u32,
    last_mtime: u32,
    last_seq: u32,
    coins: Coins,
});

/// Whether a change of a tie is seen by whom it goes to: their fans change, and nothing else of theirs.
pub(crate) fn is_seen(was: Option<&Relation>, next: Option<&Relation>) -> bool {
    since(was) != since(next)
}

/// What of a tie counts as the tie's having changed: its groups do not.
fn face(tie: Option<&Relation>) -> Option<(RelationKind, i64, u32)> {
    tie.map(|tie| (tie.kind, tie.mtime, tie.seq))
}

/// Where a tie shows its owner among the fans: by its second, and its place within that.
fn since(tie: Option<&Relation>) -> Option<(i64, u32)> {
    tie.filter(|tie| tie.is_follow()).map(|tie| (tie.mtime, tie.seq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::tie::GroupMembership;

    fn tie(kind: RelationKind, mtime: i64, groups: &[(i64, u32)]) -> Relation {
        let groups =
            groups.iter().map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: *turn }).collect();
        Relation { kind, mtime, seq: 0, source: 11, groups }
    }

    #[test]
    fn what_a_tie_weighs() {
        let start = Counters {
            following: 5,
            whisper: 5,
            black: 5,
            follower: 5,
            special: 5,
            default: 5,
            fans_version: 5,
            followings_version: 5,
            hidden_version: 5,
            turn: 5,
            last_mtime: 5,
            last_seq: 5,
            coins: Coins::ZERO,
        };
        let follow = |mtime, groups| Some(tie(RelationKind::Follow, mtime, groups));
        let (whisper, black) =
            (Some(tie(RelationKind::Whisper, 1, &[])), Some(tie(RelationKind::Black, 2, &[])));
        #[rustfmt::skip]
        let cases = [
            // was, next -> [following, whisper, black, special, default, version, hidden, turn], [follower, version]
            (None,                   None,                           [5, 5, 5, 5, 5, 5, 5, 5], [5, 5]),
            (None,                   follow(1, &[(0, 5)]),           [6, 5, 5, 5, 6, 6, 5, 6], [6, 6]),
            (None,                   whisper.clone(),                [5, 6, 5, 5, 5, 5, 6, 5], [5, 5]),
            (follow(1, &[(-10, 1)]), black,                          [4, 5, 6, 4, 5, 6, 5, 5], [4, 6]),
            (follow(1, &[(0, 1)]),   follow(2, &[(0, 1)]),           [5, 5, 5, 5, 5, 6, 5, 5], [5, 6]),
            (follow(1, &[(0, 1)]),   follow(1, &[(-10, 5), (7, 6)]), [5, 5, 5, 6, 4, 5, 5, 7], [5, 5]),
            (whisper,                None,                           [5, 4, 5, 5, 5, 5, 6, 5], [5, 5]),
        ];
        for (was, next, mine, theirs) in cases {
            let (mut owner, mut other) = (start, start);
            owner.count(was.as_ref(), next.as_ref());
            other.count_fan(was.as_ref(), next.as_ref());
            let Counters {
                following,
                whisper,
                black,
                special,
                default,
                followings_version,
                hidden_version,
                turn,
                ..
            } = owner;
            assert_eq!(
                [following, whisper, black, special, default, followings_version, hidden_version, turn],
                mine,
                "{was:?} {next:?}"
            );
            assert_eq!([other.follower, other.fans_version], theirs, "{was:?} {next:?}");
        }
    }

    #[test]
    fn next_seq_follows_the_last_of_its_second() {
        let tie = |kind, mtime, seq| Relation { seq, ..tie(kind, mtime, &[]) };
        let mut stat = Counters::default();
        stat.count(None, Some(&tie(RelationKind::Whisper, 100, 0)));
        assert_eq!([99, 100, 101].map(|now| stat.next_seq(now)), [None, Some(1), Some(0)]);
        stat.count_fan(None, Some(&tie(RelationKind::Follow, 100, 6)));
        // A relation that they do not see is in no list of theirs, and one that ends takes nothing back.
        stat.count_fan(None, Some(&tie(RelationKind::Whisper, 100, 9)));
        stat.count(Some(&tie(RelationKind::Whisper, 100, 0)), None);
        stat.count(None, Some(&tie(RelationKind::Follow, 99, 8)));
        assert_eq!([99, 100, 101].map(|now| stat.next_seq(now)), [None, Some(7), Some(0)]);
    }

    #[test]
    fn tie_that_moves_within_its_second_changes_both_versions() {
        let [was, next] = [0, 1].map(|seq| Relation { seq, ..tie(RelationKind::Follow, 100, &[(0, 0)]) });
        let (mut owner, mut other) = (Counters::default(), Counters::default());
        owner.count(Some(&was), Some(&next));
        other.count_fan(Some(&was), Some(&next));
        assert_eq!((owner.followings_version, owner.hidden_version, other.fans_version), (1, 0, 1));
    }

    #[test]
    fn a_version_goes_round() {
        let mut stat = Counters { fans_version: u32::MAX, ..Counters::default() };
        stat.count_fan(None, Some(&tie(RelationKind::Follow, 1, &[])));
        assert_eq!(stat.fans_version, 0);
    }
}
