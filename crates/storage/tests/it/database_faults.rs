//! PostgreSQL unavailable, slow, paused or read-only. Requests fail in time, and succeed once the database is back.

mod commands;
mod opening;
mod scans;
mod several_programs;
mod writes;

use crate::community::{Community, change_relation, mid};
use crate::members::NOW;
use crate::tempdir::migrated_schema;
use commands::PausedRename;
use guanxi_domain::rate_limit::Quota;
use guanxi_storage::commands::{CheckRateLimit, Command, GrantDailyLogin, ProbeWrites};
use guanxi_storage::error::OpenError;
use guanxi_storage::model::RateLimitBucket;
use guanxi_storage::postgres::{self, Options};
use guanxi_storage::{CommandError, PostgresStore, StorageError, Store};
use guanxi_test_postgres::{FaultProxy, ProxyState, Schema};
use guanxi_types::RelationAction;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// The statement timeout of the stores here.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(1);

/// A time that no test should ever take, even on a slow machine.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) fn options() -> Options {
    Options { max_connections: 4, statement_timeout: STATEMENT_TIMEOUT, ..Options::default() }
}

async fn open(url: &str, options: Options) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(postgres::parse_url(url).expect("a valid address"), options).await
}

/// Creates a schema with two members, and opens a store through a proxy.
pub(crate) async fn store_behind_proxy(
    options: Options,
) -> Option<(Schema, FaultProxy, Community<PostgresStore>)> {
    let schema = migrated_schema().await?;
    let proxy = schema.fault_proxy().await;
    let store = open(&proxy.url(), options).await.expect("the proxy forwards");
    Some((schema, proxy, Community::with_members(store, 2).await))
}

/// Asserts that a request fails in time because the database is unavailable or slow. Returns the error.
async fn assert_fails<A>(request: impl Future<Output = Result<A, CommandError>>) -> StorageError {
    match timeout(LONG, request).await.expect("it fails in time") {
        Err(CommandError::Fault(error @ (StorageError::Unavailable(_) | StorageError::Timeout(_)))) => error,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it succeeded"),
    }
}

/// Reads a member. Returns true if the member exists.
async fn read_member(store: &PostgresStore) -> Result<bool, CommandError> {
    Ok(store.counters(mid(1)).await?.is_some())
}

/// Asserts that member 1 follows member 2 in every table, or in none.
async fn assert_follow_is_atomic(store: &PostgresStore, follows: bool) {
    let community = Community::new(store.clone());
    assert_eq!(community.relation(1, 2).await.is_some(), follows);
    assert_eq!(community.counts(1).await[0], u32::from(follows));
    assert_eq!(community.followers(2).await.len(), usize::from(follows));
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn store_recovers_from_outage_without_restart() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    let store = &community.store;
    for round in 0..2 {
        proxy.set(ProxyState::Refusing);
        assert!(matches!(assert_fails(read_member(store)).await, StorageError::Unavailable(_)));
        assert!(matches!(
            assert_fails(store.run(change_relation(1, RelationAction::Follow, 2, NOW))).await,
            StorageError::Unavailable(_)
        ));
        proxy.set(ProxyState::Forwarding);
        assert!(read_member(store).await.expect("the database is back"), "{round}");
        community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
        assert_follow_is_atomic(store, true).await;
        community.relate_all(&[(1, RelationAction::Unfollow, 2, NOW)]).await;
    }
}

#[tokio::test]
async fn terminated_connections_are_replaced() {
    let Some((schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    let store = &community.store;
    for round in 0..5 {
        // Opens all connections of the pool, before all of them are terminated.
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let store = store.clone();
            tasks.spawn(async move { read_member(&store).await.expect("the store is readable") });
        }
        tasks.join_all().await;
        terminate_connections(&schema, &proxy).await;
        assert!(read_member(store).await.expect("a new connection is opened"), "{round}");
        terminate_connections(&schema, &proxy).await;
        let action = if round % 2 == 0 { RelationAction::Follow } else { RelationAction::Unfollow };
        community.relate_all(&[(1, action, 2, NOW)]).await;
    }
    assert_follow_is_atomic(store, true).await;
}

/// Terminates all connections through a proxy. Returns their number.
async fn terminate_connections(schema: &Schema, proxy: &FaultProxy) -> usize {
    let query = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    let client = schema.client().await;
    client.query(query, &[&proxy.application_name()]).await.expect("the server is available").len()
}

#[tokio::test]
async fn request_without_reply_fails_in_time() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    let store = &community.store;
    assert!(read_member(store).await.expect("the store is readable"));
    proxy.set(ProxyState::Paused);
    let start = Instant::now();
    assert!(matches!(assert_fails(read_member(store)).await, StorageError::Timeout(_)));
    assert_fails(store.run(change_relation(1, RelationAction::Follow, 2, NOW))).await;
    for _ in 0..3 {
        assert_fails(read_member(store)).await;
    }
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    proxy.set(ProxyState::Forwarding);
    assert!(read_member(store).await.expect("the database is back"));
    community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_follow_is_atomic(store, true).await;
}

#[tokio::test]
async fn request_without_free_connection_fails_in_time() {
    let few = Options { max_connections: 2, ..options() };
    let Some((schema, _proxy, community)) = store_behind_proxy(few).await else { return };
    let other = schema.client().await;
    other.batch_execute("begin; lock table counters in access exclusive mode").await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let store = community.store.clone();
        tasks.spawn(async move {
            if number % 2 == 0 {
                assert_fails(read_member(&store)).await
            } else {
                assert_fails(store.run(change_relation(1, RelationAction::Follow, 2, NOW))).await
            }
        });
    }
    let errors = timeout(LONG, tasks.join_all()).await.expect("no request waits forever");
    let with_connection = errors.iter().any(|error| matches!(error, StorageError::Timeout(_)));
    assert!(with_connection, "two requests got a connection");
    let without = errors.iter().any(|error| matches!(error, StorageError::Unavailable(_)));
    assert!(without, "the others got none");
    let metrics = community.store.metrics();
    assert_eq!(metrics.waiting_requests, 0);
    assert!(metrics.open_connections <= 2, "{metrics:?}");
    other.batch_execute("rollback").await.unwrap();
    assert!(read_member(&community.store).await.expect("the database is back"));
    community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_follow_is_atomic(&community.store, true).await;
}

/// Starts a command that must wait for a connection.
async fn start_waiting<C: Command>(
    store: &PostgresStore,
    command: C,
) -> Pin<Box<dyn Future<Output = CommandResult<C>> + Send>> {
    let store = store.clone();
    let mut waiting: Pin<Box<dyn Future<Output = CommandResult<C>> + Send>> =
        Box::pin(async move { store.run(command).await });
    poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending(), "no connection is free");
        Poll::Ready(())
    })
    .await;
    waiting
}

type CommandResult<C> = Result<<C as Command>::Output, CommandError>;

#[tokio::test]
async fn request_is_rejected_when_too_many_wait_for_a_connection() {
    let few = Options { max_connections: 1, max_waiting: 2, statement_timeout: LONG, ..options() };
    let Some((_schema, _proxy, community)) = store_behind_proxy(few).await else { return };
    let store = &community.store;
    let (paused, gate) = PausedRename::start(store).await;
    let follow = start_waiting(store, change_relation(1, RelationAction::Follow, 2, NOW)).await;
    let abandoned = start_waiting(store, change_relation(2, RelationAction::Follow, 1, NOW)).await;
    for _ in 0..3 {
        let read = store.counters(mid(1)).await;
        assert!(matches!(read, Err(StorageError::Busy(_))), "{read:?}");
        let write = store.run(change_relation(2, RelationAction::Block, 1, NOW)).await;
        assert!(matches!(write, Err(CommandError::Fault(StorageError::Busy(_)))), "{write:?}");
    }
    assert_eq!(store.metrics().shed, 6);
    // The service's own commands wait beyond the limit, and an abandoned request makes room.
    let probe = start_waiting(store, ProbeWrites).await;
    drop(abandoned);
    let daily_login = start_waiting(store, GrantDailyLogin { me: mid(2), now: NOW }).await;
    gate.open();
    timeout(LONG, paused).await.unwrap().unwrap().expect("the gate is open");
    follow.await.expect("it waited for a connection");
    probe.await.expect("it waited for a connection");
    daily_login.await.expect("it waited for a connection");
    assert_eq!(store.metrics().shed, 6);
    assert_eq!(community.relation(2, 1).await, None, "the abandoned command was not run");
    assert_follow_is_atomic(store, true).await;
}

#[tokio::test]
async fn wait_for_a_connection_is_counted() {
    let single = Options { max_connections: 1, statement_timeout: LONG, ..options() };
    let Some((_schema, _proxy, community)) = store_behind_proxy(single).await else { return };
    let store = &community.store;
    let (paused, gate) = PausedRename::start(store).await;
    let before = store.metrics();
    let mut read = Box::pin(store.counters(mid(2)));
    assert!(futures_util::poll!(&mut read).is_pending(), "no connection is free");
    assert_eq!(store.metrics().waiting_requests, 1);
    gate.open();
    timeout(LONG, paused).await.unwrap().unwrap().expect("the gate is open");
    assert!(read.await.expect("it waited for the connection").is_some());
    let after = store.metrics();
    assert_eq!(after.pool_waits, before.pool_waits + 1);
    assert!(after.pool_wait_time > before.pool_wait_time && after.waiting_requests == 0, "{after:?}");
}

#[tokio::test]
async fn read_only_database_serves_reads_and_rejects_writes() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    let url = proxy.url().replace("options='", "options='-cdefault_transaction_read_only=on ");
    let store = open(&url, options()).await.expect("the database is readable");
    assert!(matches!(
        assert_fails(store.run(change_relation(1, RelationAction::Follow, 2, NOW))).await,
        StorageError::Unavailable(_)
    ));
    // This command locks no member, so its first rejected statement is the commit.
    let quota = Quota { max_attempts: 5, window_seconds: 900, lockout_seconds: 60 };
    assert!(matches!(
        assert_fails(store.run(CheckRateLimit { buckets: vec![([1; 32], quota)], now: NOW })).await,
        StorageError::Unavailable(_)
    ));
    let probe = assert_fails(store.run(ProbeWrites)).await;
    assert!(matches!(probe, StorageError::Unavailable(_)), "no write would be durable");
    assert_eq!(store.all::<RateLimitBucket>().await.unwrap(), []);
    assert_follow_is_atomic(&store, false).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_follow_is_atomic(&store, true).await;
}
