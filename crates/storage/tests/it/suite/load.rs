//! Rows of a dump are taken in, and what each read then tells.

use crate::community::{Community, card, due_signs, mid, read};
use crate::told::told;
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_storage::command::ImportResult;
use guanxi_storage::command::device;
use guanxi_storage::row::{
    Account, Card, CoinRow, Group, Growth, LatestLogin, LoginMethod, LoginRow, Profile, Realname, RewardRow,
    Sensitive, Sex, SignReview, TieRow, Upstat, Versions,
};
use guanxi_storage::store::Groups;
use guanxi_storage::vault::Field;
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};
use jiff::civil::date;

/// A tie as a dump has it; `groups` are tagids with their turns.
/// A tie of 1 to 3 that stands at a place within its second.
fn at_place(seq: u32) -> Row {
    let Row::Tie(row) = tie(1, RelationKind::Follow, 3, 100, &[(0, 0)]) else { unreachable!("it is a tie") };
    Row::Tie(TieRow { tie: Relation { seq, ..row.tie }, ..row })
}

fn tie(from: u64, kind: RelationKind, to: u64, mtime: i64, groups: &[(i64, u32)]) -> Row {
    let groups =
        groups.iter().map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: *turn }).collect();
    Row::Tie(TieRow {
        from: mid(from),
        to: mid(to),
        tie: Relation { kind, mtime, seq: 0, source: 11, groups },
    })
}

fn group(owner: u64, tagid: i64, name: &str) -> Row {
    Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: name.to_owned() })
}

fn login(time: i64) -> LoginRow {
    LoginRow {
        mid: mid(1),
        time,
        ip: [36, 40, 120, 15].into(),
        how: LoginMethod::Qr,
        ok: true,
        device: "Chrome浏览器".to_owned(),
        buvid: "B1".to_owned(),
        place: "中国陕西渭南".to_owned(),
        carrier: String::new(),
    }
}

pub(crate) async fn each_row_is_told_by_its_read(store: impl Store) {
    let me = mid(1);
    let card = Card { uname: "陈".to_owned(), sign: "早".to_owned(), ..Card::of(me) };
    let profile = Profile { sex: Sex::Woman, birthday: Some(date(2002, 3, 5)), ..Profile::of(me) };
    let account = Account { userid: "bili_1".to_owned(), score: 90, seen: 80, ..Account::of(me) };
    let realname = Realname {
        mid: me,
        standing: VerificationStatus::Verified,
        name: Some(Sensitive::Clear("陈唯恺".to_owned())),
        card: Some(Sensitive::Clear("11010519491231002X".to_owned())),
        card_type: 0,
        submitted: 90,
        ended: 95,
    };
    let upstat = Upstat { likes: 7, archive_view: 9, ..Upstat::of(me) };
    let growth = Growth { exp: 4500, tel: true, ..Growth::of(me) };
    let given = DailyRewards { watch: true, coins: 30, ..DailyRewards::default() };
    let reward = RewardRow { mid: me, day: date(2020, 5, 19), given };
    let coin = CoinRow { mid: me, time: 100, delta: Coins::tenths(15), reason: "打赏".to_owned() };
    let sign = SignReview {
        mid: me,
        sign: "晚".to_owned(),
        submitted: 100,
        due: Some(200),
        rejected: None,
        ended: 0,
    };

    let community = Community::empty(store);
    let rows = vec![
        Row::Card(Box::new(card.clone())),
        Row::Profile(Box::new(profile.clone())),
        Row::Account(Box::new(account.clone())),
        Row::Realname(realname.clone()),
        Row::Upstat(upstat.clone()),
        Row::Growth(growth.clone()),
        group(1, 194_110, "同学"),
        Row::Coin(coin.clone()),
        Row::Reward(reward.clone()),
        Row::Login(login(100)),
        Row::Sign(sign.clone()),
    ];
    assert_eq!(community.load(rows).await, ImportResult { rows: 11, fault: None });

    let store = &community.store;
    let space = read(store.space(me, None).await).expect("the member exists");
    assert_eq!((space.card, space.profile, space.growth, space.upstat), (card, profile, growth, upstat));
    assert_eq!(space.stat.coins, Coins::tenths(15));
    assert_eq!(read(store.get::<Account>(me).await), Some(account));
    let kept = read(store.get::<Realname>(me).await).expect("it was loaded");
    let open = |field, text: Option<&Sensitive>| {
        assert!(matches!(text, Some(Sensitive::Sealed(_))), "it is kept sealed");
        read(text.map(|text| community.vault.open(field, me, text)).transpose()).map(Sensitive::Clear)
    };
    let (name, card) = (open(Field::Name, kept.name.as_ref()), open(Field::Card, kept.card.as_ref()));
    assert_eq!(Realname { name, card, ..kept }, realname);
    assert_eq!(read(store.get::<RewardRow>((me, date(2020, 5, 19))).await), Some(reward));
    assert_eq!(read(store.get::<SignReview>(me).await), Some(sign));
    assert_eq!(due_signs(store, 200).await, [me]);
    assert_eq!(read(store.coins(me, 0, usize::MAX).await), [coin]);
    assert_eq!(read(store.logins(me, 0, usize::MAX).await), [login(100)]);
    assert_eq!(community.groups(1).await, [(Tagid(194_110), "同学".to_owned(), 0)]);
}

pub(crate) async fn ties_are_told_by_every_list(store: impl Store) {
    let community = Community::of(store, 4).await;
    let rows = vec![
        group(1, 7, "同学"),
        tie(1, RelationKind::Follow, 2, 20, &[(7, 0), (-10, 3)]),
        tie(2, RelationKind::Follow, 1, 20, &[(0, 0)]),
        tie(1, RelationKind::Follow, 3, 30, &[(0, 1)]),
        tie(3, RelationKind::Whisper, 1, 25, &[]),
        tie(1, RelationKind::Black, 4, 40, &[]),
    ];
    assert_eq!(community.load(rows).await, ImportResult { rows: 6, fault: None });

    assert_eq!(community.counts(1).await, [2, 0, 1, 1]);
    assert_eq!(community.counts(2).await, [1, 0, 0, 1]);
    assert_eq!(community.counts(3).await, [0, 1, 0, 1]);
    assert_eq!(community.counts(4).await, [0, 0, 0, 0]);
    assert_eq!(community.followings(1).await, [3, 2]);
    assert_eq!(community.fans(1).await, [2]);
    assert_eq!(community.group(1, Tagid(7)).await, [2]);
    assert_eq!(community.group(1, Tagid::SPECIAL).await, [2]);
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [3]);
    assert_eq!(community.attribute(1, 2).await, (6, 20));
    assert_eq!(community.attribute(1, 4).await, (128, 40));
    assert_eq!(community.attribute(3, 1).await, (1, 25));

    // Turns go on behind those that were loaded.
    assert_eq!(community.assign(1, &[3], &[Tagid(7)]).await, Ok(()));
    assert_eq!(community.group(1, Tagid(7)).await, [3, 2]);
}

pub(crate) async fn a_row_loaded_again_takes_the_place_of_the_old(store: impl Store) {
    let community = Community::of(store, 2).await;
    let follow = tie(1, RelationKind::Follow, 2, 20, &[(0, 0)]);
    community.load(vec![follow.clone(), follow, card(2)]).await;
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));

    community.load(vec![tie(1, RelationKind::Follow, 2, 30, &[(-10, 4)])]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 30));
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [0; 0]);
    assert_eq!(community.group(1, Tagid::SPECIAL).await, [2]);

    community.load(vec![tie(1, RelationKind::Whisper, 2, 40, &[])]).await;
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 0], [0; 4]));
    assert_eq!(community.fans(2).await, [0; 0]);
}

pub(crate) async fn versions_are_as_they_were_written(store: impl Store) {
    let community = Community::of(store, 2).await;
    let versions = Row::Versions(Versions { mid: mid(1), fans: 77, followings: 4_294_967_295 });
    community.load(vec![tie(1, RelationKind::Follow, 2, 20, &[(0, 0)]), versions]).await;
    assert_eq!(community.versions(1).await, [77, 4_294_967_295]);
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn a_bad_row_is_named_and_those_before_it_stay(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.load(vec![group(1, 7, "同学"), tie(3, RelationKind::Follow, 2, 1, &[(0, 0)])]).await;
    let coin = |time| Row::Coin(CoinRow { mid: mid(1), time, delta: Coins::whole(1), reason: String::new() });
    let coin_of = |tenths| {
        Row::Coin(CoinRow { mid: mid(1), time: 1, delta: Coins::tenths(tenths), reason: String::new() })
    };
    let reward = |coins| {
        let given = DailyRewards { coins, ..DailyRewards::default() };
        Row::Reward(RewardRow { mid: mid(1), day: date(2020, 5, 19), given })
    };
    let sign = |due| {
        Row::Sign(SignReview {
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
        // row -> what is said of it
        (tie(9, RelationKind::Follow, 1, 1, &[(0, 0)]),                 "no member 9"),
        (at_place(1 << 30),                                     "tie.seq: not a number below"),
        (at_place(u32::MAX),                                    "tie.seq: not a number below"),
        (tie(1, RelationKind::Follow, 9, 1, &[(0, 0)]),                 "no member 9"),
        (Row::Upstat(Upstat::of(mid(9))),                       "no member 9"),
        (Row::Versions(Versions::of(mid(9))),                   "no member 9"),
        (tie(1, RelationKind::Follow, 1, 1, &[(0, 0)]),                 "a tie goes to somebody else"),
        (tie(1, RelationKind::Follow, 2, 1, &[]),                       "a follow is in a group"),
        (tie(1, RelationKind::Whisper, 2, 1, &[(0, 0)]),                "a whisper and a black are in none"),
        (tie(1, RelationKind::Black, 2, 1, &[(7, 0)]),                  "a whisper and a black are in none"),
        (tie(1, RelationKind::Follow, 2, 1, &[(0, 0), (7, 1)]),         "who is in another group is not in 0"),
        (tie(1, RelationKind::Follow, 2, 1, &[(8, 0)]),                 "1 has no group 8"),
        (tie(1, RelationKind::Follow, 2, 1, &[(-9, 0)]),                "1 has no group -9"),
        (tie(2, RelationKind::Follow, 1, 1, &[(7, 0)]),                 "2 has no group 7"),
        (tie(1, RelationKind::Follow, 2, 1, &[(7, 1), (-10, 1)]),       "in the order of their turns"),
        (tie(1, RelationKind::Follow, 2, 1, &[(7, 0), (7, 1)]),         "each once"),
        (tie(1, RelationKind::Follow, 2, -1, &[(0, 0)]),                "not a time in seconds"),
        (tie(1, RelationKind::Follow, 2, 4_294_967_296, &[(0, 0)]),     "tie.mtime: not a time"),
        (coin(-1),                                              "not a time in seconds"),
        (coin(1_746_038_055_000),                               "coin.time: not a time"),
        (Row::Login(login(-5)),                                 "login.time: not a time"),
        (sign(Some(-2)),                                        "sign.due: not a time"),
        (group(1, -10, "同学"),                                  "group.tagid: not a number from 1"),
        (group(1, 0, "同学"),                                    "group.tagid: not a number from 1"),
        (group(1, 8, ""),                                       "group.name: not a group name"),
        (group(1, 8, " 同学"),                                   "group.name: not a group name"),
        (group(1, 8, "一二三四五六七八九十一二三四五六七"),          "group.name: not a group name"),
        (group(1, 8, "默认分组"),                                 "该分组已经存在"),
        (group(1, 9_007_199_254_740_991, "同学"),                "group.tagid: not a number from 1"),
        (coin_of(-1),                                        "below 0"),
        (coin_of(10_000_000_010),                            "at most 1000000000 coins"),
        (reward(51),                                            "0 to 50"),
    ];
    for (number, (row, said)) in (100..).zip(cases) {
        let before = told(&community.store, 3).await;
        let loaded = community.load(vec![card(number), row.clone(), card(number + 100)]).await;
        assert_eq!(loaded.rows, 1, "{row:?}");
        assert!(loaded.fault.as_ref().is_some_and(|fault| fault.contains(said)), "{row:?}: {loaded:?}");
        let is_there = |number| community.store.get::<Card>(mid(number));
        assert!(read(is_there(number).await).is_some(), "the row before {row:?} is kept");
        assert!(read(is_there(number + 100).await).is_none(), "the row behind {row:?} is not");
        assert_eq!(told(&community.store, 3).await, before, "{row:?} left something");
    }
}

pub(crate) async fn a_tie_beside_a_black_is_refused_either_way(store: impl Store) {
    use RelationKind::{Black, Follow, Whisper};
    let community = Community::of(store, 12).await;
    // first tie, the one back -> whether both may stand
    let cases = [
        (Black, Follow, false),
        (Black, Whisper, false),
        (Follow, Black, false),
        (Whisper, Black, false),
        (Black, Black, true),
        (Follow, Whisper, true),
    ];
    for (number, (first, back, stand)) in (1..).zip(cases) {
        let (one, other) = (number * 2 - 1, number * 2);
        let row = |from, kind, to| match kind {
            Follow => tie(from, kind, to, 1, &[(0, 0)]),
            Whisper | Black => tie(from, kind, to, 1, &[]),
        };
        let loaded = community.load(vec![row(one, first, other), row(other, back, one)]).await;
        assert_eq!(loaded.rows, if stand { 2 } else { 1 }, "{first:?} and {back:?}");
        assert_eq!(loaded.fault.is_none(), stand, "{loaded:?}");
        if let Some(fault) = loaded.fault {
            assert!(fault.contains("neither follows nor whispers"), "{fault}");
        }
    }
}

pub(crate) async fn who_is_not_there_has_nothing(store: impl Store) {
    let community = Community::of(store, 1).await;
    let (store, nobody) = (&community.store, mid(9));
    assert_eq!(read(store.stat(nobody).await), None);
    assert_eq!(read(store.space(nobody, Some(mid(1))).await), None);
    assert_eq!(read(store.pair(mid(1), nobody).await), None);
    assert_eq!(read(store.get::<Card>(nobody).await), None);
    assert_eq!(read(store.groups(nobody).await), Groups::default());
    assert_eq!(read(store.coins(nobody, 0, usize::MAX).await), []);
    assert_eq!(read(store.logins(nobody, 0, usize::MAX).await), []);
    assert_eq!(read(store.get::<LatestLogin>((nobody, device(""))).await), None);
    assert_eq!(due_signs(store, i64::MAX).await, []);
}

/// A member of many: a card, an account, a group, a follow of the next two, coins and logins.
fn of_many(number: u64, many: u64, change: i64) -> Vec<Row> {
    let me = mid(number);
    let next = |step| (number + step - 1) % many + 1;
    let account = Account {
        userid: format!("gx_{number}"),
        tel: Some(Sensitive::Clear(format!("153{:08}", number + 1000 * change.unsigned_abs()))),
        ..Account::of(me)
    };
    let tagid = i64::try_from(number).expect("there are not that many");
    vec![
        Row::Profile(Box::new(Profile { moral: 70, place: format!("{change}"), ..Profile::of(me) })),
        Row::Account(Box::new(account)),
        group(number, tagid, "同学"),
        tie(number, RelationKind::Follow, next(1), 100 + change, &[(0, 0)]),
        tie(number, RelationKind::Follow, next(2), 100 + change, &[(-10, 1), (tagid, 2)]),
        Row::Login(LoginRow { mid: me, ..login(100 + change) }),
        Row::Coin(CoinRow {
            mid: me,
            time: 100 + change,
            delta: Coins::whole(3),
            reason: "登录奖励".to_owned(),
        }),
    ]
}

pub(crate) async fn many_rows_at_once_are_told_as_few_are(store: impl Store) {
    const MANY: u64 = 100;
    let community = Community::empty(store);
    let cards = (1..=MANY).map(|number| {
        Row::Card(Box::new(Card { uname: format!("成员{number}"), ..Card::of(mid(number)) }))
    });
    let all = |change| (1..=MANY).flat_map(move |number| of_many(number, MANY, change));
    assert_eq!(community.load(cards.chain(all(0)).collect()).await.fault, None);
    let few = async |change: i64, times: i64| {
        for number in [1, 50, MANY] {
            let stat = community.stat(number).await;
            assert_eq!((stat.following, stat.follower, stat.special, stat.default), (2, 2, 1, 1));
            assert_eq!((stat.turn, stat.coins), (3, Coins::whole(3 * times)));
            assert_eq!(stat.fans_version, u32::try_from(2 * times).expect("it is few"));
            let next = |step| (number + step - 1) % MANY + 1;
            assert_eq!(community.attribute(number, next(1)).await, (2, 100 + change));
            let tagid = Tagid(i64::try_from(number).expect("there are not that many"));
            assert_eq!(community.group(number, tagid).await, [next(2)]);
            assert_eq!(community.group(number, Tagid::DEFAULT).await, [next(1)]);
            let profile: Option<Profile> = read(community.store.get(mid(number)).await);
            assert_eq!(profile.map(|profile| profile.place), Some(format!("{change}")));
        }
    };
    few(0, 1).await;
    // Said again with other times, each takes the place of what was there.
    assert_eq!(community.load(all(7).collect()).await.fault, None);
    few(7, 2).await;
    let taken = community.load(vec![Row::Account(Box::new(Account {
        tel: Some(Sensitive::Clear("15300007050".to_owned())),
        ..Account::of(mid(1))
    }))]);
    assert!(taken.await.fault.is_some(), "a phone finds who has it now");
}
