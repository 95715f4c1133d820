//! The effect of an action on the two relations between two members (`POST /x/relation/modify`).

use crate::relation::{GroupMembership, Relation, RelationKind, RelationPair};
use guanxi_types::{ErrorCode, RelationAction, Tagid};

/// The facts besides the relations that decide the effect of an action.
#[derive(Clone, Copy, Debug)]
pub struct RelationContext {
    /// The status of the target's mid.
    pub target: TargetStatus,
    /// True if a member acts on themselves.
    pub is_self: bool,
    /// The following count of the acting member.
    pub following_count: u32,
    /// The limit of the following count.
    pub following_limit: u32,
    /// The join sequence number of the acting member's next relation that joins a group.
    pub join_seq: u32,
    /// The next `seq` among the relations that either of the two created in this second (D15).
    pub seq: u32,
    /// The source of a new relation (D8).
    pub source: u32,
    /// The time, in seconds.
    pub now: i64,
}

/// The status of the mid that an action targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetStatus {
    /// The mid of a member.
    Member,
    /// The mid of a deleted member. It is never assigned again.
    Deleted,
    /// A mid that was never assigned.
    NeverExisted,
}

/// Returns the two relations after an action, or the code that rejects it. An action without an effect returns
/// `before` (D11).
pub fn apply_action(
    before: &RelationPair,
    action: RelationAction,
    context: RelationContext,
) -> Result<RelationPair, ErrorCode> {
    check_action(before, action, context)?;
    let mut next = before.clone();
    match action {
        RelationAction::Follow => set_outgoing(&mut next, RelationKind::Follow, context),
        RelationAction::Whisper => set_outgoing(&mut next, RelationKind::Whisper, context),
        RelationAction::Unfollow => {
            next.outgoing = next.outgoing.filter(Relation::is_block);
        }
        RelationAction::Unwhisper => {
            next.outgoing = next.outgoing.filter(|relation| relation.kind != RelationKind::Whisper);
        }
        RelationAction::Unblock => {
            next.outgoing = next.outgoing.filter(|relation| !relation.is_block());
        }
        RelationAction::RemoveFollower => {
            next.incoming = next.incoming.filter(Relation::is_block);
        }
        RelationAction::Block => {
            set_outgoing(&mut next, RelationKind::Block, context);
            next.incoming = next.incoming.filter(Relation::is_block);
        }
    }
    if is_mutual(&next) && !is_mutual(before) {
        // 互关后刷新: both times are refreshed when a pair becomes mutual, and only then (D12). Both relations move
        // behind all others of that second, even if they were created in it (D15). The answer comes behind the
        // follow that it answers.
        for (relation, seq) in next.incoming.iter_mut().chain(&mut next.outgoing).zip(context.seq..) {
            (relation.mtime, relation.seq) = (context.now, seq);
        }
    }
    Ok(next)
}

/// Returns the first code that rejects the action. Codes of the seed documents come first, then ours by number
/// (D4).
fn check_action(
    before: &RelationPair,
    action: RelationAction,
    context: RelationContext,
) -> Result<(), ErrorCode> {
    let new_kind = match action {
        RelationAction::Follow => Some(RelationKind::Follow),
        RelationAction::Whisper => Some(RelationKind::Whisper),
        _ => None,
    };
    let is_blocked = [&before.outgoing, &before.incoming].into_iter().flatten().any(Relation::is_block);
    if new_kind.is_some() && is_blocked {
        return Err(ErrorCode::Blocked);
    }
    match context.target {
        TargetStatus::Member => (),
        TargetStatus::Deleted => return Err(ErrorCode::MemberDeleted),
        TargetStatus::NeverExisted => return Err(ErrorCode::MemberNeverExisted),
    }
    if context.is_self {
        return Err(ErrorCode::TargetIsSelf);
    }
    let is_change = new_kind.is_some() && new_kind != before.outgoing.as_ref().map(|relation| relation.kind);
    if is_change && context.following_count >= context.following_limit {
        return Err(ErrorCode::FollowingLimitReached);
    }
    Ok(())
}

/// Replaces the outgoing relation, unless it already has that kind. A new follow joins the default group.
fn set_outgoing(pair: &mut RelationPair, kind: RelationKind, context: RelationContext) {
    if pair.outgoing.as_ref().is_some_and(|relation| relation.kind == kind) {
        return;
    }
    let groups = match kind {
        RelationKind::Follow => vec![GroupMembership { tagid: Tagid::DEFAULT, seq: context.join_seq }],
        RelationKind::Whisper | RelationKind::Block => vec![],
    };
    pair.outgoing =
        Some(Relation { kind, mtime: context.now, seq: context.seq, source: context.source, groups });
}

fn is_mutual(pair: &RelationPair) -> bool {
    let is_follow = |relation: &Option<Relation>| relation.as_ref().is_some_and(Relation::is_follow);
    is_follow(&pair.outgoing) && is_follow(&pair.incoming)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 9;
    const CONTEXT: RelationContext = RelationContext {
        target: TargetStatus::Member,
        is_self: false,
        following_count: 0,
        following_limit: 2,
        join_seq: 5,
        seq: 4,
        source: 11,
        now: NOW,
    };

    /// The relation of a letter: `-` none, `w` whisper, `f` follow, `b` block, `F` a follow with a refreshed time.
    fn relation(letter: char) -> Option<Relation> {
        let old = |kind, (mtime, seq), groups| Some(Relation { kind, mtime, seq, source: 3, groups });
        let created = (1, 8);
        let default_group = |seq| vec![GroupMembership { tagid: Tagid::DEFAULT, seq }];
        match letter {
            '-' => None,
            'w' => old(RelationKind::Whisper, created, vec![]),
            'f' => old(RelationKind::Follow, created, default_group(2)),
            'F' => old(RelationKind::Follow, (NOW, 4), default_group(2)),
            'b' => old(RelationKind::Block, created, vec![]),
            _ => panic!("unknown letter {letter}"),
        }
    }

    /// The outgoing relation after an action: new for `N`, `M`, `W` and `B`, else as in [`relation`].
    fn outgoing_after(letter: char) -> Option<Relation> {
        let new = |kind, seq, groups| Some(Relation { kind, mtime: NOW, seq, source: 11, groups });
        let default_group = || vec![GroupMembership { tagid: Tagid::DEFAULT, seq: 5 }];
        match letter {
            'N' => new(RelationKind::Follow, 4, default_group()),
            'M' => new(RelationKind::Follow, 5, default_group()),
            'W' => new(RelationKind::Whisper, 4, vec![]),
            'B' => new(RelationKind::Block, 4, vec![]),
            other => relation(other),
        }
    }

    /// Every action × outgoing × incoming relation. `xx` is a rejection with 22003. Other cells are the outgoing
    /// and the incoming relation afterwards: `N` new follow, `M` new follow that answers one, `W` new whisper, `B` new
    /// block, `F` old follow with a new time.
    #[rustfmt::skip]
    const TABLE: [(RelationAction, &str, [&str; 4]); 28] = [
        //               outgoing    incoming: -     w     f     b
        (RelationAction::Follow,         "-",       ["N-", "Nw", "MF", "xx"]),
        (RelationAction::Follow,         "w",       ["N-", "Nw", "MF", "xx"]),
        (RelationAction::Follow,         "f",       ["f-", "fw", "ff", "xx"]),
        (RelationAction::Follow,         "b",       ["xx", "xx", "xx", "xx"]),
        (RelationAction::Unfollow,       "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,       "w",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,       "f",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,       "b",       ["b-", "bw", "bf", "bb"]),
        (RelationAction::Whisper,        "-",       ["W-", "Ww", "Wf", "xx"]),
        (RelationAction::Whisper,        "w",       ["w-", "ww", "wf", "xx"]),
        (RelationAction::Whisper,        "f",       ["W-", "Ww", "Wf", "xx"]),
        (RelationAction::Whisper,        "b",       ["xx", "xx", "xx", "xx"]),
        (RelationAction::Unwhisper,      "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unwhisper,      "w",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unwhisper,      "f",       ["f-", "fw", "ff", "fb"]),
        (RelationAction::Unwhisper,      "b",       ["b-", "bw", "bf", "bb"]),
        (RelationAction::Block,          "-",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Block,          "w",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Block,          "f",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Block,          "b",       ["b-", "b-", "b-", "bb"]),
        (RelationAction::Unblock,        "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unblock,        "w",       ["w-", "ww", "wf", "wb"]),
        (RelationAction::Unblock,        "f",       ["f-", "fw", "ff", "fb"]),
        (RelationAction::Unblock,        "b",       ["--", "-w", "-f", "-b"]),
        (RelationAction::RemoveFollower, "-",       ["--", "--", "--", "-b"]),
        (RelationAction::RemoveFollower, "w",       ["w-", "w-", "w-", "wb"]),
        (RelationAction::RemoveFollower, "f",       ["f-", "f-", "f-", "fb"]),
        (RelationAction::RemoveFollower, "b",       ["b-", "b-", "b-", "bb"]),
    ];

    #[test]
    fn every_action_on_every_pair() {
        for (action, outgoing, row) in TABLE {
            for (incoming, after) in "-wfb".chars().zip(row) {
                let letter = outgoing.chars().next().unwrap();
                let before = RelationPair { outgoing: relation(letter), incoming: relation(incoming) };
                let letters: Vec<char> = after.chars().collect();
                let expected = match after {
                    "xx" => Err(ErrorCode::Blocked),
                    _ => Ok(RelationPair {
                        outgoing: outgoing_after(letters[0]),
                        incoming: relation(letters[1]),
                    }),
                };
                let result = apply_action(&before, action, CONTEXT);
                assert_eq!(result, expected, "{action:?} with {outgoing} and {incoming}");
            }
        }
    }

    #[test]
    fn new_mutual_pair_moves_to_the_end_of_its_second() {
        let follow = |mtime, seq| Relation { mtime, seq, ..relation('f').unwrap() };
        let before = RelationPair { outgoing: None, incoming: Some(follow(NOW, 0)) };
        let next = apply_action(&before, RelationAction::Follow, CONTEXT).unwrap();
        let order = |relation: Relation| (relation.mtime, relation.seq);
        let (incoming, outgoing) = (next.incoming.map(order), next.outgoing.map(order));
        assert_eq!([incoming, outgoing], [Some((NOW, 4)), Some((NOW, 5))], "the answer is the later one");
    }

    #[test]
    fn rejection_codes_have_precedence() {
        let never_existed = RelationContext { target: TargetStatus::NeverExisted, ..CONTEXT };
        let deleted = RelationContext { target: TargetStatus::Deleted, ..CONTEXT };
        let to_self = RelationContext { is_self: true, ..CONTEXT };
        let full = RelationContext { following_count: 2, ..CONTEXT };
        let all = RelationContext { is_self: true, following_count: 2, ..never_existed };
        #[rustfmt::skip]
        let cases = [
            // action, outgoing, incoming, context -> error
            (RelationAction::Follow,         '-', 'b', all,     Some(ErrorCode::Blocked)),
            (RelationAction::Follow,         '-', 'b', RelationContext { target: TargetStatus::Deleted, ..all }, Some(ErrorCode::Blocked)),
            (RelationAction::Follow,         '-', '-', all,     Some(ErrorCode::MemberNeverExisted)),
            (RelationAction::Follow,         '-', '-', RelationContext { target: TargetStatus::Deleted, ..all }, Some(ErrorCode::MemberDeleted)),
            (RelationAction::Follow,         '-', '-', never_existed,  Some(ErrorCode::MemberNeverExisted)),
            (RelationAction::Unfollow,       '-', '-', never_existed,  Some(ErrorCode::MemberNeverExisted)),
            (RelationAction::Follow,         '-', '-', deleted,    Some(ErrorCode::MemberDeleted)),
            (RelationAction::Unfollow,       'f', '-', deleted,    Some(ErrorCode::MemberDeleted)),
            (RelationAction::RemoveFollower, '-', '-', to_self, Some(ErrorCode::TargetIsSelf)),
            (RelationAction::Follow,         '-', '-', RelationContext { is_self: true, ..full }, Some(ErrorCode::TargetIsSelf)),
            (RelationAction::Follow,         '-', '-', full,    Some(ErrorCode::FollowingLimitReached)),
            (RelationAction::Whisper,        '-', '-', full,    Some(ErrorCode::FollowingLimitReached)),
            (RelationAction::Follow,         'w', '-', full,    Some(ErrorCode::FollowingLimitReached)),
            (RelationAction::Whisper,        'f', '-', full,    Some(ErrorCode::FollowingLimitReached)),
            (RelationAction::Follow,         '-', '-', RelationContext { following_count: 1, ..CONTEXT }, None),
            // An action without an effect, or a removal, ignores the limit.
            (RelationAction::Follow,   'f', '-', full,    None),
            (RelationAction::Whisper,  'w', '-', full,    None),
            (RelationAction::Unfollow, 'f', '-', full,    None),
            (RelationAction::Block,    'f', 'f', full,    None),
        ];
        for (action, outgoing, incoming, context, error) in cases {
            let before = RelationPair { outgoing: relation(outgoing), incoming: relation(incoming) };
            let result = apply_action(&before, action, context);
            assert_eq!(result.err(), error, "{action:?} with {outgoing} and {incoming}");
        }
    }
}
