//! Writes that time out, lose their connection, or are cancelled. Each is complete or absent.

use super::commands::PausedRename;
use super::{
    LONG, assert_fails, assert_follow_is_atomic, open, options, store_behind_proxy, terminate_connections,
};
use crate::community::{FOLLOW_LIMIT, change_relation, mid};
use crate::members::NOW;
use crate::tempdir::second_store;
use guanxi_storage::commands::{Command, CreateGroup, GrantDailyLogin};
use guanxi_storage::model::Card;
use guanxi_storage::postgres::{Options, RetryCause};
use guanxi_storage::{CommandError, PostgresStore, StorageError, Store};
use guanxi_test_postgres::ProxyState;
use guanxi_types::RelationAction;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tokio::time::timeout;

/// Asserts that a command fails in time with an unknown outcome, as its commit was disconnected.
async fn assert_commit_unknown<C: Command>(store: &PostgresStore, command: C) {
    let error = timeout(LONG, store.run(command)).await.expect("it fails in time").err();
    assert!(matches!(error, Some(CommandError::Fault(StorageError::CommitUnknown(_)))), "{error:?}");
}

#[tokio::test]
async fn write_that_times_out_is_rolled_back() {
    let Some((schema, _proxy, community)) = store_behind_proxy(options()).await else { return };
    let other = schema.client().await;
    for (table, mode) in [
        ("counters", "access exclusive"),
        ("relation", "share row exclusive"),
        ("follower_index", "share row exclusive"),
    ] {
        other.batch_execute(&format!("begin; lock table {table} in {mode} mode")).await.unwrap();
        // The database itself ends the wait, so nothing was written for certain.
        let error =
            assert_fails(community.store.run(change_relation(1, RelationAction::Follow, 2, NOW))).await;
        assert!(matches!(error, StorageError::Timeout(_)), "{table}: {error}");
        other.batch_execute("rollback").await.unwrap();
        assert_follow_is_atomic(&community.store, false).await;
    }
    community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_follow_is_atomic(&community.store, true).await;
}

#[tokio::test]
async fn write_disconnected_before_commit_is_retried() {
    let patient = Options { statement_timeout: LONG, ..options() };
    let Some((schema, proxy, community)) = store_behind_proxy(patient).await else { return };
    let (write, gate) = PausedRename::start(&community.store).await;
    assert_eq!(terminate_connections(&schema, &proxy).await, 1);
    gate.open();
    timeout(LONG, write).await.unwrap().unwrap().expect("it is retried");
    let card = community.store.get::<Card>(mid(1)).await.unwrap();
    assert_eq!(card.map(|card| card.uname), Some("新名".to_owned()));
    let metrics = community.store.metrics();
    assert_eq!((metrics.retries(RetryCause::ConnectionLost), metrics.failed), (1, 0));
}

#[tokio::test]
async fn commit_that_is_disconnected_is_atomic() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    let store = &community.store;
    for (state, is_committed) in [(ProxyState::DropBeforeCommit, false), (ProxyState::DropAfterCommit, true)]
    {
        proxy.set(state);
        assert_commit_unknown(store, change_relation(1, RelationAction::Follow, 2, NOW)).await;
        assert_follow_is_atomic(store, is_committed).await;
    }
    proxy.set(ProxyState::DropBeforeCommit);
    assert_commit_unknown(store, change_relation(1, RelationAction::Unfollow, 2, NOW)).await;
    assert_follow_is_atomic(store, true).await;
    // A command that writes nothing is retried.
    proxy.set(ProxyState::DropAfterCommit);
    community.relate_all(&[(1, RelationAction::Follow, 2, NOW)]).await;
    assert_eq!(store.metrics().failed, 3);
}

#[tokio::test]
async fn commit_that_hangs_times_out() {
    let Some((schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    proxy.set(ProxyState::PauseAtCommit);
    assert_commit_unknown(&community.store, change_relation(1, RelationAction::Follow, 2, NOW)).await;
    // The database still expects the commit, and gives up after its own timeout.
    let patient = Options { statement_timeout: LONG, ..options() };
    let other = open(&schema.url(), patient).await.expect("the database is available");
    other.run(GrantDailyLogin { me: mid(1), now: NOW }).await.expect("no lock is held forever");
    assert_follow_is_atomic(&other, false).await;
}

#[tokio::test]
async fn cancelled_write_leaves_no_lock_and_no_rows() {
    let patient = Options { statement_timeout: LONG, ..options() };
    let Some((schema, _proxy, community)) = store_behind_proxy(patient).await else { return };
    let other = second_store(&schema).await;
    let (write, _gate) = PausedRename::start(&community.store).await;
    write.abort();
    assert!(write.await.is_err());
    other.run(change_relation(1, RelationAction::Follow, 2, NOW)).await.expect("no lock is held");
    assert_eq!(community.store.get::<Card>(mid(1)).await.unwrap(), Some(Card::new(mid(1))));
    assert_follow_is_atomic(&community.store, true).await;
}

#[tokio::test]
async fn write_cancelled_at_any_poll_is_atomic() {
    let patient = Options { statement_timeout: LONG, ..options() };
    let Some((_schema, _proxy, community)) = store_behind_proxy(patient).await else { return };
    let store = &community.store;
    let (mut completed, mut follows) = (0, false);
    // Each write is cancelled after one more poll than the last, until one completes. Then the opposite write is
    // tried.
    for max_polls in 1..200 {
        let action = if follows { RelationAction::Unfollow } else { RelationAction::Follow };
        let answer = {
            let mut write = pin!(store.run(change_relation(1, action, 2, NOW)));
            let mut polls = 0;
            poll_fn(|context| {
                polls += 1;
                match write.as_mut().poll(context) {
                    Poll::Ready(answer) => Poll::Ready(Some(answer)),
                    Poll::Pending if polls >= max_polls => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        };
        // The next write of the same member waits until the cancelled one is committed or rolled back.
        community
            .run(CreateGroup { me: mid(1), name: max_polls.to_string(), limit: FOLLOW_LIMIT as usize })
            .await
            .unwrap();
        let is_committed = community.relation(1, 2).await.is_some() != follows;
        assert!(is_committed || answer.is_none(), "an acknowledged write is committed");
        follows ^= is_committed;
        assert_follow_is_atomic(store, follows).await;
        completed += u32::from(answer.is_some());
        if completed == 3 {
            break;
        }
    }
    assert_eq!(completed, 3);
    assert!(store.metrics().open_connections <= 4);
}
