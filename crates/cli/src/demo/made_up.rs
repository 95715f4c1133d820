//! Made-up members, always the same ones, who fill up the totals that the contract's examples show.

use fake::Fake;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::ZH_CN;
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_storage::Row;
use guanxi_storage::row::{Card, Growth, TieRow, Vip};
use guanxi_types::{Mid, Tagid};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many fans and followings the examples tell of a member, and from which of the made-up members on they are filled
/// up. The two stretches do not meet, so that nobody becomes mutual by chance.
struct Total {
    mid: u64,
    fans: usize,
    fans_from: usize,
    followings: usize,
    followings_from: usize,
}

const TOTALS: [Total; 3] = [
    Total { mid: GROUPER, fans: 365, fans_from: 0, followings: 699, followings_from: 400 },
    Total { mid: 50_995_243, fans: 713, fans_from: 0, followings: 17, followings_from: 1_100 },
    Total { mid: STAR, fans: FEW_FANS, fans_from: 200, followings: 164, followings_from: 0 },
];

/// Who has 1,365,298 fans in the examples, and in a full demo; else a few.
const STAR: u64 = 5_818_410;
const FEW_FANS: usize = 652;
const ALL_FANS: usize = 1_365_298;

/// Whose groups the examples show, and how large these are; the other 536 followings are in the default group.
const GROUPER: u64 = 293_793_435;
const GROUPS: [(i64, usize); 6] =
    [(-10, 16), (194_110, 31), (194_111, 16), (194_112, 24), (207_542, 58), (216_699, 20)];

/// Made-up members have the mids from here on, at this distance; those that the examples name are all below.
const FIRST_MID: u64 = 600_000_000;
const DISTANCE: u64 = 37;
/// How many there are, unless the star needs more.
const CROWD: usize = 1_200;

/// Made-up ties are of these seconds, before those that the examples show on their first pages.
const TIMES: std::ops::Range<i64> = 1_514_736_000..1_583_000_000;

/// The turns of made-up ties come before those of the examples, which are from 1,000 on.
const FIRST_TURN: u32 = 0;

const SIGNS: [&str; 12] = [
    "",
    "",
    "",
    "",
    "慢慢来，比较快",
    "今天也要好好吃饭",
    "摸鱼中，勿扰",
    "喜欢猫和下雨天",
    "周末去爬山",
    "一直在路上",
    "代码写完了吗",
    "这个人很懒，什么都没有写",
];

/// The rows of all made-up members and of their ties, to come behind the rows of the named ones; and how many they are.
pub(super) fn rows(named: &[Row], full: bool) -> (impl Iterator<Item = Row> + use<>, usize) {
    let ties: Vec<Row> =
        (FIRST_TURN..).zip(&TOTALS).flat_map(|(turn, total)| fill_up(named, total, turn)).collect();
    let admirers = if full { ALL_FANS - FEW_FANS } else { 0 };
    let count = 2 * CROWD + ties.len() + 2 * admirers;
    (crowd().chain(ties).chain((CROWD..CROWD + admirers).flat_map(admirer)), count)
}

fn mid(at: usize) -> Mid {
    Mid::new(FIRST_MID + DISTANCE * at as u64).expect("made-up mids are far below the largest")
}

fn chance(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn crowd() -> impl Iterator<Item = Row> {
    (0..CROWD).flat_map(|at| {
        let mut chance = chance(at as u64);
        let card = card(at, &mut chance);
        let exp = chance.random_range(0..40_000);
        [Row::Card(Box::new(card)), Row::Growth(Growth { exp, ..Growth::of(mid(at)) })]
    })
}

/// A member behind the crowd who follows the star and nobody else.
fn admirer(at: usize) -> [Row; 2] {
    let mut chance = chance(at as u64);
    let card = card(at, &mut chance);
    let mtime = chance.random_range(TIMES);
    let star = Mid::new(STAR).expect("the star is a member");
    [Row::Card(Box::new(card)), follow(mid(at), star, mtime, Tagid::DEFAULT, 0)]
}

fn card(at: usize, chance: &mut ChaCha8Rng) -> Card {
    let last: String = LastName(ZH_CN).fake_with_rng(chance);
    let first: String = FirstName(ZH_CN).fake_with_rng(chance);
    Card {
        // The number keeps two of one name apart.
        uname: format!("{last}{first}{at:04}"),
        face: "http://i0.hdslb.com/bfs/face/member/noface.jpg".to_owned(),
        sign: SIGNS[chance.random_range(0..SIGNS.len())].to_owned(),
        vip: vip(chance),
        ..Card::of(mid(at))
    }
}

/// Two in five are VIP.
fn vip(chance: &mut ChaCha8Rng) -> Vip {
    let kind = [0, 0, 0, 1, 2][chance.random_range(0..5)];
    let due_date = 1_600_000_000_000 + 86_400_000 * chance.random_range(0..1_000);
    if kind == 0 { Vip::default() } else { Vip { kind, status: 1, due_date, pay_type: 1, ..Vip::default() } }
}

fn follow(from: Mid, to: Mid, mtime: i64, tagid: Tagid, turn: u32) -> Row {
    let tie = Relation {
        kind: RelationKind::Follow,
        mtime,
        seq: 0,
        source: 11,
        groups: vec![GroupMembership { tagid, seq }],
    };
    Row::Tie(TieRow { from, to, tie })
}

/// The ties that a member's totals lack. `turn` is that of the fans, a turn of its own for each total, as one member may
/// be a fan in several.
fn fill_up(named: &[Row], total: &Total, turn: u32) -> Vec<Row> {
    let owner = Mid::new(total.mid).expect("totals are of members");
    let follows = |row: &&TieRow| row.tie.is_follow();
    let ties = || {
        named.iter().filter_map(|row| if let Row::Tie(tie) = row { Some(tie) } else { None }).filter(follows)
    };
    let followings: Vec<&TieRow> = ties().filter(|row| row.from == owner).collect();
    let fans = ties().filter(|row| row.to == owner).count();

    let mut chance = chance(total.mid);
    let fans = times(total.fans - fans, &mut chance).zip(total.fans_from..);
    let mut rows: Vec<Row> =
        fans.map(|(mtime, at)| follow(mid(at), owner, mtime, Tagid::DEFAULT, turn)).collect();
    let groups = places(&followings, total).chain(std::iter::repeat(Tagid::DEFAULT));
    let missing = times(total.followings - followings.len(), &mut chance).zip(total.followings_from..);
    for (((mtime, at), tagid), turn) in missing.zip(groups).zip(FIRST_TURN..) {
        rows.push(follow(owner, mid(at), mtime, tagid, turn));
    }
    rows
}

/// So many times, oldest first.
fn times(count: usize, chance: &mut ChaCha8Rng) -> impl Iterator<Item = i64> + use<> {
    let mut times: Vec<i64> = (0..count).map(|_| chance.random_range(TIMES)).collect();
    times.sort_unstable();
    times.into_iter()
}

/// The places that the followings leave in their owner's groups.
fn places(followings: &[&TieRow], total: &Total) -> impl Iterator<Item = Tagid> + use<> {
    let groups = if total.mid == GROUPER { &GROUPS[..] } else { &[] };
    let taken = |tagid: Tagid| {
        followings.iter().filter(|row| row.tie.groups.iter().any(|joined| joined.tagid == tagid)).count()
    };
    let places: Vec<Tagid> = groups
        .iter()
        .map(|(tagid, size)| (Tagid(*tagid), *size))
        .flat_map(|(tagid, size)| std::iter::repeat_n(tagid, size - taken(tagid)))
        .collect();
    places.into_iter()
}
