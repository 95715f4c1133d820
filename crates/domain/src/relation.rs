//! What becomes of the two ties between two members when one of them acts (15).

use crate::tie::{Joined, Kind, Tie};
use guanxi_api::api::relation::modify::Act;
use guanxi_types::{Code, Tagid};

/// Both ties between two members, seen from one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// Mine to them.
    pub mine: Option<Tie>,
    /// Theirs to me.
    pub theirs: Option<Tie>,
}

/// What else the rule needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
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
pub fn act(was: &Pair, act: Act, about: Circumstances) -> Result<Pair, Code> {
    refuse(was, act, about)?;
    let mut next = was.clone();
    match act {
        Act::Follow => take(&mut next, Kind::Follow, about),
        Act::Whisper => take(&mut next, Kind::Whisper, about),
        Act::Unfollow => next.mine = next.mine.filter(|tie| tie.kind == Kind::Black),
        Act::Unwhisper => next.mine = next.mine.filter(|tie| tie.kind != Kind::Whisper),
        Act::Unblack => next.mine = next.mine.filter(|tie| tie.kind != Kind::Black),
        Act::Kick => next.theirs = next.theirs.filter(|tie| tie.kind == Kind::Black),
        Act::Black => {
            take(&mut next, Kind::Black, about);
            next.theirs = next.theirs.filter(|tie| tie.kind == Kind::Black);
        }
    }
    if mutual(&next) && !mutual(was) {
        // 互关后刷新: both times are told anew when a pair becomes mutual, and only then (D12). Both ties move behind all
        // others of that second, even if they were of it already (D15).
        for tie in next.mine.iter_mut().chain(&mut next.theirs) {
            (tie.mtime, tie.seq) = (about.now, about.seq);
        }
    }
    Ok(next)
}

/// The refusals, in the order they win (D4): the seed's own, then ours by number.
fn refuse(was: &Pair, act: Act, about: Circumstances) -> Result<(), Code> {
    let wanted = match act {
        Act::Follow => Some(Kind::Follow),
        Act::Whisper => Some(Kind::Whisper),
        _ => None,
    };
    let blocked = [&was.mine, &was.theirs].into_iter().flatten().any(|tie| tie.kind == Kind::Black);
    if wanted.is_some() && blocked {
        return Err(Code::Blocked);
    }
    match about.other {
        Other::Member => (),
        Other::Left => return Err(Code::MemberLeft),
        Other::Never => return Err(Code::NeverMember),
    }
    if about.oneself {
        return Err(Code::Oneself);
    }
    let changes = wanted.is_some() && wanted != was.mine.as_ref().map(|tie| tie.kind);
    if changes && about.following >= about.limit {
        return Err(Code::FollowingFull);
    }
    Ok(())
}

/// Makes my tie one of that kind, unless it is. A new follow joins the default group.
fn take(pair: &mut Pair, kind: Kind, about: Circumstances) {
    if pair.mine.as_ref().is_some_and(|tie| tie.kind == kind) {
        return;
    }
    let groups = match kind {
        Kind::Follow => vec![Joined { tagid: Tagid::DEFAULT, turn: about.turn }],
        Kind::Whisper | Kind::Black => vec![],
    };
    pair.mine = Some(Tie { kind, mtime: about.now, seq: about.seq, source: about.source, groups });
}

fn mutual(pair: &Pair) -> bool {
    let follows = |tie: &Option<Tie>| tie.as_ref().is_some_and(Tie::is_follow);
    follows(&pair.mine) && follows(&pair.theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 9;
    const ABOUT: Circumstances = Circumstances {
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
    fn tie(letter: char) -> Option<Tie> {
        let of = |kind, (mtime, seq), groups| Some(Tie { kind, mtime, seq, source: 3, groups });
        let old = (1, 8);
        let default = |turn| vec![Joined { tagid: Tagid::DEFAULT, turn }];
        match letter {
            '-' => None,
            'w' => of(Kind::Whisper, old, vec![]),
            'f' => of(Kind::Follow, old, default(2)),
            'F' => of(Kind::Follow, (NOW, 4), default(2)),
            'b' => of(Kind::Black, old, vec![]),
            _ => panic!("no tie is written {letter}"),
        }
    }

    /// My tie after an act: as `tie`, or new at the time of the act where it is a capital or `!`.
    fn mine_after(letter: char) -> Option<Tie> {
        let new = |kind, groups| Some(Tie { kind, mtime: NOW, seq: 4, source: 11, groups });
        match letter {
            'N' => new(Kind::Follow, vec![Joined { tagid: Tagid::DEFAULT, turn: 5 }]),
            'W' => new(Kind::Whisper, vec![]),
            'B' => new(Kind::Black, vec![]),
            other => tie(other),
        }
    }

    /// Every act × my tie × their tie. `xx` is a refusal with 22003; else my tie and theirs after it:
    /// `N` a new follow, `W` a new whisper, `B` a new black, `F` an old follow with a new time.
    #[rustfmt::skip]
    const TABLE: [(Act, &str, [&str; 4]); 28] = [
        //               mine  theirs: -     w     f     b
        (Act::Follow,    "-",       ["N-", "Nw", "NF", "xx"]),
        (Act::Follow,    "w",       ["N-", "Nw", "NF", "xx"]),
        (Act::Follow,    "f",       ["f-", "fw", "ff", "xx"]),
        (Act::Follow,    "b",       ["xx", "xx", "xx", "xx"]),
        (Act::Unfollow,  "-",       ["--", "-w", "-f", "-b"]),
        (Act::Unfollow,  "w",       ["--", "-w", "-f", "-b"]),
        (Act::Unfollow,  "f",       ["--", "-w", "-f", "-b"]),
        (Act::Unfollow,  "b",       ["b-", "bw", "bf", "bb"]),
        (Act::Whisper,   "-",       ["W-", "Ww", "Wf", "xx"]),
        (Act::Whisper,   "w",       ["w-", "ww", "wf", "xx"]),
        (Act::Whisper,   "f",       ["W-", "Ww", "Wf", "xx"]),
        (Act::Whisper,   "b",       ["xx", "xx", "xx", "xx"]),
        (Act::Unwhisper, "-",       ["--", "-w", "-f", "-b"]),
        (Act::Unwhisper, "w",       ["--", "-w", "-f", "-b"]),
        (Act::Unwhisper, "f",       ["f-", "fw", "ff", "fb"]),
        (Act::Unwhisper, "b",       ["b-", "bw", "bf", "bb"]),
        (Act::Black,     "-",       ["B-", "B-", "B-", "Bb"]),
        (Act::Black,     "w",       ["B-", "B-", "B-", "Bb"]),
        (Act::Black,     "f",       ["B-", "B-", "B-", "Bb"]),
        (Act::Black,     "b",       ["b-", "b-", "b-", "bb"]),
        (Act::Unblack,   "-",       ["--", "-w", "-f", "-b"]),
        (Act::Unblack,   "w",       ["w-", "ww", "wf", "wb"]),
        (Act::Unblack,   "f",       ["f-", "fw", "ff", "fb"]),
        (Act::Unblack,   "b",       ["--", "-w", "-f", "-b"]),
        (Act::Kick,      "-",       ["--", "--", "--", "-b"]),
        (Act::Kick,      "w",       ["w-", "w-", "w-", "wb"]),
        (Act::Kick,      "f",       ["f-", "f-", "f-", "fb"]),
        (Act::Kick,      "b",       ["b-", "b-", "b-", "bb"]),
    ];

    #[test]
    fn every_act_on_every_pair() {
        for (act, mine, row) in TABLE {
            for (theirs, after) in "-wfb".chars().zip(row) {
                let was = Pair { mine: tie(mine.chars().next().unwrap()), theirs: tie(theirs) };
                let letters: Vec<char> = after.chars().collect();
                let expected = match after {
                    "xx" => Err(Code::Blocked),
                    _ => Ok(Pair { mine: mine_after(letters[0]), theirs: tie(letters[1]) }),
                };
                assert_eq!(super::act(&was, act, ABOUT), expected, "{act:?} with {mine} and {theirs}");
            }
        }
    }

    #[test]
    fn pair_mutual_within_its_second_moves_to_its_end() {
        let follow = |mtime, seq| Tie { mtime, seq, ..tie('f').unwrap() };
        let was = Pair { mine: None, theirs: Some(follow(NOW, 0)) };
        let next = act(&was, Act::Follow, ABOUT).unwrap();
        let places = [next.mine, next.theirs].map(|tie| tie.map(|tie| (tie.mtime, tie.seq)));
        assert_eq!(places, [Some((NOW, 4)); 2]);
    }

    #[test]
    fn refusals_in_the_order_they_win() {
        let nobody = Circumstances { other: Other::Never, ..ABOUT };
        let left = Circumstances { other: Other::Left, ..ABOUT };
        let oneself = Circumstances { oneself: true, ..ABOUT };
        let full = Circumstances { following: 2, ..ABOUT };
        let all = Circumstances { other: Other::Never, oneself: true, following: 2, ..ABOUT };
        #[rustfmt::skip]
        let cases = [
            // act, mine, theirs, circumstances -> refusal
            (Act::Follow,   '-', 'b', all,     Some(Code::Blocked)),
            (Act::Follow,   '-', 'b', Circumstances { other: Other::Left, ..all }, Some(Code::Blocked)),
            (Act::Follow,   '-', '-', all,     Some(Code::NeverMember)),
            (Act::Follow,   '-', '-', Circumstances { other: Other::Left, ..all }, Some(Code::MemberLeft)),
            (Act::Follow,   '-', '-', nobody,  Some(Code::NeverMember)),
            (Act::Unfollow, '-', '-', nobody,  Some(Code::NeverMember)),
            (Act::Follow,   '-', '-', left,    Some(Code::MemberLeft)),
            (Act::Unfollow, 'f', '-', left,    Some(Code::MemberLeft)),
            (Act::Kick,     '-', '-', oneself, Some(Code::Oneself)),
            (Act::Follow,   '-', '-', Circumstances { oneself: true, ..full }, Some(Code::Oneself)),
            (Act::Follow,   '-', '-', full,    Some(Code::FollowingFull)),
            (Act::Whisper,  '-', '-', full,    Some(Code::FollowingFull)),
            (Act::Follow,   'w', '-', full,    Some(Code::FollowingFull)),
            (Act::Whisper,  'f', '-', full,    Some(Code::FollowingFull)),
            (Act::Follow,   '-', '-', Circumstances { following: 1, ..ABOUT }, None),
            // What changes nothing, and what takes away, needs no room.
            (Act::Follow,   'f', '-', full,    None),
            (Act::Whisper,  'w', '-', full,    None),
            (Act::Unfollow, 'f', '-', full,    None),
            (Act::Black,    'f', 'f', full,    None),
        ];
        for (act, mine, theirs, about, refusal) in cases {
            let was = Pair { mine: tie(mine), theirs: tie(theirs) };
            assert_eq!(super::act(&was, act, about).err(), refusal, "{act:?} with {mine} and {theirs}");
        }
    }
}
