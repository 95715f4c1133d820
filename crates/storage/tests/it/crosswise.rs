//! Many who write the same at once, over several stores on one database, as several programs do: nothing is lost, nothing
//! counts twice, and nobody is told of a fault.

use crate::community::{Community, LIMIT, members, mid, relate, vault};
use crate::home::{another, database};
use crate::members::{NOW, arrival, named};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::operator::events::{Counted, Event, TipCoins, What};
use guanxi_domain::tries::{Decision, Quota};
use guanxi_storage::command::{
    AssignGroups, CheckRateLimit, Command, CreateGroup, DeleteGroup, GrantDailyLogin, Ingest, InsertRows,
    NewMember, NewSession, SignUp,
};
use guanxi_storage::row::{Card, CoinRow, EventRow, Growth};
use guanxi_storage::store::List;
use guanxi_storage::{CommandError, PostgresStore, Row, Store};
use guanxi_test_postgres::Schema;
use guanxi_types::{Coins, ErrorCode, Tagid};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How many write at once.
const WRITERS: u64 = 64;

/// How many rounds each of them goes.
const ROUNDS: u64 = 24;

/// For how long they go on if `GUANXI_TEST_LONG` is set.
const LONG: Duration = Duration::from_mins(1);

/// Whether there is another round.
fn goes_on(round: u64, begun: Instant) -> bool {
    round < ROUNDS || std::env::var_os("GUANXI_TEST_LONG").is_some() && begun.elapsed() < LONG
}

/// Three stores on one database with so many members.
async fn three(members: u64) -> Option<(Schema, [PostgresStore; 3])> {
    let (schema, first) = database().await?;
    let stores = [first, another(&schema).await, another(&schema).await];
    Community::of(stores[0].clone(), members).await;
    Some((schema, stores))
}

/// They take turns.
fn one_of(stores: &[PostgresStore; 3], number: u64) -> PostgresStore {
    let [first, second, third] = stores;
    match number % 3 {
        0 => first,
        1 => second,
        _ => third,
    }
    .clone()
}

/// Numbers that look like chance, and are the same each time.
struct Draw(u64);

impl Draw {
    /// One below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Does a command; a refusal is an answer, a fault is none.
async fn said<C: Command>(store: &PostgresStore, command: C) -> Result<C::Answer, ErrorCode> {
    match store.run(command).await {
        Ok(answer) => Ok(answer),
        Err(CommandError::Rejected(code)) => Err(code),
        Err(CommandError::Fault(fault)) => panic!("a caller is told of a fault: {fault}"),
    }
}

/// That every list is as long as it is counted, whoever is asked.
async fn lists_are_counted(store: &PostgresStore, number: u64) {
    let community = Community::empty(store.clone());
    for owner in 1..=number {
        let stat = community.stat(owner).await;
        for (list, count) in [
            (List::Fans, stat.follower),
            (List::Followings, stat.following),
            (List::Whispers, stat.whisper),
            (List::Blacks, stat.black),
            (List::Group(Tagid::SPECIAL), stat.special),
            (List::Group(Tagid::DEFAULT), stat.default),
        ] {
            let page = community.list(owner, list).await;
            assert_eq!((page.total, members(&page).len()), (count, count as usize), "{list:?} of {owner}");
        }
    }
}

async fn agree(stores: &[PostgresStore]) {
    for store in stores {
        let report = store.check().await.expect("the engine reads");
        assert!(report.is_clean(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_act_on_each_other_from_all_sides() {
    const MEMBERS: u64 = 12;
    let Some((_schema, stores)) = three(MEMBERS).await else { return };
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let store = one_of(&stores, writer);
        tasks.spawn(async move {
            let mut draw = Draw(writer);
            let mut own: Option<Tagid> = None;
            let me = writer % MEMBERS + 1;
            for round in 0.. {
                if !goes_on(round, begun) {
                    break;
                }
                let them = (me + draw.below(MEMBERS - 1)) % MEMBERS + 1;
                match draw.below(16) {
                    0 => {
                        let name = format!("{writer}-{round}");
                        let create = CreateGroup { me: mid(me), name, limit: LIMIT as usize };
                        own = said(&store, create).await.ok().or(own);
                    }
                    1 => {
                        if let Some(tagid) = own.take() {
                            let _ = said(&store, DeleteGroup { me: mid(me), tagid }).await;
                        }
                    }
                    2..6 => {
                        let tagids = own.into_iter().chain([Tagid::SPECIAL]).collect();
                        let _ =
                            said(&store, AssignGroups { me: mid(me), fids: vec![mid(them)], tagids }).await;
                    }
                    6 => drop(said(&store, relate(me, RelationAction::Black, them, NOW)).await),
                    7 => drop(said(&store, relate(me, RelationAction::Unblack, them, NOW)).await),
                    8 => drop(said(&store, relate(me, RelationAction::Kick, them, NOW)).await),
                    9 => drop(said(&store, relate(me, RelationAction::Unfollow, them, NOW)).await),
                    10 => drop(said(&store, relate(me, RelationAction::Whisper, them, NOW)).await),
                    _ => drop(said(&store, relate(me, RelationAction::Follow, them, NOW)).await),
                }
            }
        });
    }
    tasks.join_all().await;
    agree(&stores).await;
    lists_are_counted(&stores[0], MEMBERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_follow_all_from_several_programs() {
    const MEMBERS: u64 = 24;
    let Some((_schema, stores)) = three(MEMBERS).await else { return };
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        let [one, two, three] = stores.clone();
        tasks.spawn(async move {
            for them in (1..MEMBERS).map(|off| (me - 1 + off) % MEMBERS + 1) {
                let (writes, reads) = if me < them { (&one, &two) } else { (&two, &three) };
                assert_eq!(said(writes, relate(me, RelationAction::Follow, them, 100)).await, Ok(()));
                let pair = reads.pair(mid(me), mid(them)).await.expect("the engine reads");
                assert!(pair.is_some_and(|pair| pair.outgoing.is_some()), "what one answered, another reads");
            }
        });
    }
    tasks.join_all().await;
    agree(&stores).await;
    for owner in 1..=MEMBERS {
        let stat = stores[0].stat(mid(owner)).await.expect("the engine reads").expect("the member exists");
        assert_eq!((stat.following, stat.follower), (23, 23), "{owner}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tips_cross_and_each_counts_once() {
    const EVENTS: u64 = 60;
    let Some((_schema, stores)) = three(4).await else { return };
    let coins = |member| {
        Row::Coin(CoinRow { mid: mid(member), time: 1, delta: Coins::whole(20), reason: String::new() })
    };
    let loaded = said(&stores[0], InsertRows { rows: (1..=4).map(coins).collect(), vault: vault() }).await;
    assert_eq!(loaded.map(|loaded| loaded.fault), Ok(None));
    let mut tasks = JoinSet::new();
    // Each event is told to each store, among others, and two givers tip each other.
    for number in 0..EVENTS * 3 {
        let store = one_of(&stores, number / EVENTS);
        let id = number % EVENTS;
        let (giver, maker) = (mid(id % 4 + 1), mid(((id % 4) ^ 1) + 1));
        let what = What::Tip {
            giver,
            maker,
            bvid: "BV1".to_owned().try_into().expect("a bvid"),
            coins: TipCoins(2),
        };
        let events = vec![Event { id: id.to_string().try_into().expect("an id"), time: Some(100), what }];
        tasks.spawn(async move { said(&store, Ingest { events, remember: 100, now: 100 }).await });
    }
    let told = tasks.join_all().await.into_iter().flatten().flatten();
    let counted = told.filter(|told| *told == Ok(Counted::Now)).count();
    assert_eq!(stores[0].all::<EventRow>().await.expect("the engine reads").len(), counted);
    let mut left = 0;
    for member in 1..=4 {
        let stat = stores[1].stat(mid(member)).await.expect("the engine reads").expect("the member exists");
        assert!(stat.coins >= Coins::ZERO, "{member} has {:?}", stat.coins);
        left += stat.coins.in_tenths();
    }
    // Of 20 tenths the maker gets 2.
    assert_eq!(left, 800 - 18 * i64::try_from(counted).expect("they are few"));
    agree(&stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_gives_once_whichever_program_is_told() {
    let Some((_schema, stores)) = three(2).await else { return };
    let mut tasks = JoinSet::new();
    for now in 0..WRITERS {
        let store = one_of(&stores, now);
        let now = NOW + now.cast_signed() / 8;
        tasks.spawn(async move { said(&store, GrantDailyLogin { me: mid(1), now }).await });
    }
    assert!(tasks.join_all().await.into_iter().all(|said| said.is_ok()));
    assert_eq!(stores[0].coins(mid(1), 0, usize::MAX).await.expect("the engine reads").len(), 1);
    let growth = stores[1].get::<Growth>(mid(1)).await.expect("the engine reads");
    assert_eq!(growth.map(|growth| growth.exp), Some(5));
    agree(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_signs_up_at_once_is_told_apart() {
    const NAMES: u64 = 24;
    let Some((_schema, stores)) = three(2).await else { return };
    let vault = vault();
    let mut tasks = JoinSet::new();
    for number in 0..NAMES * 2 {
        let store = one_of(&stores, number / NAMES);
        let new = NewMember {
            tel: Some(format!("1531234{number:04}")),
            ..named(&format!("成员{}", number % NAMES))
        };
        let byte = u8::try_from(number + 1).expect("they are few");
        let arrival = NewSession { hash: [byte; 32], ..arrival(byte) };
        let sign_up = SignUp { new, arrival, vault: Arc::clone(&vault), now: NOW };
        tasks.spawn(async move { said(&store, sign_up).await });
    }
    let told = tasks.join_all().await;
    let mids: BTreeSet<_> = told.iter().flatten().copied().collect();
    assert_eq!(mids.len(), 24, "each name is one member's, and each member's mid is their own");
    assert_eq!(told.iter().filter(|told| **told == Err(ErrorCode::NameTaken)).count(), 24);
    let mut names = BTreeSet::new();
    for mid in mids {
        let card = stores[2].get::<Card>(mid).await.expect("the engine reads").expect("the member exists");
        assert!(names.insert(card.uname), "{mid}");
        assert_eq!(stores[2].sessions(mid).await.expect("the engine reads").len(), 1);
    }
    agree(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tagids_are_told_apart_whoever_gives_them() {
    let Some((_schema, stores)) = three(8).await else { return };
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS {
        let store = one_of(&stores, number);
        let create = CreateGroup { me: mid(number % 8 + 1), name: number.to_string(), limit: LIMIT as usize };
        tasks.spawn(async move { said(&store, create).await });
    }
    let tagids: Result<BTreeSet<Tagid>, ErrorCode> = tasks.join_all().await.into_iter().collect();
    assert_eq!(tagids.map(|tagids| tagids.len()), Ok(64));
    agree(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_door_lets_so_many_through_whichever_program_is_asked() {
    const ALLOWED: Quota = Quota { tries: 5, window: 900, wait: 60 };
    let Some((_schema, stores)) = three(1).await else { return };
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS * 2 {
        let store = one_of(&stores, number);
        // The doors are told in either order.
        let mut doors = vec![([1; 32], ALLOWED), ([2; 32], ALLOWED)];
        if number % 2 == 0 {
            doors.reverse();
        }
        tasks.spawn(async move { said(&store, CheckRateLimit { doors, now: NOW }).await });
    }
    let told = tasks.join_all().await;
    assert_eq!(told.iter().filter(|told| **told == Ok(Decision::Through)).count(), ALLOWED.tries);
    assert!(told.iter().all(|told| matches!(told, Ok(Decision::Through | Decision::Wait(60)))));
}
