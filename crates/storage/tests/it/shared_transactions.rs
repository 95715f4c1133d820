//! Commands that share a transaction of PostgreSQL. A test has one thread, and starts its commands before the store
//! has a connection. So all of them are in one batch.

use crate::community::{Community, FOLLOW_LIMIT, change_relation, mid};
use crate::concurrent_commands::test_commands::{End, EndAfterPut, ReadOf};
use crate::database_faults::{options, store_behind_proxy};
use crate::tempdir::new_database_store;
use futures_util::future::{BoxFuture, join_all};
use guanxi_storage::commands::{AssignGroups, Command, CreateGroup, DeleteGroup};
use guanxi_storage::model::Card;
use guanxi_storage::postgres::RetryCause;
use guanxi_storage::{CommandError, PostgresStore, StorageError, Store};
use guanxi_test_postgres::{ProxyState, Schema};
use guanxi_types::{ErrorCode, RelationAction, Tagid};

type Answer = Result<(), CommandError>;

/// Returns a store with members, and the number of its transactions.
async fn community(members: u64) -> Option<(Schema, Community<PostgresStore>, u64)> {
    let (schema, store) = new_database_store().await?;
    let community = Community::with_members(store, members).await;
    let transactions = community.store.metrics().transactions.count();
    Some((schema, community, transactions))
}

/// Returns a command that is ready to start.
fn command<C: Command>(community: &Community<PostgresStore>, command: C) -> BoxFuture<'static, Answer> {
    let store = community.store.clone();
    Box::pin(async move { store.run(command).await.map(drop) })
}

fn follow(community: &Community<PostgresStore>, me: u64, them: u64) -> BoxFuture<'static, Answer> {
    command(community, change_relation(me, RelationAction::Follow, them, 100))
}

async fn assert_integrity(community: &Community<PostgresStore>) {
    let report = community.store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn commands_that_arrive_together_share_a_commit() {
    const MEMBERS: u64 = 20;
    let Some((_schema, community, transactions)) = community(MEMBERS).await else { return };
    // Each command sees the changes of those before it: all follows begin in the same second.
    let pairs = (1..=MEMBERS).flat_map(|me| (1..=MEMBERS).map(move |them| (me, them)));
    let pairs: Vec<_> = pairs.filter(|(me, them)| me != them).take(250).collect();
    let answers = join_all(pairs.iter().map(|(me, them)| follow(&community, *me, *them))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    // A slow machine divides the batch by its age.
    assert!(community.store.metrics().transactions.count() < transactions + 50);
    for member in [1, 7, MEMBERS] {
        let followers: Vec<u64> =
            pairs.iter().rev().filter(|(_, them)| *them == member).map(|(me, _)| *me).collect();
        let mut found = community.followers(member).await;
        found.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(found, followers);
    }
    assert_integrity(&community).await;
}

#[tokio::test]
async fn batch_is_limited_to_a_number_of_commands() {
    let Some((_schema, community, transactions)) = community(30).await else { return };
    let pairs = (1..=30).flat_map(|me| (1..=30).map(move |them| (me, them)));
    let pairs: Vec<_> = pairs.filter(|(me, them)| me != them).take(600).collect();
    let answers = join_all(pairs.iter().map(|(me, them)| follow(&community, *me, *them))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let sizes = community.store.metrics().transactions;
    let too_large =
        sizes.buckets.iter().filter(|(bound, _)| *bound > 256).map(|(_, count)| count).sum::<u64>();
    assert_eq!(too_large, 0);
    assert!((transactions + 3..transactions + 100).contains(&sizes.count()), "{sizes:?}");
}

#[tokio::test]
async fn row_locked_by_others_delays_only_its_command() {
    let Some((schema, community, _)) = community(4).await else { return };
    let other = schema.client().await;
    other.batch_execute("begin; update counters set coins = coins where mid = 1").await.unwrap();
    let (mut locked, mut free) = (follow(&community, 1, 2), follow(&community, 3, 4));
    tokio::select! {
        biased;
        answer = &mut locked => panic!("member 1 is locked: {answer:?}"),
        answer = &mut free => answer.expect("the members are not locked"),
    }
    other.batch_execute("rollback").await.unwrap();
    locked.await.expect("the lock is free");
    assert_integrity(&community).await;
}

#[tokio::test]
async fn rejection_does_not_affect_its_batch() {
    let Some((_schema, community, transactions)) = community(3).await else { return };
    let commands = [follow(&community, 1, 2), follow(&community, 1, 1), follow(&community, 1, 3)];
    let answers = join_all(commands).await;
    assert!(matches!(&answers[..], [Ok(()), Err(CommandError::Rejected(_)), Ok(())]), "{answers:?}");
    assert_eq!(community.followings(1).await, [3, 2]);
    assert_eq!(community.store.metrics().transactions.count(), transactions + 1);
}

/// Runs a command that fails between two follows. Returns its error.
async fn between_two_follows<C: Command>(failing: C) -> Option<String> {
    let (_schema, community, _) = community(3).await?;
    let commands = [follow(&community, 1, 2), command(&community, failing), follow(&community, 1, 3)];
    let mut answers = join_all(commands).await;
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(community.followings(1).await.len(), 2, "the follows of the batch are applied");
    let card = community.store.get::<Card>(mid(2)).await.expect("the store is readable");
    assert_eq!(card, Some(Card::new(mid(2))), "its write is rolled back");
    assert_eq!(community.store.metrics().retries(RetryCause::BatchFailed), 3);
    assert_integrity(&community).await;
    follow(&community, 2, 3).await.expect("the store still writes");
    match answers.swap_remove(1) {
        Err(CommandError::Fault(StorageError::Engine(cause))) => Some(cause.to_string()),
        answer => panic!("{answer:?}"),
    }
}

#[tokio::test]
async fn failed_command_does_not_affect_its_batch() {
    let Some(error) = between_two_follows(EndAfterPut(mid(2), End::Fault)).await else { return };
    assert_eq!(error, "on purpose");
}

#[tokio::test]
async fn panicking_command_does_not_affect_its_batch() {
    let Some(error) = between_two_follows(EndAfterPut(mid(2), End::Panic)).await else { return };
    assert_eq!(error, "a command panicked");
}

#[tokio::test]
async fn rejection_after_a_write_does_not_affect_its_batch() {
    let Some(error) = between_two_follows(EndAfterPut(mid(2), End::Rejection)).await else { return };
    assert_eq!(error, "a command was rejected after it had written");
}

#[tokio::test]
async fn command_that_needs_another_lock_runs_alone() {
    let Some((_schema, community, transactions)) = community(4).await else { return };
    let commands = [follow(&community, 1, 2), command(&community, ReadOf(mid(4))), follow(&community, 1, 3)];
    let answers = join_all(commands).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let metrics = community.store.metrics();
    assert_eq!(metrics.transactions.count(), transactions + 2);
    assert_eq!(metrics.retries(RetryCause::BatchFailed), 1);
    assert_eq!(community.followings(1).await, [3, 2]);
}

#[tokio::test]
async fn abandoned_command_is_not_executed() {
    let Some((_schema, community, transactions)) = community(4).await else { return };
    let mut abandoned = follow(&community, 1, 4);
    assert!(futures_util::poll!(&mut abandoned).is_pending());
    let first = follow(&community, 1, 2);
    drop(abandoned);
    let answers = join_all([first, follow(&community, 1, 3)]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(community.followings(1).await, [3, 2]);
    assert_eq!(community.store.metrics().transactions.count(), transactions + 1);
}

#[tokio::test]
async fn command_reads_flushed_changes_of_its_batch() {
    let Some((_schema, community, transactions)) = community(3).await else { return };
    let tagid = community.create_group(1, "组").await.expect("a new group");
    let assign = AssignGroups { me: mid(1), fids: vec![mid(2)], tagids: vec![tagid] };
    let commands = [
        follow(&community, 1, 2),
        command(&community, assign),
        command(&community, DeleteGroup { me: mid(1), tagid }),
        follow(&community, 1, 3),
    ];
    let answers = join_all(commands).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(community.store.metrics().transactions.count(), transactions + 2);
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [3, 2]);
    assert_integrity(&community).await;
}

#[tokio::test]
async fn flushed_changes_of_a_failed_batch_are_rolled_back() {
    let Some((_schema, community, _)) = community(3).await else { return };
    let tagid = community.create_group(1, "组").await.expect("a new group");
    let commands = [
        follow(&community, 1, 2),
        command(&community, DeleteGroup { me: mid(1), tagid }),
        command(&community, EndAfterPut(mid(3), End::Fault)),
    ];
    let answers = join_all(commands).await;
    assert!(matches!(&answers[..], [Ok(()), Ok(()), Err(CommandError::Fault(_))]), "{answers:?}");
    assert_eq!((community.followings(1).await, community.groups(1).await.len()), (vec![2], 0));
    assert_integrity(&community).await;
}

#[tokio::test]
async fn groups_of_one_batch_get_distinct_tagids() {
    let Some((_schema, community, transactions)) = community(2).await else { return };
    let create = |number: u64| {
        let name = format!("组{number}");
        community.store.run(CreateGroup { me: mid(number % 2 + 1), name, limit: FOLLOW_LIMIT as usize })
    };
    let mut tagids: Vec<Tagid> =
        join_all((0..10).map(create)).await.into_iter().map(|tagid| tagid.expect("a new group")).collect();
    tagids.sort_unstable();
    tagids.dedup();
    assert_eq!(tagids.len(), 10);
    assert_eq!(community.store.metrics().transactions.count(), transactions + 1);
    let answers = join_all([1, 1].map(|me| community.create_group(me, "同名"))).await;
    assert!(matches!(&answers[..], [Ok(_), Err(ErrorCode::GroupExists)]), "{answers:?}");
    assert_integrity(&community).await;
}

#[tokio::test]
async fn lost_commit_is_unknown_to_the_commands_that_wrote() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    follow(&community, 2, 1).await.expect("the store is writable");
    for (state, is_committed) in [(ProxyState::DropBeforeCommit, false), (ProxyState::DropAfterCommit, true)]
    {
        proxy.set(state);
        let answers = join_all([follow(&community, 1, 2), follow(&community, 2, 1)]).await;
        assert!(
            matches!(&answers[..], [Err(CommandError::Fault(StorageError::CommitUnknown(_))), Ok(())]),
            "a command that wrote nothing is run again: {answers:?}"
        );
        assert_eq!(community.relation(1, 2).await.is_some(), is_committed);
    }
    assert_integrity(&community).await;
}
