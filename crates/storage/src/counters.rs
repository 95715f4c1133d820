//! The counters of a member. Commands never set them: the engine derives them from the old and the new relation.

use crate::model::Versions;
use guanxi_domain::relation::{Relation, RelationKind, memberships};
use guanxi_types::{Coins, Mid, Tagid};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The counters of a member. A member exists if and only if it has counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The number of members that the member follows.
    pub following: u32,
    /// The number of members that the member whispers.
    pub whisper: u32,
    /// The number of members that the member blocks.
    pub blocked: u32,
    /// The number of followers.
    pub follower: u32,
    /// The number of members in the built-in group 特别关注.
    pub special: u32,
    /// The number of members in the built-in group 默认分组.
    pub default: u32,
    /// The version of the list of followers (D17).
    pub followers_version: u32,
    /// The version of the list of followings (D17).
    pub followings_version: u32,
    /// The version of the private relations: whispers and blocks (D13).
    pub private_version: u32,
    /// The sequence number of the member's next group membership.
    pub next_join_seq: u32,
    /// The last second in which a relation in the member's lists began.
    pub last_mtime: u32,
    /// The last `seq` in the second `last_mtime`.
    pub last_seq: u32,
    /// The balance: the sum of the coin log.
    pub coins: Coins,
}

impl Counters {
    /// Returns the version of the list of followings. Only the owner's version changes with private relations,
    /// so that it reveals none of them to others.
    pub fn followings_version_for(&self, is_owner: bool) -> u32 {
        self.followings_version.wrapping_add(if is_owner { self.private_version } else { 0 })
    }

    /// Returns the versions of the member's two lists, as the member sees them.
    pub fn versions(&self, mid: Mid) -> Versions {
        Versions { mid, followers: self.followers_version, followings: self.followings_version_for(true) }
    }

    /// Sets the versions of the member's two lists, as the member sees them.
    pub(crate) fn set_versions(&mut self, followers: u32, followings: u32) {
        (self.followers_version, self.followings_version, self.private_version) = (followers, followings, 0);
    }

    /// Applies a change of one of the member's own relations.
    pub fn apply_outgoing(&mut self, old: Option<&Relation>, new: Option<&Relation>) {
        let is_kind = |relation: Option<&Relation>, kind| {
            u32::from(relation.is_some_and(|relation| relation.kind == kind))
        };
        let in_group = |relation: Option<&Relation>, tagid| {
            u32::from(memberships(relation).iter().any(|membership| membership.tagid == tagid))
        };
        let replace =
            |counter: &mut u32, old: u32, new: u32| *counter = counter.wrapping_add(new).wrapping_sub(old);
        for (counter, kind) in [
            (&mut self.following, RelationKind::Follow),
            (&mut self.whisper, RelationKind::Whisper),
            (&mut self.blocked, RelationKind::Block),
        ] {
            replace(counter, is_kind(old, kind), is_kind(new, kind));
        }
        for (counter, tagid) in [(&mut self.special, Tagid::SPECIAL), (&mut self.default, Tagid::DEFAULT)] {
            replace(counter, in_group(old, tagid), in_group(new, tagid));
        }
        if follow_position(old) != follow_position(new) {
            self.followings_version = self.followings_version.wrapping_add(1);
        } else if relation_identity(old) != relation_identity(new) {
            self.private_version = self.private_version.wrapping_add(1);
        }
        for membership in memberships(new) {
            self.next_join_seq = self.next_join_seq.max(membership.seq.saturating_add(1));
        }
        self.raise_last_relation(new);
    }

    /// Applies a change of another member's relation to this member. A whisper is invisible to its target (D13).
    pub fn apply_incoming(&mut self, old: Option<&Relation>, new: Option<&Relation>) {
        let new = new.filter(|relation| relation.is_follow());
        if follow_position(old) != follow_position(new) {
            let old = follow_position(old);
            self.follower =
                self.follower.wrapping_add(u32::from(new.is_some())).wrapping_sub(u32::from(old.is_some()));
            self.followers_version = self.followers_version.wrapping_add(1);
        }
        self.raise_last_relation(new);
    }

    fn raise_last_relation(&mut self, relation: Option<&Relation>) {
        let last = relation.map_or((0, 0), |relation| (clamp_secs(relation.mtime), relation.seq));
        (self.last_mtime, self.last_seq) = (self.last_mtime, self.last_seq).max(last);
    }

    /// Returns the `seq` of the next relation in the member's lists that begins in a second. Returns `None` if
    /// a later relation exists, as after the clock was set back. Then
    /// [`last_seq`](crate::transaction::Transaction::last_seq) has to read the lists.
    pub fn next_seq(&self, now: i64) -> Option<u32> {
        match clamp_secs(now).cmp(&self.last_mtime) {
            Ordering::Greater => Some(0),
            Ordering::Equal => Some(self.last_seq.saturating_add(1)),
            Ordering::Less => None,
        }
    }
}

/// Converts a time to the type of keys and relations, seconds from 1970 to 2106. Times outside are clamped.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(crate) fn clamp_secs(time: i64) -> u32 {
    time.clamp(0, i64::from(u32::MAX)) as u32
}

crate::model::sql_row::impl_sql_row!(Counters {
    following: u32,
    whisper: u32,
    blocked: u32,
    follower: u32,
    special: u32,
    default: u32,
    followers_version: u32,
    followings_version: u32,
    private_version: u32,
    next_join_seq: u32,
    last_mtime: u32,
    last_seq: u32,
    coins: Coins,
});

/// Returns true if the target of a changed relation can see the change, in the list of followers.
pub(crate) fn is_visible_change(old: Option<&Relation>, new: Option<&Relation>) -> bool {
    follow_position(old) != follow_position(new)
}

/// Returns the part of a relation that a list shows. Groups are not part of it.
pub(crate) fn relation_identity(relation: Option<&Relation>) -> Option<(RelationKind, i64, u32)> {
    relation.map(|relation| (relation.kind, relation.mtime, relation.seq))
}

/// Returns the position of a follow in the target's list of followers: its second, and its `seq` within.
fn follow_position(relation: Option<&Relation>) -> Option<(i64, u32)> {
    relation.filter(|relation| relation.is_follow()).map(|relation| (relation.mtime, relation.seq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::relation::GroupMembership;

    fn relation(kind: RelationKind, mtime: i64, groups: &[(i64, u32)]) -> Relation {
        let groups =
            groups.iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq: *seq }).collect();
        Relation { kind, mtime, seq: 0, source: 11, groups }
    }

    #[test]
    fn relation_change_updates_counters_of_both_members() {
        let start = Counters {
            following: 5,
            whisper: 5,
            blocked: 5,
            follower: 5,
            special: 5,
            default: 5,
            followers_version: 5,
            followings_version: 5,
            private_version: 5,
            next_join_seq: 5,
            last_mtime: 5,
            last_seq: 5,
            coins: Coins::ZERO,
        };
        let follow = |mtime, groups| Some(relation(RelationKind::Follow, mtime, groups));
        let (whisper, block) =
            (Some(relation(RelationKind::Whisper, 1, &[])), Some(relation(RelationKind::Block, 2, &[])));
        #[rustfmt::skip]
        let cases = [
            // old, new -> [following, whisper, blocked, special, default, version, private, join_seq],
            // [follower, version]
            (None,                   None,                           [5, 5, 5, 5, 5, 5, 5, 5], [5, 5]),
            (None,                   follow(1, &[(0, 5)]),           [6, 5, 5, 5, 6, 6, 5, 6], [6, 6]),
            (None,                   whisper.clone(),                [5, 6, 5, 5, 5, 5, 6, 5], [5, 5]),
            (follow(1, &[(-10, 1)]), block,                          [4, 5, 6, 4, 5, 6, 5, 5], [4, 6]),
            (follow(1, &[(0, 1)]),   follow(2, &[(0, 1)]),           [5, 5, 5, 5, 5, 6, 5, 5], [5, 6]),
            (follow(1, &[(0, 1)]),   follow(1, &[(-10, 5), (7, 6)]), [5, 5, 5, 6, 4, 5, 5, 7], [5, 5]),
            (whisper,                None,                           [5, 4, 5, 5, 5, 5, 6, 5], [5, 5]),
        ];
        for (old, new, expected_owner, expected_target) in cases {
            let (mut owner, mut other) = (start, start);
            owner.apply_outgoing(old.as_ref(), new.as_ref());
            other.apply_incoming(old.as_ref(), new.as_ref());
            let Counters {
                following,
                whisper,
                blocked,
                special,
                default,
                followings_version,
                private_version,
                next_join_seq,
                ..
            } = owner;
            assert_eq!(
                [
                    following,
                    whisper,
                    blocked,
                    special,
                    default,
                    followings_version,
                    private_version,
                    next_join_seq
                ],
                expected_owner,
                "{old:?} {new:?}"
            );
            assert_eq!([other.follower, other.followers_version], expected_target, "{old:?} {new:?}");
        }
    }

    #[test]
    fn next_seq_is_one_after_the_last_of_its_second() {
        let relation = |kind, mtime, seq| Relation { seq, ..relation(kind, mtime, &[]) };
        let mut counters = Counters::default();
        counters.apply_outgoing(None, Some(&relation(RelationKind::Whisper, 100, 0)));
        assert_eq!([99, 100, 101].map(|now| counters.next_seq(now)), [None, Some(1), Some(0)]);
        counters.apply_incoming(None, Some(&relation(RelationKind::Follow, 100, 6)));
        // An incoming whisper is in no list of the member, and a relation that ends does not lower the last seq.
        counters.apply_incoming(None, Some(&relation(RelationKind::Whisper, 100, 9)));
        counters.apply_outgoing(Some(&relation(RelationKind::Whisper, 100, 0)), None);
        counters.apply_outgoing(None, Some(&relation(RelationKind::Follow, 99, 8)));
        assert_eq!([99, 100, 101].map(|now| counters.next_seq(now)), [None, Some(7), Some(0)]);
    }

    #[test]
    fn relation_moved_within_its_second_changes_both_versions() {
        let [old, new] = [0, 1].map(|seq| Relation { seq, ..relation(RelationKind::Follow, 100, &[(0, 0)]) });
        let (mut owner, mut other) = (Counters::default(), Counters::default());
        owner.apply_outgoing(Some(&old), Some(&new));
        other.apply_incoming(Some(&old), Some(&new));
        assert_eq!((owner.followings_version, owner.private_version, other.followers_version), (1, 0, 1));
    }

    #[test]
    fn version_wraps_around_at_its_maximum() {
        let mut counters = Counters { followers_version: u32::MAX, ..Counters::default() };
        counters.apply_incoming(None, Some(&relation(RelationKind::Follow, 1, &[])));
        assert_eq!(counters.followers_version, 0);
    }
}
