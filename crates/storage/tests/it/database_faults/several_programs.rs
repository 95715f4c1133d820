//! Several stores on one database, like several programs, that lose their connections while they write the same
//! members.

use super::{LONG, open, terminate_connections};
use crate::community::{Community, change_relation, mid};
use crate::tempdir::migrated_schema;
use guanxi_storage::postgres::Options;
use guanxi_storage::{CommandError, PostgresStore, StorageError, Store};
use guanxi_test_postgres::{FaultProxy, ProxyState, Schema};
use guanxi_types::RelationAction;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The number of members, each of which follows the others.
const MEMBERS: u64 = 16;

/// The faults of each program. A commit must come for the first two.
const FAULTS: [Fault; 4] = [Fault::BeforeCommit, Fault::AfterCommit, Fault::Terminated, Fault::Refused];

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The connection is lost before the server receives the commit.
    BeforeCommit,
    /// The connection is lost after the commit, before the answer.
    AfterCommit,
    /// The server ends all connections, as in a restart.
    Terminated,
    /// The server refuses connections for a moment, as in a restart.
    Refused,
}

impl Fault {
    /// Causes the fault, and waits until it has occurred.
    async fn cause(self, schema: &Schema, proxy: &FaultProxy) {
        match self {
            Fault::BeforeCommit => proxy.set(ProxyState::DropBeforeCommit),
            Fault::AfterCommit => proxy.set(ProxyState::DropAfterCommit),
            Fault::Terminated => drop(terminate_connections(schema, proxy).await),
            Fault::Refused => {
                proxy.set(ProxyState::Refusing);
                // A program with enough connections opens no other.
                terminate_connections(schema, proxy).await;
                proxy.wait_for_connection().await;
                proxy.set(ProxyState::Forwarding);
            }
        }
        proxy.wait_for(ProxyState::Forwarding).await;
    }
}

/// The last known relation of a member to another, after the writes of one writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Follows(bool),
    Unknown,
}

/// Follows and unfollows other members until the faults have ended. Returns what is known of each relation.
async fn write(store: PostgresStore, me: u64, ended: Arc<AtomicBool>) -> Vec<(u64, Known)> {
    let mut known: Vec<_> =
        (1..=MEMBERS).filter(|them| *them != me).map(|them| (them, Known::Follows(false))).collect();
    for round in 0.. {
        if ended.load(Ordering::Relaxed) {
            break;
        }
        let count = known.len();
        let (them, state) = &mut known[(round + usize::try_from(me).unwrap_or(0)) % count];
        let follows = *state != Known::Follows(true);
        let action = if follows { RelationAction::Follow } else { RelationAction::Unfollow };
        match timeout(LONG, store.run(change_relation(me, action, *them, 100))).await.expect("no write hangs")
        {
            Ok(()) => *state = Known::Follows(follows),
            Err(CommandError::Fault(StorageError::CommitUnknown(_))) => *state = Known::Unknown,
            // Nothing was written.
            Err(CommandError::Fault(StorageError::Unavailable(_) | StorageError::Timeout(_))) => (),
            Err(error) => panic!("{me} {action:?} {them}: {error}"),
        }
    }
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acknowledged_writes_of_two_stores_survive_faults() {
    let Some(schema) = migrated_schema().await else { return };
    let (proxies, ended) =
        ([schema.fault_proxy().await, schema.fault_proxy().await], Arc::new(AtomicBool::new(false)));
    let mut stores = Vec::new();
    for proxy in &proxies {
        let options = Options { max_connections: 8, statement_timeout: LONG, ..Options::default() };
        stores.push(open(&proxy.url(), options).await.expect("the proxy forwards"));
    }
    Community::with_members(stores[0].clone(), MEMBERS).await;
    let mut writers = JoinSet::new();
    for me in 1..=MEMBERS {
        let (store, ended) = (stores[usize::from(me % 2 == 0)].clone(), Arc::clone(&ended));
        writers.spawn(async move { (me, write(store, me, ended).await) });
    }
    for round in 0..3 {
        for fault in FAULTS {
            let both =
                async { tokio::join!(fault.cause(&schema, &proxies[0]), fault.cause(&schema, &proxies[1])) };
            timeout(LONG, both).await.unwrap_or_else(|_| panic!("{fault:?} of round {round} did not occur"));
        }
    }
    ended.store(true, Ordering::Relaxed);
    let written = writers.join_all().await;
    for store in &stores {
        let report = store.check_integrity().await.expect("the store is readable");
        assert!(report.is_clean(), "{report}");
    }
    for (me, known) in written {
        for (them, known) in known {
            let pair = stores[0].relation_pair(mid(me), mid(them)).await.expect("the store is readable");
            let follows = pair.is_some_and(|pair| pair.outgoing.is_some());
            assert!(known == Known::Unknown || known == Known::Follows(follows), "{me} {them}: {known:?}");
        }
    }
    for store in &stores {
        assert!(store.metrics().failed > 0, "commits were lost");
    }
}
