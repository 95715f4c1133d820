//! Many commands at once, and what an answer is worth.

mod commands;

use crate::community::{Community, LIMIT, card, mid, relate, vault};
use crate::home::{empty, fresh, reopen};
use commands::{Breaks, Gate, Keeper, Panics};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::operator::events::{Counted, Event, TipCoins, What};
use guanxi_storage::command::{Command, CreateGroup, GrantDailyLogin, Ingest, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::row::{Card, CoinRow, EventRow, Growth};
use guanxi_storage::{CommandError, EmbeddedStore, Row, StorageError, Store};
use guanxi_types::Coins;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tempfile::TempDir;
use tokio::task::JoinSet;

type Waiting<A> = Pin<Box<dyn Future<Output = Result<A, CommandError>> + Send>>;

/// Puts a command into the queue, of a store whose writer is held up: nobody has answered it yet.
async fn queued<C: Command>(store: &EmbeddedStore, command: C) -> Waiting<C::Answer> {
    let store = store.clone();
    let mut waiting: Waiting<C::Answer> = Box::pin(async move { store.run(command).await });
    poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending(), "the writer is held up");
        Poll::Ready(())
    })
    .await;
    waiting
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_follow_all_at_once() {
    const MEMBERS: u64 = 64;
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), MEMBERS).await;
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        let store = store.clone();
        tasks.spawn(async move {
            // Each begins with another, so that pairs meet from both sides at once.
            for them in (1..MEMBERS).map(|off| (me - 1 + off) % MEMBERS + 1) {
                store.run(relate(me, RelationAction::Follow, them, 100)).await.unwrap();
                let pair = store.pair(mid(me), mid(them)).await.unwrap().unwrap();
                assert!(pair.outgoing.is_some(), "what was answered is there to be read");
            }
        });
    }
    tasks.join_all().await;
    for member in 1..=MEMBERS {
        assert_eq!(community.counts(member).await, [63, 0, 0, 63], "{member}");
    }
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.follows, report.mutual), (64 * 63, 64 * 63 / 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_gives_once_however_many_say_it() {
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), 1).await;
    let mut tasks = JoinSet::new();
    for now in 100..300 {
        let store = store.clone();
        tasks.spawn(async move { store.run(GrantDailyLogin { me: mid(1), now }).await.unwrap() });
    }
    tasks.join_all().await;
    assert_eq!(community.stat(1).await.coins, Coins::whole(1));
    assert_eq!(store.coins(mid(1), 0, usize::MAX).await.unwrap().len(), 1);
    assert_eq!(store.get::<Growth>(mid(1)).await.unwrap().map(|growth| growth.exp), Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ledger_adds_up_however_many_tip() {
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), 4).await;
    let coins =
        |member| CoinRow { mid: mid(member), time: 1, delta: Coins::whole(20), reason: String::new() };
    assert_eq!(community.load((1..=4).map(|member| Row::Coin(coins(member))).collect()).await.fault, None);
    let mut tasks = JoinSet::new();
    // Each event is told four times, among others; more coins are tipped than there are.
    for number in 0..400 {
        let (store, id, giver) = (store.clone(), number % 100, number % 4 + 1);
        let (giver, maker, coins) = (mid(giver), mid(giver % 4 + 1), TipCoins(2));
        let what = What::Tip { giver, maker, bvid: "BV1".to_owned().try_into().expect("a bvid"), coins };
        let events = vec![Event { id: id.to_string().try_into().expect("an id"), time: Some(100), what }];
        tasks.spawn(async move { store.run(Ingest { events, remember: 100, now: 100 }).await.unwrap() });
    }
    let told = tasks.join_all().await.concat();
    let counted = told.iter().filter(|told| **told == Ok(Counted::Now)).count();
    assert_eq!(store.all::<EventRow>().await.unwrap().len(), counted);
    assert!((40..100).contains(&counted), "each had coins for ten, and was to give 25: {counted}");
    let mut left = 0;
    for member in 1..=4 {
        let balance = community.stat(member).await.coins;
        assert!(balance >= Coins::ZERO, "{member} has {balance:?}");
        let log = store.coins(mid(member), 0, usize::MAX).await.unwrap();
        assert_eq!(log.iter().fold(Coins::ZERO, |sum, row| sum + row.delta), balance, "{member}");
        assert_eq!(store.get::<Growth>(mid(member)).await.unwrap().map(|growth| growth.exp), Some(50));
        left += balance.in_tenths();
    }
    // Of 20 tenths the maker gets 2.
    assert_eq!(left, 800 - 18 * i64::try_from(counted).unwrap());
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tagids_are_told_apart_however_many_ask() {
    let (_home, store) = fresh();
    let _community = Community::of(store.clone(), 8).await;
    let mut tasks = JoinSet::new();
    for number in 0..160 {
        let (store, me) = (store.clone(), mid(number % 8 + 1));
        let create = CreateGroup { me, name: number.to_string(), limit: LIMIT as usize };
        tasks.spawn(async move { store.run(create).await.unwrap() });
    }
    let mut tagids = tasks.join_all().await;
    tagids.sort_unstable();
    tagids.dedup();
    assert_eq!(tagids.len(), 160);
}

/// A store with a small queue, whose writer is held up; and who holds it.
async fn held_up(queue: usize) -> (TempDir, EmbeddedStore, Waiting<()>, Keeper) {
    let home = empty();
    let options = Options { commit_batch: 2, queue, ..Options::default() };
    let store = EmbeddedStore::open(home.path(), options).expect("the directory opens");
    let _community = Community::of(store.clone(), 9).await;
    let (gate, keeper) = Gate::new();
    let gate = queued(&store, gate).await;
    keeper.reached().await;
    (home, store, gate, keeper)
}

#[tokio::test]
async fn command_is_rejected_at_once_when_the_queue_is_full() {
    const ROOM: u32 = 4;
    let (_home, store, gate, keeper) = held_up(ROOM as usize).await;
    // Twice as many come as there is room for: what is done is what there was room for, and no less.
    let mut waiting = Vec::new();
    for them in (2..).take(ROOM as usize) {
        waiting.push(queued(&store, relate(1, RelationAction::Follow, them, 100)).await);
    }
    for them in (2..).take(ROOM as usize) {
        let told = store.run(relate(9, RelationAction::Follow, them, 100)).await;
        assert!(matches!(told, Err(CommandError::Fault(StorageError::Busy(_)))), "{told:?}");
    }
    let before = store.pulse();
    assert_eq!((before.queued, before.shed), (ROOM as usize, ROOM.into()));
    keeper.let_go();
    gate.await.unwrap();
    for done in waiting {
        done.await.unwrap();
    }
    store.run(relate(9, RelationAction::Follow, 2, 100)).await.expect("there is room again");
    let counts = async |member| store.stat(mid(member)).await.unwrap().unwrap().following;
    assert_eq!((counts(1).await, counts(9).await), (ROOM, 1));
    assert!(store.pulse().commits <= before.commits + 4, "the gate, two batches, and one more");
}

#[tokio::test]
async fn background_command_waits_when_the_queue_is_full() {
    let (_home, store, gate, keeper) = held_up(1).await;
    let first = queued(&store, relate(1, RelationAction::Follow, 2, 100)).await;
    let row = Row::Card(Box::new(Card { sign: "早".to_owned(), ..Card::of(mid(5)) }));
    let load = queued(&store, InsertRows { rows: vec![row], vault: vault() }).await;
    assert!(store.run(relate(1, RelationAction::Follow, 3, 100)).await.is_err(), "requests find no room");
    keeper.let_go();
    gate.await.unwrap();
    first.await.unwrap();
    assert_eq!(load.await.unwrap().rows, 1, "however many others came");
}

#[tokio::test]
async fn abandoned_command_is_not_executed() {
    let (_home, store, gate, keeper) = held_up(8).await;
    let kept = queued(&store, relate(1, RelationAction::Follow, 2, 100)).await;
    for them in 3..9 {
        drop(queued(&store, relate(1, RelationAction::Follow, them, 100)).await);
    }
    let last = queued(&store, relate(1, RelationAction::Follow, 9, 100)).await;
    let before = store.pulse();
    keeper.let_go();
    gate.await.unwrap();
    kept.await.unwrap();
    last.await.unwrap();
    assert_eq!(store.stat(mid(1)).await.unwrap().unwrap().following, 2);
    let pulse = store.pulse();
    assert_eq!((pulse.abandoned, pulse.commands - before.commands), (6, 3), "the gate, and two");
    assert!(store.check().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_write_that_waits_holds_up_no_read() {
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), 3).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100)]).await;
    let (gate, keeper) = Gate::new();
    let gate = queued(&store, gate).await;
    keeper.reached().await;

    let follow = queued(&store, relate(1, RelationAction::Follow, 3, 200)).await;
    assert_eq!(community.followings(1).await, [2]);
    assert_eq!(community.fans(3).await, [0; 0], "what is not answered is not there");
    assert!(store.check().await.unwrap().is_clean());

    keeper.let_go();
    gate.await.unwrap();
    follow.await.unwrap();
    assert_eq!(community.followings(1).await, [3, 2]);
}

#[tokio::test]
async fn commands_are_done_in_the_order_they_came() {
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), 2).await;
    let (gate, keeper) = Gate::new();
    let gate = queued(&store, gate).await;
    keeper.reached().await;
    let mut waiting = Vec::new();
    for (now, act) in (100..).zip([
        RelationAction::Follow,
        RelationAction::Whisper,
        RelationAction::Unwhisper,
        RelationAction::Follow,
    ]) {
        waiting.push(queued(&store, relate(1, act, 2, now)).await);
    }
    keeper.let_go();
    gate.await.unwrap();
    for done in waiting {
        done.await.unwrap();
    }
    assert_eq!(community.attribute(1, 2).await, (2, 103));
}

#[tokio::test]
async fn a_store_let_go_answers_what_is_queued() {
    let (home, store) = fresh();
    let community = Community::of(store.clone(), 100).await;
    let (gate, keeper) = Gate::new();
    let gate = queued(&store, gate).await;
    keeper.reached().await;
    let mut waiting = Vec::new();
    for them in 2..=100 {
        waiting.push((them, queued(&store, relate(1, RelationAction::Follow, them, 100)).await));
    }
    drop((store, community));
    keeper.let_go();
    gate.await.unwrap();
    let mut acknowledged = Vec::new();
    for (them, answer) in waiting {
        match answer.await {
            Ok(()) => acknowledged.push(them),
            Err(error) => assert!(matches!(error, CommandError::Fault(StorageError::Closed)), "{error}"),
        }
    }
    // The last that waited held the last clone: the directory is free again.
    let reopened = reopen(home.path());
    for them in acknowledged {
        let pair = reopened.pair(mid(1), mid(them)).await.unwrap().unwrap();
        assert!(pair.outgoing.is_some(), "{them} was acknowledged");
    }
    assert!(reopened.check().await.unwrap().is_clean());
}

/// Queues a command between two follows, so that all three share a commit, and tells its answer.
async fn between_two_follows<C: Command>(
    store: &EmbeddedStore,
    command: C,
) -> Result<C::Answer, CommandError> {
    let community = Community::of(store.clone(), 3).await;
    let (gate, keeper) = Gate::new();
    let gate = queued(store, gate).await;
    keeper.reached().await;
    let first = queued(store, relate(1, RelationAction::Follow, 2, 100)).await;
    let between = queued(store, command).await;
    let last = queued(store, relate(1, RelationAction::Follow, 3, 100)).await;
    keeper.let_go();
    gate.await.expect("nothing forbids it");
    let answer = between.await;
    first.await.expect("nothing forbids it");
    last.await.expect("nothing forbids it");
    assert_eq!(community.followings(1).await, [3, 2], "its neighbours are done");
    assert!(store.check().await.expect("everything can be read").is_clean());
    answer
}

#[tokio::test]
async fn a_refusal_spoils_no_other() {
    let (_home, store) = fresh();
    let refused = between_two_follows(&store, relate(1, RelationAction::Follow, 1, 100)).await;
    assert!(matches!(refused, Err(CommandError::Rejected(_))), "{refused:?}");
}

#[tokio::test]
async fn a_command_that_breaks_writes_nothing_and_spoils_no_other() {
    let (_home, store) = fresh();
    let broken = between_two_follows(&store, Breaks(mid(2))).await;
    assert!(
        matches!(&broken, Err(CommandError::Fault(StorageError::Engine(why))) if why == "on purpose"),
        "{broken:?}"
    );
    assert_eq!(store.get::<Card>(mid(2)).await.unwrap(), Some(Card::of(mid(2))), "what it put is gone");
}

#[tokio::test]
async fn a_command_that_panics_spoils_no_other() {
    let (_home, store) = fresh();
    let panicked = between_two_follows(&store, Panics(mid(2))).await;
    assert!(matches!(panicked, Err(CommandError::Fault(StorageError::Engine(_)))), "{panicked:?}");
    assert_eq!(store.get::<Card>(mid(2)).await.unwrap(), Some(Card::of(mid(2))), "what it put is gone");
    store.run(InsertRows { rows: vec![card(4)], vault: vault() }).await.expect("the writer is alive");
}
