//! Concurrent commands on the embedded engine: batching, the queue, and the durability of an answer.

pub(crate) mod test_commands;

use crate::community::{Community, FOLLOW_LIMIT, card, change_relation, mid, new_cipher};
use crate::tempdir::{empty_dir, new_store, reopen};
use guanxi_storage::commands::{Command, CreateGroup, GrantDailyLogin, IngestEvents, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::model::{Card, CoinRow, EventRow, Experience};
use guanxi_storage::{CommandError, EmbeddedStore, Row, StorageError, Store};
use guanxi_types::{Coins, Event, EventKind, EventOutcome, RelationAction, TipCoins};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tempfile::TempDir;
use test_commands::{End, EndAfterPut, Gate, GateHandle};
use tokio::task::JoinSet;

type QueuedCommand<A> = Pin<Box<dyn Future<Output = Result<A, CommandError>> + Send>>;

/// Puts a command into the queue of a store whose committer is blocked.
async fn enqueue<C: Command>(store: &EmbeddedStore, command: C) -> QueuedCommand<C::Output> {
    let store = store.clone();
    let mut queued: QueuedCommand<C::Output> = Box::pin(async move { store.run(command).await });
    poll_fn(|context| {
        assert!(queued.as_mut().poll(context).is_pending(), "the committer is blocked");
        Poll::Ready(())
    })
    .await;
    queued
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_follows_are_all_applied() {
    const MEMBERS: u64 = 64;
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), MEMBERS).await;
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        let store = store.clone();
        tasks.spawn(async move {
            // Each member starts with another target, so that pairs follow each other concurrently.
            for them in (1..MEMBERS).map(|offset| (me - 1 + offset) % MEMBERS + 1) {
                store.run(change_relation(me, RelationAction::Follow, them, 100)).await.unwrap();
                let pair = store.relation_pair(mid(me), mid(them)).await.unwrap().unwrap();
                assert!(pair.outgoing.is_some(), "an acknowledged write is readable");
            }
        });
    }
    tasks.join_all().await;
    for member in 1..=MEMBERS {
        assert_eq!(community.counts(member).await, [63, 0, 0, 63], "{member}");
    }
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.follows, report.mutual), (64 * 63, 64 * 63 / 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_daily_logins_are_rewarded_once() {
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), 1).await;
    let mut tasks = JoinSet::new();
    for now in 100..300 {
        let store = store.clone();
        tasks.spawn(async move { store.run(GrantDailyLogin { me: mid(1), now }).await.unwrap() });
    }
    tasks.join_all().await;
    assert_eq!(community.counters(1).await.coins, Coins::from_whole(1));
    assert_eq!(store.coin_log(mid(1), 0, usize::MAX).await.unwrap().len(), 1);
    assert_eq!(store.get::<Experience>(mid(1)).await.unwrap().map(|growth| growth.exp), Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_tips_keep_the_coin_log_balanced() {
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), 4).await;
    let coins =
        |member| CoinRow { mid: mid(member), time: 1, delta: Coins::from_whole(20), reason: String::new() };
    assert_eq!(community.import((1..=4).map(|member| Row::Coin(coins(member))).collect()).await.error, None);
    let mut tasks = JoinSet::new();
    // Each event is sent four times. The tips exceed the coins.
    for number in 0..400 {
        let (store, id, giver) = (store.clone(), number % 100, number % 4 + 1);
        let (giver, maker, coins) = (mid(giver), mid(giver % 4 + 1), TipCoins(2));
        let kind = EventKind::Tip { giver, maker, bvid: "BV1".to_owned().try_into().expect("a bvid"), coins };
        let events = vec![Event { id: id.to_string().try_into().expect("an id"), time: Some(100), kind }];
        tasks.spawn(
            async move { store.run(IngestEvents { events, id_retention: 100, now: 100 }).await.unwrap() },
        );
    }
    let outcomes = tasks.join_all().await.concat();
    let applied = outcomes.iter().filter(|outcome| **outcome == Ok(EventOutcome::Applied)).count();
    assert_eq!(store.all::<EventRow>().await.unwrap().len(), applied);
    assert!((40..100).contains(&applied), "each member can pay 10 of 25 tips: {applied}");
    let mut left = 0;
    for member in 1..=4 {
        let balance = community.counters(member).await.coins;
        assert!(balance >= Coins::ZERO, "{member} has {balance:?}");
        let log = store.coin_log(mid(member), 0, usize::MAX).await.unwrap();
        assert_eq!(log.iter().fold(Coins::ZERO, |sum, row| sum + row.delta), balance, "{member}");
        assert_eq!(store.get::<Experience>(mid(member)).await.unwrap().map(|growth| growth.exp), Some(50));
        left += balance.tenths();
    }
    // The maker gets 2 of 20 tenths.
    assert_eq!(left, 800 - 18 * i64::try_from(applied).unwrap());
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_groups_get_distinct_tagids() {
    let (_home, store) = new_store();
    let _community = Community::with_members(store.clone(), 8).await;
    let mut tasks = JoinSet::new();
    for number in 0..160 {
        let (store, me) = (store.clone(), mid(number % 8 + 1));
        let create = CreateGroup { me, name: number.to_string(), limit: FOLLOW_LIMIT as usize };
        tasks.spawn(async move { store.run(create).await.unwrap() });
    }
    let mut tagids = tasks.join_all().await;
    tagids.sort_unstable();
    tagids.dedup();
    assert_eq!(tagids.len(), 160);
}

/// Returns a store with a small queue and a blocked committer.
async fn blocked_store(queue: usize) -> (TempDir, EmbeddedStore, QueuedCommand<()>, GateHandle) {
    let home = empty_dir();
    let options = Options { max_batch_size: 2, max_queued_commands: queue, ..Options::default() };
    let store = EmbeddedStore::open(home.path(), options).expect("the directory opens");
    let _community = Community::with_members(store.clone(), 9).await;
    let (gate, handle) = Gate::new();
    let gate = enqueue(&store, gate).await;
    handle.reached().await;
    (home, store, gate, handle)
}

#[tokio::test]
async fn command_is_rejected_at_once_when_the_queue_is_full() {
    const CAPACITY: u32 = 4;
    let (_home, store, gate, handle) = blocked_store(CAPACITY as usize).await;
    // Twice as many commands arrive as the queue holds. Exactly the queue is executed.
    let mut queued = Vec::new();
    for them in (2..).take(CAPACITY as usize) {
        queued.push(enqueue(&store, change_relation(1, RelationAction::Follow, them, 100)).await);
    }
    for them in (2..).take(CAPACITY as usize) {
        let result = store.run(change_relation(9, RelationAction::Follow, them, 100)).await;
        assert!(matches!(result, Err(CommandError::Fault(StorageError::Busy(_)))), "{result:?}");
    }
    let before = store.metrics();
    assert_eq!((before.queued, before.shed), (CAPACITY as usize, CAPACITY.into()));
    handle.release();
    gate.await.unwrap();
    for command in queued {
        command.await.unwrap();
    }
    store.run(change_relation(9, RelationAction::Follow, 2, 100)).await.expect("the queue has room again");
    let counts = async |member| store.counters(mid(member)).await.unwrap().unwrap().following;
    assert_eq!((counts(1).await, counts(9).await), (CAPACITY, 1));
    assert!(store.metrics().commits <= before.commits + 4, "the gate, two batches, and one more");
}

#[tokio::test]
async fn background_command_waits_when_the_queue_is_full() {
    let (_home, store, gate, handle) = blocked_store(1).await;
    let first = enqueue(&store, change_relation(1, RelationAction::Follow, 2, 100)).await;
    let row = Row::Card(Box::new(Card { sign: "早".to_owned(), ..Card::new(mid(5)) }));
    let insert = enqueue(&store, InsertRows { rows: vec![row], cipher: new_cipher() }).await;
    assert!(
        store.run(change_relation(1, RelationAction::Follow, 3, 100)).await.is_err(),
        "the queue is full for requests"
    );
    handle.release();
    gate.await.unwrap();
    first.await.unwrap();
    assert_eq!(insert.await.unwrap().rows, 1, "a background command waits for room");
}

#[tokio::test]
async fn abandoned_command_is_not_executed() {
    let (_home, store, gate, handle) = blocked_store(8).await;
    let first = enqueue(&store, change_relation(1, RelationAction::Follow, 2, 100)).await;
    for them in 3..9 {
        drop(enqueue(&store, change_relation(1, RelationAction::Follow, them, 100)).await);
    }
    let last = enqueue(&store, change_relation(1, RelationAction::Follow, 9, 100)).await;
    let before = store.metrics();
    handle.release();
    gate.await.unwrap();
    first.await.unwrap();
    last.await.unwrap();
    assert_eq!(store.counters(mid(1)).await.unwrap().unwrap().following, 2);
    let metrics = store.metrics();
    assert_eq!((metrics.abandoned, metrics.commands - before.commands), (6, 3), "the gate and two follows");
    assert!(store.check_integrity().await.unwrap().is_clean());
}

#[tokio::test]
async fn queued_write_does_not_block_reads() {
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), 3).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    let (gate, handle) = Gate::new();
    let gate = enqueue(&store, gate).await;
    handle.reached().await;

    let follow = enqueue(&store, change_relation(1, RelationAction::Follow, 3, 200)).await;
    assert_eq!(community.followings(1).await, [2]);
    assert_eq!(community.followers(3).await, [0; 0], "an unacknowledged write is not visible");
    assert!(store.check_integrity().await.unwrap().is_clean());

    handle.release();
    gate.await.unwrap();
    follow.await.unwrap();
    assert_eq!(community.followings(1).await, [3, 2]);
}

#[tokio::test]
async fn commands_run_in_queue_order() {
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), 2).await;
    let (gate, handle) = Gate::new();
    let gate = enqueue(&store, gate).await;
    handle.reached().await;
    let mut queued = Vec::new();
    for (now, action) in (100..).zip([
        RelationAction::Follow,
        RelationAction::Whisper,
        RelationAction::Unwhisper,
        RelationAction::Follow,
    ]) {
        queued.push(enqueue(&store, change_relation(1, action, 2, now)).await);
    }
    handle.release();
    gate.await.unwrap();
    for command in queued {
        command.await.unwrap();
    }
    assert_eq!(community.attribute(1, 2).await, (2, 103));
}

#[tokio::test]
async fn dropped_store_completes_queued_commands() {
    let (home, store) = new_store();
    let community = Community::with_members(store.clone(), 100).await;
    let (gate, handle) = Gate::new();
    let gate = enqueue(&store, gate).await;
    handle.reached().await;
    let mut queued = Vec::new();
    for them in 2..=100 {
        queued.push((them, enqueue(&store, change_relation(1, RelationAction::Follow, them, 100)).await));
    }
    drop((store, community));
    handle.release();
    gate.await.unwrap();
    let mut acknowledged = Vec::new();
    for (them, answer) in queued {
        match answer.await {
            Ok(()) => acknowledged.push(them),
            Err(error) => assert!(matches!(error, CommandError::Fault(StorageError::Closed)), "{error}"),
        }
    }
    // The last queued command held the last clone of the store, so the directory is closed.
    let reopened = reopen(home.path());
    for them in acknowledged {
        let pair = reopened.relation_pair(mid(1), mid(them)).await.unwrap().unwrap();
        assert!(pair.outgoing.is_some(), "{them} was acknowledged");
    }
    assert!(reopened.check_integrity().await.unwrap().is_clean());
}

/// Queues a command between two follows, so that all three share a batch. Returns its result.
async fn between_two_follows<C: Command>(
    store: &EmbeddedStore,
    command: C,
) -> Result<C::Output, CommandError> {
    let community = Community::with_members(store.clone(), 3).await;
    let (gate, handle) = Gate::new();
    let gate = enqueue(store, gate).await;
    handle.reached().await;
    let first = enqueue(store, change_relation(1, RelationAction::Follow, 2, 100)).await;
    let between = enqueue(store, command).await;
    let last = enqueue(store, change_relation(1, RelationAction::Follow, 3, 100)).await;
    handle.release();
    gate.await.expect("the command is accepted");
    let answer = between.await;
    first.await.expect("the command is accepted");
    last.await.expect("the command is accepted");
    assert_eq!(community.followings(1).await, [3, 2], "the follows of the batch are applied");
    assert!(store.check_integrity().await.expect("the store is readable").is_clean());
    answer
}

#[tokio::test]
async fn rejection_does_not_affect_its_batch() {
    let (_home, store) = new_store();
    let rejected = between_two_follows(&store, change_relation(1, RelationAction::Follow, 1, 100)).await;
    assert!(matches!(rejected, Err(CommandError::Rejected(_))), "{rejected:?}");
}

#[tokio::test]
async fn failed_command_does_not_affect_its_batch() {
    let (_home, store) = new_store();
    let failed = between_two_follows(&store, EndAfterPut(mid(2), End::Fault)).await;
    assert!(
        matches!(&failed, Err(CommandError::Fault(StorageError::Engine(cause))) if cause.to_string() == "on purpose"),
        "{failed:?}"
    );
    assert_eq!(store.get::<Card>(mid(2)).await.unwrap(), Some(Card::new(mid(2))), "its write is rolled back");
}

#[tokio::test]
async fn panicking_command_does_not_affect_its_batch() {
    let (_home, store) = new_store();
    let panicked = between_two_follows(&store, EndAfterPut(mid(2), End::Panic)).await;
    assert!(matches!(panicked, Err(CommandError::Fault(StorageError::Engine(_)))), "{panicked:?}");
    assert_eq!(store.get::<Card>(mid(2)).await.unwrap(), Some(Card::new(mid(2))), "its write is rolled back");
    store.run(InsertRows { rows: vec![card(4)], cipher: new_cipher() }).await.expect("the committer runs");
}
