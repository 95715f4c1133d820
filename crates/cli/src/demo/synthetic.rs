//! Synthetic members, reproducible from fixed seeds. They complete the totals in the examples of the contract.

use fake::Fake;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::ZH_CN;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_storage::model::{Card, Experience, RelationRow, Vip};
use guanxi_storage::{MemberBundle, Row};
use guanxi_types::{Mid, Tagid};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The totals of a member in the examples, and the first synthetic members that complete them. The two ranges are
/// disjoint, so that no relation becomes mutual.
struct Totals {
    mid: u64,
    followers: usize,
    first_follower: usize,
    followings: usize,
    first_following: usize,
}

const TOTALS: [Totals; 3] = [
    Totals { mid: GROUP_OWNER, followers: 365, first_follower: 0, followings: 699, first_following: 400 },
    Totals { mid: 50_995_243, followers: 713, first_follower: 0, followings: 17, first_following: 1_100 },
    Totals {
        mid: POPULAR_MEMBER,
        followers: DEMO_FOLLOWERS,
        first_follower: 200,
        followings: 164,
        first_following: 0,
    },
];

/// The member with 1,365,298 followers in the examples and in a full demo, and a few in other demos.
const POPULAR_MEMBER: u64 = 5_818_410;
const DEMO_FOLLOWERS: usize = 652;
const FULL_FOLLOWERS: usize = 1_365_298;

/// The member whose groups are in the examples, and their sizes. The other 536 followings are in the default group.
const GROUP_OWNER: u64 = 293_793_435;
const GROUP_SIZES: [(i64, usize); 6] =
    [(-10, 16), (194_110, 31), (194_111, 16), (194_112, 24), (207_542, 58), (216_699, 20)];

/// The first mid of synthetic members, and the distance between mids. All mids in the examples are below.
const FIRST_MID: u64 = 600_000_000;
const MID_STEP: u64 = 37;
/// The number of synthetic members, beside the additional followers of a full demo.
const CROWD_SIZE: usize = 1_200;

/// The times of synthetic relations, before those on the first pages of the examples.
const TIME_RANGE: std::ops::Range<i64> = 1_514_736_000..1_583_000_000;

/// The sequence numbers of synthetic group memberships precede those of the examples, which begin at 1,000.
const FIRST_SEQ: u32 = 0;

const BIOS: [&str; 12] = [
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

/// The indices of the additional followers of a full demo.
const EXTRA_FOLLOWERS: std::ops::Range<usize> = CROWD_SIZE..CROWD_SIZE + FULL_FOLLOWERS - DEMO_FOLLOWERS;

/// Returns the rows of the synthetic members and relations of every demo. They must be inserted after the named
/// rows.
pub(super) fn rows(named: &[Row]) -> Vec<Row> {
    let relations = (FIRST_SEQ..).zip(&TOTALS).flat_map(|(seq, total)| missing_relations(named, total, seq));
    crowd_rows().chain(relations).collect()
}

/// Returns the number of cards and relations of [`extra_members`], without the popular member.
pub(super) const fn extra_row_count() -> usize {
    2 * (EXTRA_FOLLOWERS.end - EXTRA_FOLLOWERS.start)
}

/// Returns the additional followers of a full demo for a bulk load, ascending by mid. The first bundle is the
/// popular member without a name. The named rows must be inserted afterwards, and replace its card.
pub(super) fn extra_members() -> impl Iterator<Item = MemberBundle> + Send {
    let popular = Mid::new(POPULAR_MEMBER).expect("a valid mid");
    let bundle = |mid, card, relations, followers| MemberBundle {
        mid,
        rows: vec![Row::Card(Box::new(card))],
        relations,
        followers,
        private_relations: Vec::new(),
        sessions: Vec::new(),
    };
    let followers = EXTRA_FOLLOWERS.map(extra_follow);
    let followers = followers.map(|row| (row.from, row.relation.mtime, row.relation.seq)).collect();
    let popular = bundle(popular, Card::new(popular), Vec::new(), followers);
    let followers = EXTRA_FOLLOWERS.map(move |index| {
        bundle(synthetic_mid(index), extra_card(index), vec![extra_follow(index)], Vec::new())
    });
    std::iter::once(popular).chain(followers)
}

fn synthetic_mid(index: usize) -> Mid {
    Mid::new(FIRST_MID + MID_STEP * index as u64).expect("synthetic mids are far below the largest")
}

fn seeded_rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn crowd_rows() -> impl Iterator<Item = Row> {
    (0..CROWD_SIZE).flat_map(|index| {
        let mut rng = seeded_rng(index as u64);
        let card = card(index, &mut rng);
        let exp = rng.random_range(0..40_000);
        [
            Row::Card(Box::new(card)),
            Row::Experience(Experience { exp, ..Experience::new(synthetic_mid(index)) }),
        ]
    })
}

fn extra_card(index: usize) -> Card {
    card(index, &mut seeded_rng(index as u64))
}

/// Returns the only relation of an additional follower.
fn extra_follow(index: usize) -> RelationRow {
    // Another seed than that of the card, so that the relation is computed without the card.
    let mtime = seeded_rng(!(index as u64)).random_range(TIME_RANGE);
    let popular = Mid::new(POPULAR_MEMBER).expect("a valid mid");
    follow_row(synthetic_mid(index), popular, mtime, Tagid::DEFAULT, 0)
}

fn card(index: usize, rng: &mut ChaCha8Rng) -> Card {
    let last: String = LastName(ZH_CN).fake_with_rng(rng);
    let first: String = FirstName(ZH_CN).fake_with_rng(rng);
    Card {
        // The number makes the name unique.
        uname: format!("{last}{first}{index:04}"),
        face: "http://i0.hdslb.com/bfs/face/member/noface.jpg".to_owned(),
        sign: BIOS[rng.random_range(0..BIOS.len())].to_owned(),
        vip: vip(rng),
        ..Card::new(synthetic_mid(index))
    }
}

/// Makes two of five members VIP.
fn vip(rng: &mut ChaCha8Rng) -> Vip {
    let kind = [0, 0, 0, 1, 2][rng.random_range(0..5)];
    let due_date = 1_600_000_000_000 + 86_400_000 * rng.random_range(0..1_000);
    if kind == 0 { Vip::default() } else { Vip { kind, status: 1, due_date, pay_type: 1, ..Vip::default() } }
}

fn follow_row(from: Mid, to: Mid, mtime: i64, tagid: Tagid, seq: u32) -> RelationRow {
    let relation = Relation {
        kind: RelationKind::Follow,
        mtime,
        seq: 0,
        source: 11,
        groups: vec![GroupMembership { tagid, seq }],
    };
    RelationRow { from, to, relation }
}

/// Returns the relations that a member's totals lack. `seq` is that of the followers. Each total has another one,
/// as one member may be a follower in several.
fn missing_relations(named: &[Row], total: &Totals, seq: u32) -> Vec<Row> {
    let owner = Mid::new(total.mid).expect("a valid mid");
    let follows = |row: &&RelationRow| row.relation.is_follow();
    let relations = || named.iter().filter_map(as_relation).filter(follows);
    let followings: Vec<&RelationRow> = relations().filter(|row| row.from == owner).collect();
    let followers = relations().filter(|row| row.to == owner).count();

    let mut rng = seeded_rng(total.mid);
    let followers = random_times(total.followers - followers, &mut rng).zip(total.first_follower..);
    let follower = |(mtime, index): (i64, usize)| {
        Row::Relation(follow_row(synthetic_mid(index), owner, mtime, Tagid::DEFAULT, seq))
    };
    let mut rows: Vec<Row> = followers.map(follower).collect();
    let groups = free_group_slots(&followings, total).chain(std::iter::repeat(Tagid::DEFAULT));
    let missing = random_times(total.followings - followings.len(), &mut rng).zip(total.first_following..);
    for (((mtime, index), tagid), seq) in missing.zip(groups).zip(FIRST_SEQ..) {
        rows.push(Row::Relation(follow_row(owner, synthetic_mid(index), mtime, tagid, seq)));
    }
    rows
}

fn as_relation(row: &Row) -> Option<&RelationRow> {
    if let Row::Relation(relation) = row { Some(relation) } else { None }
}

/// Draws times in ascending order.
fn random_times(count: usize, rng: &mut ChaCha8Rng) -> impl Iterator<Item = i64> + use<> {
    let mut times: Vec<i64> = (0..count).map(|_| rng.random_range(TIME_RANGE)).collect();
    times.sort_unstable();
    times.into_iter()
}

/// Returns a tagid for each free place in the owner's groups.
fn free_group_slots(followings: &[&RelationRow], total: &Totals) -> impl Iterator<Item = Tagid> + use<> {
    let groups = if total.mid == GROUP_OWNER { &GROUP_SIZES[..] } else { &[] };
    let occupied = |tagid: Tagid| {
        followings.iter().filter(|row| row.relation.groups.iter().any(|joined| joined.tagid == tagid)).count()
    };
    let slots: Vec<Tagid> = groups
        .iter()
        .map(|(tagid, size)| (Tagid(*tagid), *size))
        .flat_map(|(tagid, size)| std::iter::repeat_n(tagid, size - occupied(tagid)))
        .collect();
    slots.into_iter()
}
