//! Concurrent writers of the same rows, over several stores on one database, like several processes: no write is
//! lost, none is applied twice, and no caller sees a storage error.

use crate::community::{Community, FOLLOW_LIMIT, change_relation, mid, new_cipher, page_mids, run};
use crate::members::{NOW, member_named, new_session, no_outbox};
use crate::tempdir::{new_database_store, second_store, store_with_connections};
use guanxi_domain::rate_limit::{Decision, Quota};
use guanxi_storage::commands::{
    AssignGroups, CheckRateLimit, CreateGroup, DeleteGroup, GrantDailyLogin, IngestEvents, InsertRows,
    NewMember, NewSession, RegisterMember,
};
use guanxi_storage::model::{Card, CoinRow, EventRow, Experience};
use guanxi_storage::store::List;
use guanxi_storage::{PostgresStore, Row, Store};
use guanxi_test_postgres::Schema;
use guanxi_types::{Coins, ErrorCode, Event, EventKind, EventOutcome, RelationAction, Tagid, TipCoins};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The number of concurrent writers.
const WRITERS: u64 = 64;

/// The number of rounds of each writer.
const ROUNDS: u64 = 24;

/// The duration of the test if `GUANXI_TEST_LONG` is set.
const LONG: Duration = Duration::from_mins(1);

/// Returns true if another round is to be run.
fn has_next_round(round: u64, start: Instant) -> bool {
    round < ROUNDS || std::env::var_os("GUANXI_TEST_LONG").is_some() && start.elapsed() < LONG
}

/// Opens three stores on one database, and creates members.
async fn three_stores(members: u64) -> Option<(Schema, [PostgresStore; 3])> {
    let (schema, first) = new_database_store().await?;
    let stores = [first, second_store(&schema).await, store_with_connections(&schema, 32).await];
    Community::with_members(stores[0].clone(), members).await;
    Some((schema, stores))
}

/// Returns one of the stores, in turn.
fn store_of(stores: &[PostgresStore; 3], number: u64) -> PostgresStore {
    let [first, second, third] = stores;
    match number % 3 {
        0 => first,
        1 => second,
        _ => third,
    }
    .clone()
}

/// A deterministic random number generator.
struct Random(u64);

impl Random {
    /// Returns a number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Asserts that the length of every list equals its counter.
async fn assert_list_lengths(store: &PostgresStore, number: u64) {
    let community = Community::new(store.clone());
    for owner in 1..=number {
        let counters = community.counters(owner).await;
        for (list, count) in [
            (List::Followers, counters.follower),
            (List::Followings, counters.following),
            (List::Whispers, counters.whisper),
            (List::Blocks, counters.blocked),
            (List::Group(Tagid::SPECIAL), counters.special),
            (List::Group(Tagid::DEFAULT), counters.default),
        ] {
            let page = community.list(owner, list).await;
            assert_eq!((page.total, page_mids(&page).len()), (count, count as usize), "{list:?} of {owner}");
        }
    }
}

async fn assert_integrity(stores: &[PostgresStore]) {
    for store in stores {
        let report = store.check_integrity().await.expect("the store is readable");
        assert!(report.is_clean(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_relation_changes_stay_consistent() {
    const MEMBERS: u64 = 12;
    let Some((_schema, stores)) = three_stores(MEMBERS).await else { return };
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let store = store_of(&stores, writer);
        tasks.spawn(async move {
            let mut random = Random(writer);
            let mut own: Option<Tagid> = None;
            let me = writer % MEMBERS + 1;
            for round in 0.. {
                if !has_next_round(round, start) {
                    break;
                }
                let them = (me + random.below(MEMBERS - 1)) % MEMBERS + 1;
                match random.below(16) {
                    0 => {
                        let name = format!("{writer}-{round}");
                        let create = CreateGroup { me: mid(me), name, limit: FOLLOW_LIMIT as usize };
                        own = run(&store, create).await.ok().or(own);
                    }
                    1 => {
                        if let Some(tagid) = own.take() {
                            let _ = run(&store, DeleteGroup { me: mid(me), tagid }).await;
                        }
                    }
                    2..6 => {
                        let tagids = own.into_iter().chain([Tagid::SPECIAL]).collect();
                        let _ =
                            run(&store, AssignGroups { me: mid(me), fids: vec![mid(them)], tagids }).await;
                    }
                    6 => drop(run(&store, change_relation(me, RelationAction::Block, them, NOW)).await),
                    7 => drop(run(&store, change_relation(me, RelationAction::Unblock, them, NOW)).await),
                    8 => drop(
                        run(&store, change_relation(me, RelationAction::RemoveFollower, them, NOW)).await,
                    ),
                    9 => drop(run(&store, change_relation(me, RelationAction::Unfollow, them, NOW)).await),
                    10 => drop(run(&store, change_relation(me, RelationAction::Whisper, them, NOW)).await),
                    _ => drop(run(&store, change_relation(me, RelationAction::Follow, them, NOW)).await),
                }
            }
        });
    }
    tasks.join_all().await;
    assert_integrity(&stores).await;
    assert_list_lengths(&stores[0], MEMBERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_follows_from_several_stores_apply() {
    const MEMBERS: u64 = 24;
    let Some((_schema, stores)) = three_stores(MEMBERS).await else { return };
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        let [one, two, three] = stores.clone();
        tasks.spawn(async move {
            for them in (1..MEMBERS).map(|off| (me - 1 + off) % MEMBERS + 1) {
                let (writes, reads) = if me < them { (&one, &two) } else { (&two, &three) };
                assert_eq!(run(writes, change_relation(me, RelationAction::Follow, them, 100)).await, Ok(()));
                let pair = reads.relation_pair(mid(me), mid(them)).await.expect("the store is readable");
                assert!(
                    pair.is_some_and(|pair| pair.outgoing.is_some()),
                    "a write through one store is readable through another"
                );
            }
        });
    }
    tasks.join_all().await;
    assert_integrity(&stores).await;
    for owner in 1..=MEMBERS {
        let counters =
            stores[0].counters(mid(owner)).await.expect("the store is readable").expect("the member exists");
        assert_eq!((counters.following, counters.follower), (23, 23), "{owner}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crossing_tips_count_once() {
    const EVENTS: u64 = 60;
    let Some((_schema, stores)) = three_stores(4).await else { return };
    let coins = |member| {
        Row::Coin(CoinRow { mid: mid(member), time: 1, delta: Coins::from_whole(20), reason: String::new() })
    };
    let imported =
        run(&stores[0], InsertRows { rows: (1..=4).map(coins).collect(), cipher: new_cipher() }).await;
    assert_eq!(imported.map(|imported| imported.error), Ok(None));
    let mut tasks = JoinSet::new();
    // Each event is sent to each store. Two members tip each other.
    for number in 0..EVENTS * 3 {
        let store = store_of(&stores, number / EVENTS);
        let id = number % EVENTS;
        let (giver, maker) = (mid(id % 4 + 1), mid(((id % 4) ^ 1) + 1));
        let kind = EventKind::Tip {
            giver,
            maker,
            bvid: "BV1".to_owned().try_into().expect("a bvid"),
            coins: TipCoins(2),
        };
        let events = vec![Event { id: id.to_string().try_into().expect("an id"), time: Some(100), kind }];
        tasks.spawn(async move { run(&store, IngestEvents { events, id_retention: 100, now: 100 }).await });
    }
    let outcomes = tasks.join_all().await.into_iter().flatten().flatten();
    let applied = outcomes.filter(|outcome| *outcome == Ok(EventOutcome::Applied)).count();
    assert_eq!(stores[0].all::<EventRow>().await.expect("the store is readable").len(), applied);
    let mut left = 0;
    for member in 1..=4 {
        let counters =
            stores[1].counters(mid(member)).await.expect("the store is readable").expect("the member exists");
        assert!(counters.coins >= Coins::ZERO, "{member} has {:?}", counters.coins);
        left += counters.coins.tenths();
    }
    // The maker gets 2 of 20 tenths.
    assert_eq!(left, 800 - 18 * i64::try_from(applied).expect("a small number"));
    assert_integrity(&stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn daily_login_across_stores_is_rewarded_once() {
    let Some((_schema, stores)) = three_stores(2).await else { return };
    let mut tasks = JoinSet::new();
    for now in 0..WRITERS {
        let store = store_of(&stores, now);
        let now = NOW + now.cast_signed() / 8;
        tasks.spawn(async move { run(&store, GrantDailyLogin { me: mid(1), now }).await });
    }
    assert!(tasks.join_all().await.into_iter().all(|result| result.is_ok()));
    assert_eq!(stores[0].coin_log(mid(1), 0, usize::MAX).await.expect("the store is readable").len(), 1);
    let experience = stores[1].get::<Experience>(mid(1)).await.expect("the store is readable");
    assert_eq!(experience.map(|experience| experience.exp), Some(5));
    assert_integrity(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_sign_ups_get_unique_names_and_mids() {
    const NAMES: u64 = 24;
    let Some((_schema, stores)) = three_stores(2).await else { return };
    let cipher = new_cipher();
    let mut tasks = JoinSet::new();
    for number in 0..NAMES * 2 {
        let store = store_of(&stores, number / NAMES);
        let new_member = NewMember {
            tel: Some(format!("1531234{number:04}")),
            ..member_named(&format!("成员{}", number % NAMES))
        };
        let byte = u8::try_from(number + 1).expect("a small number");
        let session = NewSession { hash: [byte; 32], ..new_session(byte) };
        let outbox = no_outbox(&cipher);
        let sign_up = RegisterMember { new_member, session, outbox, now: NOW };
        tasks.spawn(async move { run(&store, sign_up).await });
    }
    let results = tasks.join_all().await;
    let mids: BTreeSet<_> = results.iter().flatten().copied().collect();
    assert_eq!(mids.len(), 24, "names and mids are unique");
    assert_eq!(results.iter().filter(|result| **result == Err(ErrorCode::NameTaken)).count(), 24);
    let mut names = BTreeSet::new();
    for mid in mids {
        let card =
            stores[2].get::<Card>(mid).await.expect("the store is readable").expect("the member exists");
        assert!(names.insert(card.uname), "{mid}");
        assert_eq!(stores[2].sessions(mid).await.expect("the store is readable").len(), 1);
    }
    assert_integrity(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn groups_across_stores_get_distinct_tagids() {
    let Some((_schema, stores)) = three_stores(8).await else { return };
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS {
        let store = store_of(&stores, number);
        let create =
            CreateGroup { me: mid(number % 8 + 1), name: number.to_string(), limit: FOLLOW_LIMIT as usize };
        tasks.spawn(async move { run(&store, create).await });
    }
    let tagids: Result<BTreeSet<Tagid>, ErrorCode> = tasks.join_all().await.into_iter().collect();
    assert_eq!(tagids.map(|tagids| tagids.len()), Ok(64));
    assert_integrity(&stores[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rate_limit_is_shared_across_stores() {
    const ALLOWED: Quota = Quota { max_attempts: 5, window_seconds: 900, lockout_seconds: 60 };
    let Some((_schema, stores)) = three_stores(1).await else { return };
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS * 2 {
        let store = store_of(&stores, number);
        // The buckets are given in either order.
        let mut buckets = vec![([1; 32], ALLOWED), ([2; 32], ALLOWED)];
        if number % 2 == 0 {
            buckets.reverse();
        }
        tasks.spawn(async move { run(&store, CheckRateLimit { buckets, now: NOW }).await });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|result| **result == Ok(Decision::Allow)).count(), ALLOWED.max_attempts);
    assert!(results.iter().all(|result| matches!(result, Ok(Decision::Allow | Decision::RetryAfter(60)))));
}
