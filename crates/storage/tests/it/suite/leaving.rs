//! Members leave: at once nobody can be them, and what they had goes step by step.

use super::operators::pay_of;
use crate::community::{Community, LIMIT, mid, read, relate};
use crate::members::{NOW, OFTEN, arrival, password, reached, whence};
use crate::told::{common, told};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::operator::events::{Event, TipCoins, What};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::sign::{Review, Words};
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_storage::command::operate::{
    CreateMember, DeleteMember, EndSessions, OperatorCommand, Patch, Pay, UpdateMember, Verify,
};
use guanxi_storage::command::{
    ApplyRealname, ChangePassword, ChangeReach, ClaimQr, Command, ConfirmQr, ConsumedAttempts, ContactKind,
    CreateGroup, DrawQr, GrantDailyLogin, Ingest, LogIn, OpenSession, Renewal, RevokeSessions, RunDueTask,
    ScanQr, SetQuestion, SubmitSign,
};
use guanxi_storage::row::{
    Account, Card, CoinRow, Farewell, Group, Growth, Handle, LatestLogin, LoginMethod, Password, Profile, Qr,
    Question, Realname, Record, RewardRow, Sensitive, Session, SignReview, Table, TieRow, Tombstone, Upstat,
};
use guanxi_storage::vault::IdentifierKind;
use guanxi_storage::{Counters, Row, Store};
use guanxi_types::{Coins, ErrorCode, Mid, Tagid};
use jiff::civil::date;
use std::sync::Arc;

/// Who leaves. No other number here has these bytes.
pub(crate) const ME: u64 = 0x0002_3456_789a_bcde;
/// How many others there are.
pub(crate) const OTHERS: u64 = 700;

fn tie(from: u64, kind: RelationKind, to: u64, groups: &[(i64, u32)]) -> Row {
    let groups =
        groups.iter().map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: *turn }).collect();
    Row::Tie(TieRow {
        from: mid(from),
        to: mid(to),
        tie: Relation { kind, mtime: 100, seq: 0, source: 11, groups },
    })
}

fn group(owner: u64, tagid: i64) -> Row {
    Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: "同学".to_owned() })
}

/// Their 761 ties, of every kind and in both directions.
fn ties() -> Vec<Row> {
    let mut rows: Vec<Row> = vec![group(ME, 7), group(1, 8)];
    rows.extend(
        (1..=150)
            .zip(0..)
            .map(|(them, turn)| tie(ME, RelationKind::Follow, them, &[(7, turn), (-10, turn + 1000)])),
    );
    rows.extend((151..=250).map(|them| tie(ME, RelationKind::Whisper, them, &[])));
    rows.extend((251..=350).map(|them| tie(ME, RelationKind::Black, them, &[])));
    rows.push(tie(1, RelationKind::Follow, ME, &[(8, 0)]));
    rows.extend((2..=100).chain(400..=500).map(|fan| tie(fan, RelationKind::Follow, ME, &[(0, 0)])));
    rows.extend((501..=620).map(|them| tie(them, RelationKind::Whisper, ME, &[])));
    rows.extend((251..=260).chain(621..=OTHERS).map(|them| tie(them, RelationKind::Black, ME, &[])));
    rows
}

/// What argon2 made of something.
const PHC: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

/// All else that a member may have.
fn belongings() -> Vec<Row> {
    let (mid, clear) = (mid(ME), |text: &str| Some(Sensitive::Clear(text.to_owned())));
    let account = Account {
        userid: "gua".to_owned(),
        tel: clear("15312345056"),
        mail: clear("a@b.cn"),
        ..Account::of(mid)
    };
    let (name, card) = (clear("陈唯恺"), clear("610502200203054114"));
    let mut rows = vec![
        Row::Profile(Box::new(Profile { place: "陕西".to_owned(), ..Profile::of(mid) })),
        Row::Account(Box::new(account)),
        Row::Realname(Realname {
            mid,
            standing: VerificationStatus::Waiting,
            name,
            card,
            card_type: 0,
            submitted: 90,
            ended: 0,
        }),
        Row::Upstat(Upstat { likes: 7, ..Upstat::of(mid) }),
        Row::Growth(Growth { exp: 7, ..Growth::of(mid) }),
        Row::Sign(SignReview {
            mid,
            sign: "晚".to_owned(),
            submitted: 90,
            due: Some(NOW * 2),
            rejected: None,
            ended: 0,
        }),
        Row::Password(Password { mid, phc: PHC.to_owned() }),
        Row::Question(Question { mid, question: clear("谁？"), answer: PHC.to_owned() }),
    ];
    rows.extend(
        (1..=300).map(|time| {
            Row::Coin(CoinRow { mid, time, delta: Coins::whole(1), reason: "打赏".to_owned() })
        }),
    );
    rows.extend((1..=28).map(|day| {
        Row::Reward(RewardRow {
            mid,
            day: date(2020, 2, day),
            given: DailyRewards { watch: true, ..DailyRewards::default() },
        })
    }));
    rows.extend((1..=50).map(|time: i64| {
        Row::Login(whence(&time.to_string()).login(mid, time, LoginMethod::Password, true))
    }));
    rows
}

/// A member with something of everything, among others who have ties of their own.
pub(crate) async fn entangled<S: Store>(store: S) -> Community<S> {
    let community = Community::of(store, OTHERS).await;
    let mut rows = vec![Row::Card(Box::new(Card { uname: "甲".to_owned(), ..Card::of(mid(ME)) }))];
    rows.extend(ties());
    rows.extend(belongings());
    rows.extend([
        tie(1, RelationKind::Follow, 2, &[(8, 5)]),
        tie(2, RelationKind::Whisper, 1, &[]),
        tie(3, RelationKind::Black, 700, &[]),
    ]);
    assert_eq!(community.load(rows).await.fault, None);
    for byte in 1..=3 {
        let open = OpenSession { me: mid(ME), hash: [byte; 32], now: NOW, expires: NOW * 2 };
        assert_eq!(community.run(open).await, Ok(()));
    }
    community
}

/// How many rows of a kind are a member's.
async fn count<S: Store, R: Record>(store: &S, is_theirs: impl Fn(&R) -> bool) -> usize {
    read(store.all::<R>().await).iter().filter(|row| is_theirs(row)).count()
}

/// How many rows of a member's there are, of every kind.
async fn traces<S: Store>(store: &S, member: u64) -> Vec<(&'static str, usize)> {
    let me = mid(member);
    let mut ties = 0;
    for other in (1..=OTHERS).map(mid).filter(|other| *other != me) {
        let Some(back) = read(store.pair(me, other).await) else { break };
        ties += usize::from(back.outgoing.is_some()) + usize::from(back.incoming.is_some());
    }
    let all = vec![
        ("stat", usize::from(read(store.stat(me).await).is_some())),
        ("card", count(store, |row: &Card| row.mid == me).await),
        ("profile", count(store, |row: &Profile| row.mid == me).await),
        ("account", count(store, |row: &Account| row.mid == me).await),
        ("realname", count(store, |row: &Realname| row.mid == me).await),
        ("upstat", count(store, |row: &Upstat| row.mid == me).await),
        ("growth", count(store, |row: &Growth| row.mid == me).await),
        ("reward", count(store, |row: &RewardRow| row.mid == me).await),
        ("group", count(store, |row: &Group| row.mid == me).await),
        ("sign", count(store, |row: &SignReview| row.mid == me).await),
        ("session", count(store, |row: &Session| row.mid == me).await),
        ("sessions", read(store.sessions(me).await).len()),
        ("password", count(store, |row: &Password| row.mid == me).await),
        ("question", count(store, |row: &Question| row.mid == me).await),
        ("handle", count(store, |row: &Handle| row.mid == me).await),
        ("latest login", count(store, |row: &LatestLogin| row.mid == me).await),
        ("farewell", count(store, |row: &Farewell| row.mid == me).await),
        ("coins", read(store.coins(me, 0, usize::MAX).await).len()),
        ("logins", read(store.logins(me, 0, usize::MAX).await).len()),
        (
            "waits",
            read(store.waiting::<Realname>(0, 9).await).len()
                + read(store.waiting::<SignReview>(0, 9).await).len(),
        ),
        ("ties", ties),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

pub(crate) async fn at_once_nobody_can_be_them(store: impl Store) {
    let community = entangled(store).await;
    assert_eq!(community.find(IdentifierKind::Tel, "15312345056").await, Some(ME));
    community.let_go(ME).await;
    for (known, text) in [
        (IdentifierKind::Uname, "甲"),
        (IdentifierKind::Userid, "gua"),
        (IdentifierKind::Tel, "15312345056"),
        (IdentifierKind::Mail, "a@b.cn"),
    ] {
        assert_eq!(community.find(known, text).await, None, "{known:?}");
    }
    assert_eq!(community.sessions(ME).await, [0; 0]);
    for byte in 1..=3 {
        assert_eq!(community.session(byte).await, None);
    }
    let left = traces(&community.store, ME).await;
    for gone in ["account", "password", "question", "realname", "sign", "session", "handle", "waits"] {
        assert!(left.iter().all(|(what, _)| *what != gone), "{gone}: {left:?}");
    }
    // Lists show somebody, of whom nothing is told.
    let card = Card { uname: "账号已注销".to_owned(), ..Card::of(mid(ME)) };
    assert_eq!(read(community.store.get::<Card>(mid(ME)).await), Some(card));
    assert_eq!(community.counts(ME).await, [150, 100, 100, 201]);
}

pub(crate) async fn step_by_step_nothing_of_them_stays(store: impl Store) {
    let community = entangled(store).await;
    let full = traces(&community.store, ME).await;
    assert!(full.contains(&("ties", 761)) && full.len() == 20, "{full:?}");
    community.let_go(ME).await;
    let mut steps = 0;
    while community.leaves(ME).await {
        assert!(read(community.store.stat(mid(ME)).await).is_some(), "they are there until the last step");
        assert_eq!(community.attend(NOW).await, 1);
        steps += 1;
    }
    assert!(steps > 3, "it took {steps} steps");
    assert_eq!(traces(&community.store, ME).await, []);
    assert_eq!(community.attend(i64::MAX).await, 0, "nothing of theirs will be due");
    for (other, counts) in
        [(1, [1, 0, 0, 0]), (2, [0, 1, 0, 1]), (3, [0, 0, 1, 0]), (700, [0; 4]), (255, [0; 4])]
    {
        assert_eq!(community.counts(other).await, counts, "{other}");
    }
    assert_eq!(community.group(1, Tagid(8)).await, [2]);

    // What was theirs is free, and their mid is nobody's.
    let new = community.sign_up(reached("甲", "15312345056"), 1).await.expect("the name is free");
    assert_eq!(new, ME + 1);
    assert_eq!(community.find(IdentifierKind::Tel, "15312345056").await, Some(new));
    community.let_go(new).await;
    community.attend_all(NOW).await;
    assert_eq!(community.sign_up(reached("甲", "15312345056"), 1).await, Ok(ME + 2));
}

pub(crate) async fn they_go_with_their_last_row(store: impl Store) {
    let community = Community::of(store, 7).await;
    // However many rows a step takes, some of these end with one.
    for (member, coins) in (1..).zip([0, 253, 254, 255, 256, 510, 511]) {
        let coin = |time| {
            Row::Coin(CoinRow { mid: mid(member), time, delta: Coins::whole(1), reason: String::new() })
        };
        assert_eq!(community.load((0..coins).map(coin).collect()).await.fault, None);
        community.let_go(member).await;
        while community.leaves(member).await {
            assert!(read(community.store.stat(mid(member)).await).is_some(), "{coins} coins");
            community.attend(NOW).await;
        }
        assert_eq!(read(community.store.stat(mid(member)).await), None, "{coins} coins");
        assert_eq!(read(community.store.coins(mid(member), 0, usize::MAX).await), [], "{coins} coins");
    }
}

pub(crate) async fn letting_go_twice_is_once(store: impl Store) {
    let community = Community::of(store, 2).await;
    let vault = Arc::clone(&community.vault);
    community.let_go(1).await;
    let due = read(community.store.due(NOW, Table::awaited()).await);
    community.let_go(1).await;
    assert_eq!(community.audit().await.len(), 1, "there is one row of it");
    community.attend_all(NOW).await;
    for due in due {
        assert_eq!(
            community.run(RunDueTask { due, now: NOW }).await,
            Ok(()),
            "who is gone is not sent away again"
        );
    }
    assert_eq!(community.operate(DeleteMember { mid: mid(1), vault }).await, Err(ErrorCode::NoMember));
    assert_eq!(community.audit().await.len(), 1);
    assert_eq!(community.stat(2).await, Counters::default());
}

async fn refused<S: Store, C: Command>(community: &Community<S>, command: C) {
    refused_with(community, command, ErrorCode::NoMember).await;
}

async fn refused_with<S: Store, C: Command>(community: &Community<S>, command: C, code: ErrorCode) {
    let name = std::any::type_name::<C>();
    assert_eq!(community.run(command).await.err(), Some(code), "{name}");
}

async fn no_deed<S: Store, D: OperatorCommand>(community: &Community<S>, deed: D) {
    assert_eq!(community.operate(deed).await.err(), Some(ErrorCode::NoMember), "{}", D::NAME);
}

pub(crate) async fn what_was_on_its_way_finds_nobody(store: impl Store) {
    // Who was logged in a moment ago may have something in the queue: done now, it would outlive them.
    let community = Community::of(store, 3).await;
    let (me, vault) = (mid(1), Arc::clone(&community.vault));
    let code = |hash| DrawQr { hash, caller: [9; 32], whence: whence("A"), now: NOW, expires: NOW + 180 };
    for hash in [[1; 32], [2; 32]] {
        assert_eq!(community.run(code(hash)).await, Ok(()));
        assert!(community.run(ScanQr { me, hash, now: NOW }).await.is_ok());
    }
    assert_eq!(community.run(ConfirmQr { me, hash: [1; 32], by: [8; 32], now: NOW }).await, Ok(()));
    community.let_go(1).await;
    let before = (told(&community.store, 3).await, common(&community.store).await);

    let by = |text: &str| Some(text.to_owned());
    let reach = |by, next| ChangeReach { me, by, next, vault: Arc::clone(&vault) };
    refused(&community, reach(ContactKind::Tel, by("15312345056"))).await;
    refused(&community, reach(ContactKind::Mail, by("a@b.cn"))).await;
    let (name, card) = ("陈唯恺".to_owned(), "610502200203054114".to_owned());
    refused(&community, ApplyRealname { me, name, card, card_type: 0, vault: Arc::clone(&vault), now: NOW })
        .await;
    let (sign, words) = ("早".to_owned(), Arc::new(Words::parse("").expect("a list of no word")));
    refused(&community, SubmitSign { me, sign, words, review: Review::Moderator, now: NOW }).await;
    let (question, answer) = ("谁？".to_owned(), "phc".to_owned());
    refused(&community, SetQuestion { me, question, answer, vault: Arc::clone(&vault) }).await;
    let renew = Renewal { old: [0; 32], new: [1; 32], expires: NOW };
    refused(&community, ChangePassword { me, seen: None, next: password("phc"), renew, passed: None }).await;
    refused(&community, CreateGroup { me, name: "同学".to_owned(), limit: LIMIT as usize }).await;
    refused(&community, relate(1, RelationAction::Follow, 2, NOW)).await;
    refused_with(&community, relate(2, RelationAction::Follow, 1, NOW), ErrorCode::MemberLeft).await;
    refused(&community, GrantDailyLogin { me, now: NOW }).await;
    refused(&community, ScanQr { me, hash: [2; 32], now: NOW }).await;
    refused(&community, ConfirmQr { me, hash: [2; 32], by: [8; 32], now: NOW }).await;
    refused(&community, OpenSession { me, hash: [1; 32], now: NOW, expires: NOW + 1 }).await;
    refused(&community, RevokeSessions { me }).await;
    no_deed(&community, UpdateMember { mid: me, with: Patch::default(), vault: Arc::clone(&vault) }).await;
    no_deed(&community, Pay { mid: me, ..pay_of(1, Coins::whole(1), "") }).await;
    no_deed(&community, Verify { mid: me, by: ContactKind::Tel }).await;
    no_deed(&community, EndSessions(me)).await;

    let (hash, caller, at) = ([1; 32], [9; 32], NOW);
    let claim = ClaimQr { hash, caller, arrival: arrival(1), now: NOW };
    assert_eq!(community.run(claim).await, Err(ErrorCode::QrGone), "though they had said yes");
    let passed = ConsumedAttempts { account: [1; 32], address: [2; 32], at };
    let log_in =
        LogIn { me, seen: "phc".to_owned(), anew: None, passed, arrival: arrival(1), often: OFTEN, now: NOW };
    assert_eq!(community.run(log_in).await, Err(ErrorCode::WrongPassword));
    let new = reached("乙", "15312345057");
    let create = CreateMember { new: guanxi_storage::command::NewMember { mid: Some(me), ..new }, vault };
    assert_eq!(community.operate(create).await, Err(ErrorCode::MidTaken));
    let event =
        |id: &str, what| Event { id: id.to_owned().try_into().expect("an id"), time: Some(NOW), what };
    let (other, coins) = (mid(2), TipCoins(1));
    let counts = What::Counts {
        mid: me,
        archive_view: Some(1),
        article_view: None,
        likes: None,
        archive_count: None,
        article_count: None,
    };
    let tip = |giver: Mid, maker: Mid| What::Tip {
        giver,
        maker,
        bvid: "BV1".to_owned().try_into().expect("a bvid"),
        coins,
    };
    let events = [What::Watch { mid: me }, What::Share { mid: me }, counts, tip(me, other), tip(other, me)];
    let events = events.into_iter().zip('a'..).map(|(what, id)| event(&id.to_string(), what)).collect();
    let told_of = community.run(Ingest { events, remember: 100, now: NOW }).await;
    assert_eq!(told_of, Ok(vec![Err(ErrorCode::NoMember); 5]));

    assert_eq!(
        (told(&community.store, 3).await, common(&community.store).await),
        before,
        "nothing was written"
    );
    community.attend_all(NOW + 180).await;
    assert_eq!(traces(&community.store, 1).await, []);
    assert_eq!(read(community.store.all::<Qr>().await), []);
}

/// Why somebody cannot be followed, if they cannot.
async fn follow<S: Store>(community: &Community<S>, them: u64) -> Option<ErrorCode> {
    community.run(relate(1, RelationAction::Follow, them, NOW)).await.err()
}

/// The marks of who left, in an export.
async fn marks<S: Store>(community: &Community<S>) -> Vec<Row> {
    let rows = community.exported().await;
    rows.into_iter().filter(|row| matches!(row, Row::Tombstone(_))).collect()
}

pub(crate) async fn who_left_is_told_from_who_never_was(store: impl Store) {
    let community = Community::of(store, 3).await;
    let mark = Row::Tombstone(Tombstone { mid: mid(2), since: NOW });
    assert_eq!(
        (follow(&community, 2).await, follow(&community, 9).await),
        (None, Some(ErrorCode::NeverMember))
    );
    assert_eq!(marks(&community).await, []);
    community.let_go(2).await;
    // Who is leaving has left, to others and in a dump.
    for _ in 0..2 {
        assert_eq!(follow(&community, 2).await, Some(ErrorCode::MemberLeft));
        assert_eq!(follow(&community, 9).await, Some(ErrorCode::NeverMember));
        assert_eq!(marks(&community).await, std::slice::from_ref(&mark));
        community.attend_all(NOW).await;
    }
    // An operator, or a dump, may give the mid again.
    let new = guanxi_storage::command::NewMember { mid: Some(mid(2)), ..reached("乙", "15312345057") };
    let vault = Arc::clone(&community.vault);
    assert_eq!(community.operate(CreateMember { new, vault }).await, Ok(mid(2)));
    assert_eq!((follow(&community, 2).await, marks(&community).await), (None, vec![]));
}

pub(crate) async fn a_tombstone_is_of_nobody_who_is_there(store: impl Store) {
    let community = Community::of(store, 2).await;
    let mark = |member, since| Row::Tombstone(Tombstone { mid: mid(member), since });
    let fault = community.load(vec![mark(2, NOW)]).await.fault.expect("2 is a member");
    assert!(fault.contains("2 is a member"), "{fault}");
    assert!(community.load(vec![mark(7, -1)]).await.fault.is_some(), "no such second");
    assert_eq!(community.load(vec![mark(7, NOW), mark(7, NOW)]).await.fault, None);
    assert_eq!(follow(&community, 7).await, Some(ErrorCode::MemberLeft));
    assert_eq!(community.load(vec![Row::Card(Box::new(Card::of(mid(7))))]).await.fault, None);
    assert_eq!((follow(&community, 7).await, marks(&community).await), (None, vec![]));
}
