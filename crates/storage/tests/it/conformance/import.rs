//! Import of rows, and the reads that return them.

use crate::community::{Community, card, due_bios, expect_read, mid};
use crate::dump_state::member_states;
use crate::fixtures::relation;
use guanxi_domain::relation::{Relation, RelationKind};
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::{ImportResult, device_hash};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{
    Account, BioReview, Card, CoinRow, Experience, Group, LatestLogin, LoginMethod, LoginRow, Profile,
    Realname, RelationRow, RewardRow, Sensitive, Sex, Upstat, Versions,
};
use guanxi_storage::store::Groups;
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};
use jiff::civil::date;

/// Returns a relation from 1 to 3 with a `seq`.
fn relation_with_seq(seq: u32) -> Row {
    let Row::Relation(row) = relation(1, RelationKind::Follow, 3, 100, &[(0, 0)]) else {
        unreachable!("the row is a relation")
    };
    Row::Relation(RelationRow { relation: Relation { seq, ..row.relation }, ..row })
}

fn group(owner: u64, tagid: i64, name: &str) -> Row {
    Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: name.to_owned() })
}

fn login(time: i64) -> LoginRow {
    LoginRow {
        mid: mid(1),
        time,
        ip: [36, 40, 120, 15].into(),
        method: LoginMethod::Qr,
        success: true,
        device: "Chrome浏览器".to_owned(),
        buvid: "B1".to_owned(),
        location: "中国陕西渭南".to_owned(),
        isp: String::new(),
    }
}

pub(crate) async fn imported_row_is_returned_by_its_read(store: impl Store) {
    let me = mid(1);
    let card = Card { uname: "陈".to_owned(), sign: "早".to_owned(), ..Card::new(me) };
    let profile = Profile { sex: Sex::Woman, birthday: Some(date(2002, 3, 5)), ..Profile::new(me) };
    let account =
        Account { userid: "bili_1".to_owned(), score: 90, steps_dismissed: true, ..Account::new(me) };
    let realname = Realname {
        mid: me,
        status: VerificationStatus::Verified,
        name: Some(Sensitive::Plaintext("陈唯恺".to_owned())),
        card: Some(Sensitive::Plaintext("11010519491231002X".to_owned())),
        card_type: 0,
        submitted: 90,
        ended: 95,
    };
    let upstat = Upstat { likes: 7, archive_view: 9, ..Upstat::new(me) };
    let growth = Experience { exp: 4500, tel: true, ..Experience::new(me) };
    let granted = DailyRewards { watch: true, coins: 30, ..DailyRewards::default() };
    let reward = RewardRow { mid: me, day: date(2020, 5, 19), granted, other: 50 };
    let coin = CoinRow { mid: me, time: 100, delta: Coins::from_tenths(15), reason: "打赏".to_owned() };
    let review = BioReview {
        mid: me,
        sign: "晚".to_owned(),
        submitted: 100,
        due: Some(200),
        rejected: None,
        ended: 0,
    };

    let community = Community::new(store);
    let rows = vec![
        Row::Card(Box::new(card.clone())),
        Row::Profile(Box::new(profile.clone())),
        Row::Account(Box::new(account.clone())),
        Row::Realname(realname.clone()),
        Row::Upstat(upstat.clone()),
        Row::Experience(growth.clone()),
        group(1, 194_110, "同学"),
        Row::Coin(coin.clone()),
        Row::Reward(reward.clone()),
        Row::Login(login(100)),
        Row::BioReview(review.clone()),
    ];
    assert_eq!(community.import(rows).await, ImportResult { rows: 11, error: None });

    let store = &community.store;
    let space = expect_read(store.space(me, None).await).expect("the member exists");
    assert_eq!((space.card, space.profile, space.experience, space.upstat), (card, profile, growth, upstat));
    assert_eq!(space.counters.coins, Coins::from_tenths(15));
    assert_eq!(expect_read(store.get::<Account>(me).await), Some(account));
    let stored = expect_read(store.get::<Realname>(me).await).expect("the row was imported");
    let open = |field, text: Option<&Sensitive>| {
        assert!(matches!(text, Some(Sensitive::Ciphertext(_))), "the field is stored encrypted");
        expect_read(text.map(|text| community.cipher.decrypt(field, me, text)).transpose())
            .map(Sensitive::Plaintext)
    };
    let (name, card) =
        (open(SensitiveField::Name, stored.name.as_ref()), open(SensitiveField::Card, stored.card.as_ref()));
    assert_eq!(Realname { name, card, ..stored }, realname);
    assert_eq!(expect_read(store.get::<RewardRow>((me, date(2020, 5, 19))).await), Some(reward));
    assert_eq!(expect_read(store.get::<BioReview>(me).await), Some(review));
    assert_eq!(due_bios(store, 200).await, [me]);
    assert_eq!(expect_read(store.coin_log(me, 0, usize::MAX).await), [coin]);
    assert_eq!(expect_read(store.login_log(me, 0, usize::MAX).await), [login(100)]);
    assert_eq!(community.groups(1).await, [(Tagid(194_110), "同学".to_owned(), 0)]);
}

pub(crate) async fn imported_relation_is_in_every_list(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    let rows = vec![
        group(1, 7, "同学"),
        relation(1, RelationKind::Follow, 2, 20, &[(7, 0), (-10, 3)]),
        relation(2, RelationKind::Follow, 1, 20, &[(0, 0)]),
        relation(1, RelationKind::Follow, 3, 30, &[(0, 1)]),
        relation(3, RelationKind::Whisper, 1, 25, &[]),
        relation(1, RelationKind::Block, 4, 40, &[]),
    ];
    assert_eq!(community.import(rows).await, ImportResult { rows: 6, error: None });

    assert_eq!(community.counts(1).await, [2, 0, 1, 1]);
    assert_eq!(community.counts(2).await, [1, 0, 0, 1]);
    assert_eq!(community.counts(3).await, [0, 1, 0, 1]);
    assert_eq!(community.counts(4).await, [0, 0, 0, 0]);
    assert_eq!(community.followings(1).await, [3, 2]);
    assert_eq!(community.followers(1).await, [2]);
    assert_eq!(community.group_members(1, Tagid(7)).await, [2]);
    assert_eq!(community.group_members(1, Tagid::SPECIAL).await, [2]);
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [3]);
    assert_eq!(community.attribute(1, 2).await, (6, 20));
    assert_eq!(community.attribute(1, 4).await, (128, 40));
    assert_eq!(community.attribute(3, 1).await, (1, 25));

    // New memberships get sequence numbers above the imported ones.
    assert_eq!(community.assign_groups(1, &[3], &[Tagid(7)]).await, Ok(()));
    assert_eq!(community.group_members(1, Tagid(7)).await, [3, 2]);
}

pub(crate) async fn row_imported_again_replaces_the_old_one(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let follow = relation(1, RelationKind::Follow, 2, 20, &[(0, 0)]);
    community.import(vec![follow.clone(), follow, card(2)]).await;
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));

    community.import(vec![relation(1, RelationKind::Follow, 2, 30, &[(-10, 4)])]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 30));
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [0; 0]);
    assert_eq!(community.group_members(1, Tagid::SPECIAL).await, [2]);

    community.import(vec![relation(1, RelationKind::Whisper, 2, 40, &[])]).await;
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 0], [0; 4]));
    assert_eq!(community.followers(2).await, [0; 0]);
}

pub(crate) async fn imported_versions_are_kept(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let versions = Row::Versions(Versions { mid: mid(1), followers: 77, followings: 4_294_967_295 });
    community.import(vec![relation(1, RelationKind::Follow, 2, 20, &[(0, 0)]), versions]).await;
    assert_eq!(community.versions(1).await, [77, 4_294_967_295]);
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn bad_row_is_reported_and_earlier_rows_stay(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.import(vec![group(1, 7, "同学"), relation(3, RelationKind::Follow, 2, 1, &[(0, 0)])]).await;
    let coin =
        |time| Row::Coin(CoinRow { mid: mid(1), time, delta: Coins::from_whole(1), reason: String::new() });
    let coin_of = |tenths| {
        Row::Coin(CoinRow { mid: mid(1), time: 1, delta: Coins::from_tenths(tenths), reason: String::new() })
    };
    let reward = |coins| {
        let granted = DailyRewards { coins, ..DailyRewards::default() };
        Row::Reward(RewardRow { mid: mid(1), day: date(2020, 5, 19), granted, other: 0 })
    };
    let review = |due| {
        Row::BioReview(BioReview {
            mid: mid(1),
            sign: "早".to_owned(),
            submitted: 1,
            due,
            rejected: None,
            ended: 0,
        })
    };
    #[rustfmt::skip]
    let cases = [
        // row -> part of the error
        (relation(9, RelationKind::Follow, 1, 1, &[(0, 0)]),              "no member 9"),
        (relation_with_seq(1 << 30),                                      "relation.seq: not a number below"),
        (relation_with_seq(u32::MAX),                                     "relation.seq: not a number below"),
        (relation(1, RelationKind::Follow, 9, 1, &[(0, 0)]),              "no member 9"),
        (Row::Upstat(Upstat::new(mid(9))),                                "no member 9"),
        (Row::Versions(Versions::new(mid(9))),                            "no member 9"),
        (relation(1, RelationKind::Follow, 1, 1, &[(0, 0)]),              "a relation needs two different members"),
        (relation(1, RelationKind::Follow, 2, 1, &[]),                    "a follow needs at least one group"),
        (relation(1, RelationKind::Whisper, 2, 1, &[(0, 0)]),             "a whisper and a block have none"),
        (relation(1, RelationKind::Block, 2, 1, &[(7, 0)]),               "a whisper and a block have none"),
        (relation(1, RelationKind::Follow, 2, 1, &[(0, 0), (7, 1)]),      "must not be in the default group 0"),
        (relation(1, RelationKind::Follow, 2, 1, &[(8, 0)]),              "1 has no group 8"),
        (relation(1, RelationKind::Follow, 2, 1, &[(-9, 0)]),             "1 has no group -9"),
        (relation(2, RelationKind::Follow, 1, 1, &[(7, 0)]),              "2 has no group 7"),
        (relation(1, RelationKind::Follow, 2, 1, &[(7, 1), (-10, 1)]),    "in ascending order of seq"),
        (relation(1, RelationKind::Follow, 2, 1, &[(7, 0), (7, 1)]),      "each only once"),
        (relation(1, RelationKind::Follow, 2, -1, &[(0, 0)]),             "not a time in seconds"),
        (relation(1, RelationKind::Follow, 2, 4_294_967_296, &[(0, 0)]),  "relation.mtime: not a time"),
        (coin(-1),                                                        "not a time in seconds"),
        (coin(1_746_038_055_000),                                         "coin.time: not a time"),
        (Row::Login(login(-5)),                                           "login.time: not a time"),
        (review(Some(-2)),                                                "bio_review.due: not a time"),
        (group(1, -10, "同学"),                                           "group.tagid: not a number from 1"),
        (group(1, 0, "同学"),                                             "group.tagid: not a number from 1"),
        (group(1, 8, ""),                                                 "group.name: not a group name"),
        (group(1, 8, " 同学"),                                            "group.name: not a group name"),
        (group(1, 8, "一二三四五六七八九十一二三四五六七"),               "group.name: not a group name"),
        (group(1, 8, "默认分组"),                                         "该分组已经存在"),
        (group(1, 9_007_199_254_740_991, "同学"),                         "group.tagid: not a number from 1"),
        (coin_of(-1),                                                     "below 0"),
        (coin_of(10_000_000_010),                                         "at most 1000000000 coins"),
        (reward(51),                                                      "0 to 50"),
    ];
    for (number, (row, message)) in (100..).zip(cases) {
        let before = member_states(&community.store, 3).await;
        let result = community.import(vec![card(number), row.clone(), card(number + 100)]).await;
        assert_eq!(result.rows, 1, "{row:?}");
        assert!(result.error.as_ref().is_some_and(|error| error.contains(message)), "{row:?}: {result:?}");
        let is_there = |number| community.store.get::<Card>(mid(number));
        assert!(expect_read(is_there(number).await).is_some(), "the row before {row:?} is imported");
        assert!(
            expect_read(is_there(number + 100).await).is_none(),
            "the row behind {row:?} is not imported"
        );
        assert_eq!(member_states(&community.store, 3).await, before, "{row:?} wrote something");
    }
}

pub(crate) async fn relation_beside_a_block_is_rejected_both_ways(store: impl Store) {
    use RelationKind::{Block, Follow, Whisper};
    let community = Community::with_members(store, 12).await;
    // relation, reverse relation -> true if both are allowed
    let cases = [
        (Block, Follow, false),
        (Block, Whisper, false),
        (Follow, Block, false),
        (Whisper, Block, false),
        (Block, Block, true),
        (Follow, Whisper, true),
    ];
    for (number, (first, reverse, is_allowed)) in (1..).zip(cases) {
        let (one, other) = (number * 2 - 1, number * 2);
        let row = |from, kind, to| match kind {
            Follow => relation(from, kind, to, 1, &[(0, 0)]),
            Whisper | Block => relation(from, kind, to, 1, &[]),
        };
        let result = community.import(vec![row(one, first, other), row(other, reverse, one)]).await;
        assert_eq!(result.rows, if is_allowed { 2 } else { 1 }, "{first:?} and {reverse:?}");
        assert_eq!(result.error.is_none(), is_allowed, "{result:?}");
        if let Some(error) = result.error {
            assert!(error.contains("can neither follow nor whisper"), "{error}");
        }
    }
}

pub(crate) async fn unknown_member_has_no_data(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let (store, unknown) = (&community.store, mid(9));
    assert_eq!(expect_read(store.counters(unknown).await), None);
    assert_eq!(expect_read(store.space(unknown, Some(mid(1))).await), None);
    assert_eq!(expect_read(store.relation_pair(mid(1), unknown).await), None);
    assert_eq!(expect_read(store.get::<Card>(unknown).await), None);
    assert_eq!(expect_read(store.groups(unknown).await), Groups::default());
    assert_eq!(expect_read(store.coin_log(unknown, 0, usize::MAX).await), []);
    assert_eq!(expect_read(store.login_log(unknown, 0, usize::MAX).await), []);
    assert_eq!(expect_read(store.get::<LatestLogin>((unknown, device_hash(""))).await), None);
    assert_eq!(due_bios(store, i64::MAX).await, []);
}

/// Returns the rows of one of many members: account, group, follows of the next two members, coin, login.
fn rows_of_one(number: u64, many: u64, change: i64) -> Vec<Row> {
    let me = mid(number);
    let next = |step| (number + step - 1) % many + 1;
    let account = Account {
        userid: format!("gx_{number}"),
        tel: Some(Sensitive::Plaintext(format!("153{:08}", number + 1000 * change.unsigned_abs()))),
        ..Account::new(me)
    };
    let tagid = i64::try_from(number).expect("a small number");
    vec![
        Row::Profile(Box::new(Profile { moral: 70, place: format!("{change}"), ..Profile::new(me) })),
        Row::Account(Box::new(account)),
        group(number, tagid, "同学"),
        relation(number, RelationKind::Follow, next(1), 100 + change, &[(0, 0)]),
        relation(number, RelationKind::Follow, next(2), 100 + change, &[(-10, 1), (tagid, 2)]),
        Row::Login(LoginRow { mid: me, ..login(100 + change) }),
        Row::Coin(CoinRow {
            mid: me,
            time: 100 + change,
            delta: Coins::from_whole(3),
            reason: "登录奖励".to_owned(),
        }),
    ]
}

pub(crate) async fn bulk_import_equals_single_rows(store: impl Store) {
    const MANY: u64 = 100;
    let community = Community::new(store);
    let cards = (1..=MANY).map(|number| {
        Row::Card(Box::new(Card { uname: format!("成员{number}"), ..Card::new(mid(number)) }))
    });
    let all = |change| (1..=MANY).flat_map(move |number| rows_of_one(number, MANY, change));
    assert_eq!(community.import(cards.chain(all(0)).collect()).await.error, None);
    let assert_members = async |change: i64, times: i64| {
        for number in [1, 50, MANY] {
            let counters = community.counters(number).await;
            assert_eq!(
                (counters.following, counters.follower, counters.special, counters.default),
                (2, 2, 1, 1)
            );
            assert_eq!((counters.next_join_seq, counters.coins), (3, Coins::from_whole(3 * times)));
            assert_eq!(counters.followers_version, u32::try_from(2 * times).expect("a small number"));
            let next = |step| (number + step - 1) % MANY + 1;
            assert_eq!(community.attribute(number, next(1)).await, (2, 100 + change));
            let tagid = Tagid(i64::try_from(number).expect("a small number"));
            assert_eq!(community.group_members(number, tagid).await, [next(2)]);
            assert_eq!(community.group_members(number, Tagid::DEFAULT).await, [next(1)]);
            let profile: Option<Profile> = expect_read(community.store.get(mid(number)).await);
            assert_eq!(profile.map(|profile| profile.place), Some(format!("{change}")));
        }
    };
    assert_members(0, 1).await;
    // The same rows with other times replace the old ones.
    assert_eq!(community.import(all(7).collect()).await.error, None);
    assert_members(7, 2).await;
    let conflict = community.import(vec![Row::Account(Box::new(Account {
        tel: Some(Sensitive::Plaintext("15300007050".to_owned())),
        ..Account::new(mid(1))
    }))]);
    assert!(conflict.await.error.is_some(), "the phone belongs to another member");
}
