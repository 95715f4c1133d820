//! Failover to a synchronous standby: no acknowledged write is missing, and writes succeed without a restart.

use crate::community::{Community, change_relation};
use crate::members::NOW;
use guanxi_storage::postgres::{self, Options};
use guanxi_storage::{CommandError, PostgresStore, Store};
use guanxi_test_postgres::Replicas;
use guanxi_types::RelationAction;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

const WRITERS: u64 = 16;
const MEMBERS: u64 = 2000;

/// The number of writes before the failover.
const WRITES: usize = 500;

/// A time that no test should ever take, even on a slow machine.
const LONG: Duration = Duration::from_mins(1);

/// Follows one member after another until a write is acknowledged after the failover. Returns the acknowledged follows.
async fn write(
    me: u64,
    store: PostgresStore,
    acknowledged: Arc<AtomicUsize>,
    is_promoted: watch::Receiver<bool>,
) -> Vec<u64> {
    let mut followed = Vec::new();
    for them in WRITERS + 1..=MEMBERS {
        loop {
            let is_last = *is_promoted.borrow();
            match store.run(change_relation(me, RelationAction::Follow, them, NOW)).await {
                Ok(()) => {
                    followed.push(them);
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    if is_last {
                        return followed;
                    }
                    break;
                }
                Err(CommandError::Fault(_)) => tokio::task::yield_now().await,
                Err(CommandError::Rejected(code)) => panic!("{me} follows {them}: {code:?}"),
            }
        }
    }
    panic!("the failover took too many writes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failover_preserves_acknowledged_writes() {
    let Some(mut replicas) = Replicas::start() else { return };
    let config = postgres::parse_url(replicas.url()).unwrap();
    postgres::schema::migrate(&config, false).await.unwrap();
    let store = PostgresStore::open(config, Options::default()).await.unwrap();
    let community = Community::with_members(store.clone(), MEMBERS).await;

    let acknowledged = Arc::new(AtomicUsize::new(0));
    let (promoted, is_promoted) = watch::channel(false);
    let mut writers = JoinSet::new();
    for me in 1..=WRITERS {
        let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
        let write = write(me, store, acknowledged, is_promoted.clone());
        writers.spawn(async move { (me, write.await) });
    }
    while acknowledged.load(Ordering::Relaxed) < WRITES {
        tokio::task::yield_now().await;
    }
    let replicas = tokio::task::spawn_blocking(move || {
        replicas.fail_over();
        replicas
    });
    let replicas = replicas.await.unwrap();
    promoted.send_replace(true);
    let followed = timeout(LONG, writers.join_all()).await.expect("writes succeed after the failover");
    for (me, followed) in followed {
        for them in followed {
            assert!(community.relation(me, them).await.is_some(), "{me} follows {them}");
        }
    }
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    drop(replicas);
}
