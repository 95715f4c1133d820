//! What becomes of the two ties between two members when one of them acts (15).

use crate::tie::{GroupMembership, Relation, RelationKind};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_types::{ErrorCode, Tagid};

/// Both ties between two members, seen from one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationPair {
    /// Mine to them.
    pub outgoing: Option<Relation>,
    /// Theirs to me.
    pub incoming: Option<Relation>,
}

/// What else the rule needs to know.
#[derive(Clone, Copy, Debug)]
pub struct RelationContext {
    /// Whether the other is a member.
    pub other: Other,
    /// Whether the other is oneself.
    pub oneself: bool,
    /// One's following count.
    pub following: u32,
    /// How far that may go.
    pub limit: u32,
    /// The turn at which the next of one's ties joins a group.
    pub turn: u32,
    /// The next place among the relations that either of the two has of this second (D15).
    pub seq: u32,
    /// Where a follow comes from.
    pub source: u32,
    /// The time, in seconds.
    pub now: i64,
}

/// Whom an act is upon, by their mid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// A member.
    Member,
    /// Nobody any more: their mid was given once.
    Left,
    /// Nobody ever.
    Never,
}

/// The ties after the act, or why not. An act that changes nothing gives back what was (D11).
pub fn apply_action(
    was: &RelationPair,
    act: RelationAction,
    about: RelationContext,
) -> Result<RelationPair, ErrorCode> {
    refuse(was, act, about)?;
    let mut next = was.clone();
    match act {
        RelationAction::Follow => take(&mut next, RelationKind::Follow, about),
        RelationAction::Whisper => take(&mut next, RelationKind::Whisper, about),
        RelationAction::Unfollow => {
            next.outgoing = next.outgoing.filter(|tie| tie.kind == RelationKind::Black)
        }
        RelationAction::Unwhisper => {
            next.outgoing = next.outgoing.filter(|tie| tie.kind != RelationKind::Whisper)
        }
        RelationAction::Unblack => {
            next.outgoing = next.outgoing.filter(|tie| tie.kind != RelationKind::Black)
        }
        RelationAction::Kick => next.incoming = next.incoming.filter(|tie| tie.kind == RelationKind::Black),
        RelationAction::Black => {
            take(&mut next, RelationKind::Black, about);
            next.incoming = next.incoming.filter(|tie| tie.kind == RelationKind::Black);
        }
    }
    if mutual(&next) && !mutual(was) {
        // 互关后刷新: both times are told anew when a pair becomes mutual, and only then (D12). Both ties move behind all
        // others of that second, even if they were of it already (D15).
        for tie in next.outgoing.iter_mut().chain(&mut next.incoming) {
            (tie.mtime, tie.seq) = (about.now, about.seq);
        }
    }
    Ok(next)
}

/// The refusals, in the order they win (D4): the seed's own, then ours by number.
fn refuse(was: &RelationPair, act: RelationAction, about: RelationContext) -> Result<(), ErrorCode> {
    let wanted = match act {
        RelationAction::Follow => Some(RelationKind::Follow),
        RelationAction::Whisper => Some(RelationKind::Whisper),
        _ => None,
    };
    let blocked =
        [&was.outgoing, &was.incoming].into_iter().flatten().any(|tie| tie.kind == RelationKind::Black);
    if wanted.is_some() && blocked {
        return Err(ErrorCode::Blocked);
    }
    match about.other {
        Other::Member => (),
        Other::Left => return Err(ErrorCode::MemberLeft),
        Other::Never => return Err(ErrorCode::NeverMember),
    }
    if about.oneself {
        return Err(ErrorCode::Oneself);
    }
    let changes = wanted.is_some() && wanted != was.outgoing.as_ref().map(|tie| tie.kind);
    if changes && about.following >= about.limit {
        return Err(ErrorCode::FollowingFull);
    }
    Ok(())
}

/// Makes my tie one of that kind, unless it is. A new follow joins the default group.
fn take(pair: &mut RelationPair, kind: RelationKind, about: RelationContext) {
    if pair.outgoing.as_ref().is_some_and(|tie| tie.kind == kind) {
        return;
    }
    let groups = match kind {
        RelationKind::Follow => vec![GroupMembership { tagid: Tagid::DEFAULT, seq: about.turn }],
        RelationKind::Whisper | RelationKind::Black => vec![],
    };
    pair.outgoing = Some(Relation { kind, mtime: about.now, seq: about.seq, source: about.source, groups });
}

fn mutual(pair: &RelationPair) -> bool {
    let follows = |tie: &Option<Relation>| tie.as_ref().is_some_and(Relation::is_follow);
    follows(&pair.outgoing) && follows(&pair.incoming)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 9;
    const ABOUT: RelationContext = RelationContext {
        other: Other::Member,
        oneself: false,
        following: 0,
        limit: 2,
        turn: 5,
        seq: 4,
        source: 11,
        now: NOW,
    };

    /// `-` none, `w` whisper, `f` follow, `b` black; `F` is a follow whose time was told anew.
    fn tie(letter: char) -> Option<Relation> {
        let of = |kind, (mtime, seq), groups| Some(Relation { kind, mtime, seq, source: 3, groups });
        let old = (1, 8);
        let default = |turn| vec![GroupMembership { tagid: Tagid::DEFAULT, seq }];
        match letter {
            '-' => None,
            'w' => of(RelationKind::Whisper, old, vec![]),
            'f' => of(RelationKind::Follow, old, default(2)),
            'F' => of(RelationKind::Follow, (NOW, 4), default(2)),
            'b' => of(RelationKind::Black, old, vec![]),
            _ => panic!("no tie is written {letter}"),
        }
    }

    /// My tie after an act: as `tie`, or new at the time of the act where it is a capital or `!`.
    fn mine_after(letter: char) -> Option<Relation> {
        let new = |kind, groups| Some(Relation { kind, mtime: NOW, seq: 4, source: 11, groups });
        match letter {
            'N' => new(RelationKind::Follow, vec![GroupMembership { tagid: Tagid::DEFAULT, seq: 5 }]),
            'W' => new(RelationKind::Whisper, vec![]),
            'B' => new(RelationKind::Black, vec![]),
            other => tie(other),
        }
    }

    /// Every act × my tie × their tie. `xx` is a refusal with 22003; else my tie and theirs after it:
    /// `N` a new follow, `W` a new whisper, `B` a new black, `F` an old follow with a new time.
    #[rustfmt::skip]
    const TABLE: [(RelationAction, &str, [&str; 4]); 28] = [
        //               mine  theirs: -     w     f     b
        (RelationAction::Follow,    "-",       ["N-", "Nw", "NF", "xx"]),
        (RelationAction::Follow,    "w",       ["N-", "Nw", "NF", "xx"]),
        (RelationAction::Follow,    "f",       ["f-", "fw", "ff", "xx"]),
        (RelationAction::Follow,    "b",       ["xx", "xx", "xx", "xx"]),
        (RelationAction::Unfollow,  "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,  "w",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,  "f",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unfollow,  "b",       ["b-", "bw", "bf", "bb"]),
        (RelationAction::Whisper,   "-",       ["W-", "Ww", "Wf", "xx"]),
        (RelationAction::Whisper,   "w",       ["w-", "ww", "wf", "xx"]),
        (RelationAction::Whisper,   "f",       ["W-", "Ww", "Wf", "xx"]),
        (RelationAction::Whisper,   "b",       ["xx", "xx", "xx", "xx"]),
        (RelationAction::Unwhisper, "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unwhisper, "w",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unwhisper, "f",       ["f-", "fw", "ff", "fb"]),
        (RelationAction::Unwhisper, "b",       ["b-", "bw", "bf", "bb"]),
        (RelationAction::Black,     "-",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Black,     "w",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Black,     "f",       ["B-", "B-", "B-", "Bb"]),
        (RelationAction::Black,     "b",       ["b-", "b-", "b-", "bb"]),
        (RelationAction::Unblack,   "-",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Unblack,   "w",       ["w-", "ww", "wf", "wb"]),
        (RelationAction::Unblack,   "f",       ["f-", "fw", "ff", "fb"]),
        (RelationAction::Unblack,   "b",       ["--", "-w", "-f", "-b"]),
        (RelationAction::Kick,      "-",       ["--", "--", "--", "-b"]),
        (RelationAction::Kick,      "w",       ["w-", "w-", "w-", "wb"]),
        (RelationAction::Kick,      "f",       ["f-", "f-", "f-", "fb"]),
        (RelationAction::Kick,      "b",       ["b-", "b-", "b-", "bb"]),
    ];

    #[test]
    fn every_act_on_every_pair() {
        for (act, mine, row) in TABLE {
            for (theirs, after) in "-wfb".chars().zip(row) {
                let was = RelationPair { outgoing: tie(mine.chars().next().unwrap()), incoming: tie(theirs) };
                let letters: Vec<char> = after.chars().collect();
                let expected = match after {
                    "xx" => Err(ErrorCode::Blocked),
                    _ => Ok(RelationPair { outgoing: mine_after(letters[0]), incoming: tie(letters[1]) }),
                };
                assert_eq!(
                    super::apply_action(&was, act, ABOUT),
                    expected,
                    "{act:?} with {mine} and {theirs}"
                );
            }
        }
    }

    #[test]
    fn pair_mutual_within_its_second_moves_to_its_end() {
        let follow = |mtime, seq| Relation { mtime, seq, ..tie('f').unwrap() };
        let was = RelationPair { outgoing: None, incoming: Some(follow(NOW, 0)) };
        let next = apply_action(&was, RelationAction::Follow, ABOUT).unwrap();
        let places = [next.outgoing, next.incoming].map(|tie| tie.map(|tie| (tie.mtime, tie.seq)));
        assert_eq!(places, [Some((NOW, 4)); 2]);
    }

    #[test]
    fn refusals_in_the_order_they_win() {
        let nobody = RelationContext { other: Other::Never, ..ABOUT };
        let left = RelationContext { other: Other::Left, ..ABOUT };
        let oneself = RelationContext { oneself: true, ..ABOUT };
        let full = RelationContext { following: 2, ..ABOUT };
        let all = RelationContext { other: Other::Never, oneself: true, following: 2, ..ABOUT };
        #[rustfmt::skip]
        let cases = [
            // act, mine, theirs, circumstances -> refusal
            (RelationAction::Follow,   '-', 'b', all,     Some(ErrorCode::Blocked)),
            (RelationAction::Follow,   '-', 'b', RelationContext { other: Other::Left, ..all }, Some(ErrorCode::Blocked)),
            (RelationAction::Follow,   '-', '-', all,     Some(ErrorCode::NeverMember)),
            (RelationAction::Follow,   '-', '-', RelationContext { other: Other::Left, ..all }, Some(ErrorCode::MemberLeft)),
            (RelationAction::Follow,   '-', '-', nobody,  Some(ErrorCode::NeverMember)),
            (RelationAction::Unfollow, '-', '-', nobody,  Some(ErrorCode::NeverMember)),
            (RelationAction::Follow,   '-', '-', left,    Some(ErrorCode::MemberLeft)),
            (RelationAction::Unfollow, 'f', '-', left,    Some(ErrorCode::MemberLeft)),
            (RelationAction::Kick,     '-', '-', oneself, Some(ErrorCode::Oneself)),
            (RelationAction::Follow,   '-', '-', RelationContext { oneself: true, ..full }, Some(ErrorCode::Oneself)),
            (RelationAction::Follow,   '-', '-', full,    Some(ErrorCode::FollowingFull)),
            (RelationAction::Whisper,  '-', '-', full,    Some(ErrorCode::FollowingFull)),
            (RelationAction::Follow,   'w', '-', full,    Some(ErrorCode::FollowingFull)),
            (RelationAction::Whisper,  'f', '-', full,    Some(ErrorCode::FollowingFull)),
            (RelationAction::Follow,   '-', '-', RelationContext { following: 1, ..ABOUT }, None),
            // What changes nothing, and what takes away, needs no room.
            (RelationAction::Follow,   'f', '-', full,    None),
            (RelationAction::Whisper,  'w', '-', full,    None),
            (RelationAction::Unfollow, 'f', '-', full,    None),
            (RelationAction::Black,    'f', 'f', full,    None),
        ];
        for (act, mine, theirs, about, refusal) in cases {
            let was = RelationPair { outgoing: tie(mine), incoming: tie(theirs) };
            assert_eq!(
                super::apply_action(&was, act, about).err(),
                refusal,
                "{act:?} with {mine} and {theirs}"
            );
        }
    }
}
