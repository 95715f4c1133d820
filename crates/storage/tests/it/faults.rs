//! A database that is away, slow, held up, or cut off in the middle: who asks is told in time, what was written is whole, and
//! everything goes on when it is back.

mod commands;

use crate::community::{Community, LIMIT, mid, relate};
use crate::home::{another, migrated};
use crate::members::NOW;
use commands::Halfway;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tries::Quota;
use guanxi_storage::command::{CheckRateLimit, Command, CreateGroup, GrantDailyLogin, Probe};
use guanxi_storage::error::OpenError;
use guanxi_storage::postgres::{self, Options};
use guanxi_storage::row::{Card, Door};
use guanxi_storage::{CommandError, PostgresStore, StorageError, Store};
use guanxi_test_postgres::{Road, Schema, State};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// How long the stores here wait for an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// No test should ever wait so long: a machine may be slow.
const LONG: Duration = Duration::from_secs(30);

fn options() -> Options {
    Options { connections: 4, patience: PATIENCE, ..Options::default() }
}

async fn open(url: &str, options: Options) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(postgres::address(url).expect("it is an address"), options).await
}

/// A schema with two members, the road to it, and a store at its end.
async fn by_road(options: Options) -> Option<(Schema, Road, Community<PostgresStore>)> {
    let schema = migrated().await?;
    let road = schema.road().await;
    let store = open(&road.url(), options).await.expect("the road is open");
    Some((schema, road, Community::of(store, 2).await))
}

/// That it is told in time that the database is away, or slow.
async fn is_told<A>(asked: impl Future<Output = Result<A, CommandError>>) -> StorageError {
    match timeout(LONG, asked).await.expect("it is told in time") {
        Err(CommandError::Fault(fault @ (StorageError::Unavailable(_) | StorageError::Timeout(_)))) => fault,
        Err(other) => panic!("another fault: {other}"),
        Ok(_) => panic!("it was done"),
    }
}

async fn asks(store: &PostgresStore) -> Result<bool, CommandError> {
    Ok(store.stat(mid(1)).await?.is_some())
}

/// What a command is told whose commit was cut off.
async fn is_unknown<C: Command>(store: &PostgresStore, command: C) {
    let told = timeout(LONG, store.run(command)).await.expect("it is told in time").err();
    assert!(matches!(told, Some(CommandError::Fault(StorageError::CommitUnknown(_)))), "{told:?}");
}

/// That 1 follows 2 in every way, or in none.
async fn is_whole(store: &PostgresStore, follows: bool) {
    let community = Community::empty(store.clone());
    assert_eq!(community.tie(1, 2).await.is_some(), follows);
    assert_eq!(community.counts(1).await[0], u32::from(follows));
    assert_eq!(community.fans(2).await.len(), usize::from(follows));
    let report = store.check().await.expect("the engine reads");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn who_opens_a_database_that_is_away_is_told() {
    let Some(schema) = migrated().await else { return };
    let road = schema.road().await;
    let refuses = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("host=127.0.0.1 port={} user=postgres", listener.local_addr().unwrap().port())
    };
    let nowhere = road.url().replace("dbname=", "dbname=no_such_");
    for (state, url) in [
        (State::Open, &refuses),
        (State::Open, &nowhere),
        (State::Closed, &road.url()),
        (State::Held, &road.url()),
    ] {
        road.set(state);
        let told = timeout(LONG, open(url, options())).await.expect("it is told in time");
        let Err(OpenError::Database(why)) = told else { panic!("{told:?}") };
        assert!(why.starts_with("the database is unavailable: "), "{url}: {why}");
    }
}

#[tokio::test]
async fn who_opens_a_database_that_is_slow_is_told() {
    let Some(schema) = migrated().await else { return };
    let other = schema.client().await;
    other.batch_execute("begin; lock table refinery_schema_history in access exclusive mode").await.unwrap();
    let told = timeout(LONG, open(&schema.url(), options())).await.expect("it is told in time");
    let Err(OpenError::Database(why)) = told else { panic!("{told:?}") };
    assert!(why.starts_with("the database took too long: "), "{why}");
    other.batch_execute("rollback").await.unwrap();
}

#[tokio::test]
async fn who_may_wait_for_a_database_opens_it_when_it_comes() {
    let Some(schema) = migrated().await else { return };
    let road = schema.road().await;
    for state in [State::Closed, State::Held] {
        road.set(state);
        let url = road.url();
        let opened = tokio::spawn(async move { open(&url, Options { wait: LONG, ..options() }).await });
        road.knock().await;
        road.knock().await;
        road.set(State::Open);
        let store = timeout(LONG, opened).await.unwrap().unwrap().expect("it opens");
        assert!(store.is_empty().await.unwrap());
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_back_without_a_restart() {
    let Some((_schema, road, community)) = by_road(options()).await else { return };
    let store = &community.store;
    for round in 0..2 {
        road.set(State::Closed);
        assert!(matches!(is_told(asks(store)).await, StorageError::Unavailable(_)));
        assert!(matches!(
            is_told(store.run(relate(1, RelationAction::Follow, 2, NOW))).await,
            StorageError::Unavailable(_)
        ));
        road.set(State::Open);
        assert!(asks(store).await.expect("it is back at once"), "{round}");
        community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
        is_whole(store, true).await;
        community.acts(&[(1, RelationAction::Unfollow, 2, NOW)]).await;
    }
}

#[tokio::test]
async fn connections_that_are_cut_off_are_made_anew() {
    let Some((schema, road, community)) = by_road(options()).await else { return };
    let store = &community.store;
    for round in 0..5 {
        // All of the pool are open, and then none is.
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let store = store.clone();
            tasks.spawn(async move { asks(&store).await.expect("the engine reads") });
        }
        tasks.join_all().await;
        end_connections(&schema, &road).await;
        assert!(asks(store).await.expect("another is made"), "{round}");
        end_connections(&schema, &road).await;
        let act = if round % 2 == 0 { RelationAction::Follow } else { RelationAction::Unfollow };
        community.acts(&[(1, act, 2, NOW)]).await;
    }
    is_whole(store, true).await;
}

/// Has the database end all connections that came by a road; tells how many there were.
async fn end_connections(schema: &Schema, road: &Road) -> usize {
    let text = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    schema.client().await.query(text, &[&road.name()]).await.expect("the server is there").len()
}

#[tokio::test]
async fn who_gets_no_answer_is_told_in_time() {
    let Some((_schema, road, community)) = by_road(options()).await else { return };
    let store = &community.store;
    assert!(asks(store).await.expect("the engine reads"));
    road.set(State::Held);
    let begun = Instant::now();
    assert!(matches!(is_told(asks(store)).await, StorageError::Timeout(_)));
    is_told(store.run(relate(1, RelationAction::Follow, 2, NOW))).await;
    for _ in 0..3 {
        is_told(asks(store)).await;
    }
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    road.set(State::Open);
    assert!(asks(store).await.expect("it is back at once"));
    community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
    is_whole(store, true).await;
}

#[tokio::test]
async fn who_finds_no_connection_free_is_told_in_time() {
    let Some((schema, _road, community)) = by_road(Options { connections: 2, ..options() }).await else {
        return;
    };
    let other = schema.client().await;
    other.batch_execute("begin; lock table stat in access exclusive mode").await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let store = community.store.clone();
        tasks.spawn(async move {
            if number % 2 == 0 {
                is_told(asks(&store)).await
            } else {
                is_told(store.run(relate(1, RelationAction::Follow, 2, NOW))).await
            }
        });
    }
    let told = timeout(LONG, tasks.join_all()).await.expect("nobody waits for ever");
    assert!(told.iter().any(|fault| matches!(fault, StorageError::Timeout(_))), "two got a connection");
    assert!(told.iter().any(|fault| matches!(fault, StorageError::Unavailable(_))), "and the others none");
    let pulse = community.store.pulse();
    assert_eq!(pulse.waiting, 0);
    assert!(pulse.open <= 2, "{pulse:?}");
    other.batch_execute("rollback").await.unwrap();
    assert!(asks(&community.store).await.expect("it is back at once"));
    community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
    is_whole(&community.store, true).await;
}

/// Asks for a connection, and is not given one yet.
async fn waiting<C: Command>(
    store: &PostgresStore,
    command: C,
) -> Pin<Box<dyn Future<Output = Answered<C>> + Send>> {
    let store = store.clone();
    let mut waiting: Pin<Box<dyn Future<Output = Answered<C>> + Send>> =
        Box::pin(async move { store.run(command).await });
    poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending(), "no connection is free");
        Poll::Ready(())
    })
    .await;
    waiting
}

type Answered<C> = Result<<C as Command>::Answer, CommandError>;

#[tokio::test]
async fn request_is_rejected_when_too_many_wait_for_a_connection() {
    let few = Options { connections: 1, queue: 2, patience: LONG, ..options() };
    let Some((_schema, _road, community)) = by_road(few).await else { return };
    let store = &community.store;
    let (halfway, gate) = Halfway::new(mid(1), "新名");
    let held = tokio::spawn({
        let store = store.clone();
        async move { store.run(halfway).await }
    });
    gate.reached().await;
    let follow = waiting(store, relate(1, RelationAction::Follow, 2, NOW)).await;
    let gone = waiting(store, relate(2, RelationAction::Follow, 1, NOW)).await;
    for _ in 0..3 {
        let read = store.stat(mid(1)).await;
        assert!(matches!(read, Err(StorageError::Busy(_))), "{read:?}");
        let write = store.run(relate(2, RelationAction::Black, 1, NOW)).await;
        assert!(matches!(write, Err(CommandError::Fault(StorageError::Busy(_)))), "{write:?}");
    }
    assert_eq!(store.pulse().shed, 6);
    // What the service has to do anyway waits for its turn, and who has gone makes room.
    let probe = waiting(store, Probe).await;
    drop(gone);
    let visit = waiting(store, GrantDailyLogin { me: mid(2), now: NOW }).await;
    gate.open();
    timeout(LONG, held).await.unwrap().unwrap().expect("it is let through");
    follow.await.expect("it waited");
    probe.await.expect("it waited");
    visit.await.expect("it waited");
    assert_eq!(store.pulse().shed, 6);
    assert_eq!(community.tie(2, 1).await, None, "nobody waited for that any more");
    is_whole(store, true).await;
}

#[tokio::test]
async fn a_write_that_takes_too_long_is_not_done() {
    let Some((schema, _road, community)) = by_road(options()).await else { return };
    let other = schema.client().await;
    for (table, mode) in
        [("stat", "access exclusive"), ("tie", "share row exclusive"), ("fan", "share row exclusive")]
    {
        other.batch_execute(&format!("begin; lock table {table} in {mode} mode")).await.unwrap();
        // What ends the wait is the database itself: so it is sure that nothing was written.
        let told = is_told(community.store.run(relate(1, RelationAction::Follow, 2, NOW))).await;
        assert!(matches!(told, StorageError::Timeout(_)), "{table}: {told}");
        other.batch_execute("rollback").await.unwrap();
        is_whole(&community.store, false).await;
    }
    community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
    is_whole(&community.store, true).await;
}

#[tokio::test]
async fn what_is_cut_off_before_its_commit_is_done_again() {
    let Some((schema, road, community)) = by_road(Options { patience: LONG, ..options() }).await else {
        return;
    };
    let (halfway, gate) = Halfway::new(mid(1), "新名");
    let store = community.store.clone();
    let write = tokio::spawn(async move { store.run(halfway).await });
    gate.reached().await;
    assert_eq!(end_connections(&schema, &road).await, 1);
    gate.open();
    timeout(LONG, write).await.unwrap().unwrap().expect("it is done again");
    let card = community.store.get::<Card>(mid(1)).await.unwrap();
    assert_eq!(card.map(|card| card.uname), Some("新名".to_owned()));
    let pulse = community.store.pulse();
    assert_eq!((pulse.again, pulse.failed), (1, 0));
}

#[tokio::test]
async fn a_commit_that_is_cut_off_is_whole_or_not_at_all() {
    let Some((_schema, road, community)) = by_road(options()).await else { return };
    let store = &community.store;
    for (state, is_done) in [(State::CutBeforeCommit, false), (State::CutAfterCommit, true)] {
        road.set(state);
        is_unknown(store, relate(1, RelationAction::Follow, 2, NOW)).await;
        is_whole(store, is_done).await;
    }
    road.set(State::CutBeforeCommit);
    is_unknown(store, relate(1, RelationAction::Unfollow, 2, NOW)).await;
    is_whole(store, true).await;
    // What writes nothing can be asked again.
    road.set(State::CutAfterCommit);
    community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_eq!(store.pulse().failed, 3);
}

#[tokio::test]
async fn a_commit_that_is_held_up_comes_to_an_end() {
    let Some((schema, road, community)) = by_road(options()).await else { return };
    road.set(State::HeldAtCommit);
    is_unknown(&community.store, relate(1, RelationAction::Follow, 2, NOW)).await;
    // The database still thinks that it will come, and gives up soon.
    let patient = Options { patience: LONG, ..options() };
    let other = open(&schema.url(), patient).await.expect("the database is there");
    other.run(GrantDailyLogin { me: mid(1), now: NOW }).await.expect("nobody is held for ever");
    is_whole(&other, false).await;
}

#[tokio::test]
async fn who_goes_away_leaves_no_lock_and_no_half_a_write() {
    let Some((schema, _road, community)) = by_road(Options { patience: LONG, ..options() }).await else {
        return;
    };
    let other = another(&schema).await;
    let (halfway, gate) = Halfway::new(mid(1), "新名");
    let store = community.store.clone();
    let write = tokio::spawn(async move { store.run(halfway).await });
    gate.reached().await;
    write.abort();
    assert!(write.await.is_err());
    other.run(relate(1, RelationAction::Follow, 2, NOW)).await.expect("nobody holds them");
    assert_eq!(community.store.get::<Card>(mid(1)).await.unwrap(), Some(Card::of(mid(1))));
    is_whole(&community.store, true).await;
}

#[tokio::test]
async fn whenever_somebody_goes_away_their_write_is_whole_or_not_at_all() {
    let Some((_schema, _road, community)) = by_road(Options { patience: LONG, ..options() }).await else {
        return;
    };
    let store = &community.store;
    let (mut done, mut follows) = (0, false);
    // Each goes away after some looks, until one has looked often enough; then it is taken back, likewise.
    for looks in 1..200 {
        let act = if follows { RelationAction::Unfollow } else { RelationAction::Follow };
        let answered = {
            let mut write = pin!(store.run(relate(1, act, 2, NOW)));
            let mut looked = 0;
            poll_fn(|context| {
                looked += 1;
                match write.as_mut().poll(context) {
                    Poll::Ready(told) => Poll::Ready(Some(told)),
                    Poll::Pending if looked >= looks => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        };
        // Whoever comes next waits until it is known.
        community
            .run(CreateGroup { me: mid(1), name: looks.to_string(), limit: LIMIT as usize })
            .await
            .unwrap();
        let is_done = community.tie(1, 2).await.is_some() != follows;
        assert!(is_done || answered.is_none(), "what is answered is done");
        follows ^= is_done;
        is_whole(store, follows).await;
        done += u32::from(answered.is_some());
        if done == 3 {
            break;
        }
    }
    assert_eq!(done, 3);
    assert!(store.pulse().open <= 4);
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_read() {
    let Some((_schema, road, community)) = by_road(options()).await else { return };
    let url = road.url().replace("options='", "options='-cdefault_transaction_read_only=on ");
    let store = open(&url, options()).await.expect("it is there to be read");
    assert!(matches!(
        is_told(store.run(relate(1, RelationAction::Follow, 2, NOW))).await,
        StorageError::Unavailable(_)
    ));
    // Where nothing of a member's is held the commit is the first to be refused.
    let doors = vec![([1; 32], Quota { tries: 5, window: 900, wait: 60 })];
    assert!(matches!(
        is_told(store.run(CheckRateLimit { doors, now: NOW })).await,
        StorageError::Unavailable(_)
    ));
    assert!(
        matches!(is_told(store.run(Probe)).await, StorageError::Unavailable(_)),
        "no write would be durable"
    );
    assert_eq!(store.all::<Door>().await.unwrap(), []);
    is_whole(&store, false).await;
    community.acts(&[(1, RelationAction::Follow, 2, NOW)]).await;
    is_whole(&store, true).await;
}
