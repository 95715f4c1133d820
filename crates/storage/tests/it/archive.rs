//! The continuous archive: each archived state is restored, and no fault makes it wrong.

mod faults;
mod faulty_store;

use crate::community::{Community, mid};
use crate::fixtures::dump_text;
use crate::tempdir::{SMALL_MEMTABLE_BYTES, empty_dir};
use futures_util::TryStreamExt;
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::archive::{
    self, Archive, ArchiveError, ArchiveMetrics, ArchiveOptions, Archiver, RestoreTarget, Restored,
};
use guanxi_storage::encryption::Keyring;
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::RelationAction;
use jiff::Timestamp;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A time limit that no test reaches.
const LONG: Duration = Duration::from_mins(1);

const MEMBERS: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "an archive has the times of the system's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn options() -> ArchiveOptions {
    ArchiveOptions { interval: Duration::from_millis(1), ..ArchiveOptions::default() }
}

/// Opens a directory with frequent checkpoints, which keeps so many bytes of WAL for its archive.
fn open(dir: &Path, archive_wal_bytes: u64) -> EmbeddedStore {
    let memtable_bytes = SMALL_MEMTABLE_BYTES;
    let options =
        Options { memtable_bytes, archive_wal_bytes: Some(archive_wal_bytes), ..Options::default() };
    EmbeddedStore::open(dir, options).expect("the directory opens")
}

fn archive_of(store: &Arc<InMemory>, keys: Option<&Keyring>) -> Archive {
    Archive::new(Arc::clone(store) as Arc<dyn ObjectStore>, "test", keys.cloned())
}

fn metrics(store: &EmbeddedStore) -> ArchiveMetrics {
    store.metrics().archive.expect("the store has an archive")
}

/// Waits until the store has reached a state.
async fn until(store: &EmbeddedStore, reached: impl Fn(&ArchiveMetrics) -> bool) {
    let wait = async {
        while !reached(&metrics(store)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("the archive makes progress");
}

/// Runs the command of a step.
async fn run_step(community: &Community<EmbeddedStore>, step: u64) {
    let me = step % MEMBERS + 1;
    let them = (me + step / MEMBERS % (MEMBERS - 1)) % MEMBERS + 1;
    let now = 100 + step.cast_signed();
    let action = match step % 5 {
        0 | 3 => RelationAction::Follow,
        1 => RelationAction::Unfollow,
        _ => {
            let _ = community.run(GrantDailyLogin { me: mid(me), now: now * 100_000 }).await;
            return;
        }
    };
    let _ = community.relate(me, action, them, now).await;
}

async fn dump_of(store: &EmbeddedStore) -> String {
    let (out, mut batches) = tokio::sync::mpsc::channel(2);
    let receive = async {
        let mut rows = Vec::new();
        while let Some(batch) = batches.recv().await {
            rows.extend(batch);
        }
        rows
    };
    let (exported, rows) = tokio::join!(store.export(out), receive);
    exported.expect("the store is readable");
    dump_text(&rows)
}

/// Restores a state and checks it. Returns what was restored, and its dump.
async fn restore(archive: &Archive, target: RestoreTarget) -> Result<(Restored, String), ArchiveError> {
    let dir = empty_dir();
    let restored = archive::restore(archive, target, None, dir.path()).await?;
    let store = EmbeddedStore::open_read_only(dir.path()).expect("the restored directory opens");
    let report = store.check_integrity().await.expect("the restored directory is readable");
    assert!(report.is_clean(), "{report}");
    Ok((restored, dump_of(&store).await))
}

/// A store with its archive.
struct Archived {
    dir: TempDir,
    objects: Arc<InMemory>,
    keys: Option<Keyring>,
}

impl Archived {
    fn new(keys: Option<Keyring>) -> Archived {
        Archived { dir: empty_dir(), objects: Arc::new(InMemory::new()), keys }
    }

    fn archive(&self) -> Archive {
        archive_of(&self.objects, self.keys.as_ref())
    }

    fn start(&self, options: ArchiveOptions) -> (Community<EmbeddedStore>, Archiver) {
        let store = open(self.dir.path(), u64::MAX);
        let archiver = Archiver::start(&store, self.archive(), options).expect("the archive starts");
        (Community::new(store), archiver)
    }

    /// Starts, with members and a complete base copy.
    async fn start_with_members(&self) -> (Community<EmbeddedStore>, Archiver) {
        let (community, archiver) = self.start(options());
        community.import((1..=MEMBERS).map(crate::community::card).collect()).await;
        until(&community.store, |metrics| metrics.last_base_ms > 0 && metrics.lag_ms == 0).await;
        (community, archiver)
    }

    async fn names(&self) -> Vec<String> {
        let listed: Vec<_> = self.objects.list(None).try_collect().await.expect("memory is readable");
        listed.into_iter().map(|object| object.location.to_string()).collect()
    }
}

#[tokio::test]
async fn each_lsn_and_instant_is_restored() {
    for keys in [None, Some(Keyring::generate())] {
        let archived = Archived::new(keys);
        let (community, archiver) = archived.start_with_members().await;
        let mut states = Vec::new();
        for step in 0..24 {
            run_step(&community, step).await;
            let lsn = metrics(&community.store).wal_lsn;
            let time = now();
            states.push((lsn, time, dump_of(&community.store).await));
            // Two records of one millisecond cannot be told apart by an instant.
            while now().as_millisecond() == time.as_millisecond() {}
        }
        archiver.stop(LONG).await;
        let archive = archived.archive();
        for (lsn, time, dump) in &states {
            let (restored, found) = restore(&archive, RestoreTarget::Lsn(*lsn)).await.unwrap();
            assert_eq!((restored.lsn, &found), (*lsn, dump));
            if *time <= archive::list(&archive).await.unwrap()[0].end.1 {
                let (restored, found) = restore(&archive, RestoreTarget::At(*time)).await.unwrap();
                assert_eq!((restored.lsn, &found), (*lsn, dump), "{time}");
            }
        }
        let (restored, _) = restore(&archive, RestoreTarget::Newest).await.unwrap();
        assert_eq!(restored.lsn, states.last().unwrap().0);
    }
}

#[tokio::test]
async fn restart_continues_the_timeline() {
    let archived = Archived::new(None);
    let (community, archiver) = archived.start_with_members().await;
    run_step(&community, 0).await;
    archiver.stop(LONG).await;
    // Writes without the archive, such as those of another command.
    run_step(&community, 5).await;
    let dump = dump_of(&community.store).await;
    drop(community);
    let (community, archiver) = archived.start(options());
    archiver.stop(LONG).await;
    drop(community);
    let (restored, found) = restore(&archived.archive(), RestoreTarget::Newest).await.unwrap();
    assert_eq!((restored.timeline, found), (1, dump));
}

#[tokio::test]
async fn restored_store_begins_a_timeline() {
    let archived = Archived::new(None);
    let (community, archiver) = archived.start_with_members().await;
    let early = metrics(&community.store).wal_lsn;
    let early_dump = dump_of(&community.store).await;
    run_step(&community, 0).await;
    let late = metrics(&community.store).wal_lsn;
    let late_dump = dump_of(&community.store).await;
    archiver.stop(LONG).await;
    drop(community);

    let second = Archived { dir: empty_dir(), objects: Arc::clone(&archived.objects), keys: None };
    let target = RestoreTarget::Lsn(early);
    archive::restore(&second.archive(), target, None, second.dir.path()).await.unwrap();
    let (community, archiver) = second.start(options());
    assert_eq!(dump_of(&community.store).await, early_dump);
    run_step(&community, 13).await;
    run_step(&community, 18).await;
    let new_dump = dump_of(&community.store).await;
    assert_ne!(new_dump, late_dump);
    until(&community.store, |metrics| metrics.last_base_ms > 0).await;
    archiver.stop(LONG).await;
    drop(community);

    let archive = archived.archive();
    let (restored, found) = restore(&archive, RestoreTarget::Newest).await.unwrap();
    assert_eq!((restored.timeline, found), (2, new_dump));
    let dir = empty_dir();
    let restored = archive::restore(&archive, RestoreTarget::Lsn(late), Some(1), dir.path()).await.unwrap();
    assert_eq!((restored.timeline, restored.lsn), (1, late));
    let old = EmbeddedStore::open_read_only(dir.path()).unwrap();
    assert_eq!(dump_of(&old).await, late_dump);
}

#[tokio::test]
async fn archive_of_another_community_or_key_is_refused() {
    let archived = Archived::new(Some(Keyring::generate()));
    let (community, archiver) = archived.start_with_members().await;
    archiver.stop(LONG).await;
    archive::claim(&archived.archive(), &community.store).await.unwrap();
    for (keys, words) in [
        (None, "is encrypted with another key"),
        (Some(Keyring::generate()), "is encrypted with another key"),
    ] {
        let archive = archive_of(&archived.objects, keys.as_ref());
        let claimed = archive::claim(&archive, &community.store).await.unwrap_err();
        assert!(claimed.is_permanent() && claimed.to_string().contains(words), "{claimed}");
        let listed = archive::list(&archive).await.unwrap_err();
        assert!(listed.to_string().contains(words), "{listed}");
    }
    let other = Archived::new(None);
    let (community, _archiver) = other.start(options());
    let error = archive::claim(&archived.archive(), &community.store).await.unwrap_err();
    assert!(error.to_string().contains("belongs to another community"), "{error}");
}

#[tokio::test]
async fn swapped_or_lost_spans_are_refused() {
    let archived = Archived::new(Some(Keyring::generate()));
    let (community, archiver) = archived.start_with_members().await;
    for step in [0, 5, 10, 15] {
        run_step(&community, step).await;
        let lsn = metrics(&community.store).wal_lsn;
        until(&community.store, |metrics| metrics.last_lsn == lsn).await;
    }
    let last = metrics(&community.store).wal_lsn;
    archiver.stop(LONG).await;
    let span = |lsn: u64| ObjectPath::from(format!("test/00000001/wal/000000000000000/{lsn:020}"));
    let read = async |lsn| archived.objects.get(&span(lsn)).await.unwrap().bytes().await.unwrap();
    let (third, fourth) = (read(last - 1).await, read(last).await);
    archived.objects.put(&span(last - 1), fourth.into()).await.unwrap();
    let error = restore(&archived.archive(), RestoreTarget::Newest).await.unwrap_err().to_string();
    assert!(error.contains("damaged") && error.contains("another name"), "{error}");

    archived.objects.delete(&span(last - 1)).await.unwrap();
    let error = restore(&archived.archive(), RestoreTarget::Newest).await.unwrap_err().to_string();
    let expected = format!("no record between LSN {} and {last}", last - 2);
    assert!(error.contains(&expected), "{error}");
    let (restored, _) = restore(&archived.archive(), RestoreTarget::Lsn(last - 2)).await.unwrap();
    assert_eq!(restored.lsn, last - 2);

    archived.objects.put(&span(last - 1), third.into()).await.unwrap();
    assert_eq!(restore(&archived.archive(), RestoreTarget::Newest).await.unwrap().0.lsn, last);
}

#[tokio::test]
async fn state_outside_the_archive_is_refused() {
    let archived = Archived::new(None);
    let nothing = restore(&archived.archive(), RestoreTarget::Newest).await.unwrap_err().to_string();
    assert!(nothing.contains("there is no archive"), "{nothing}");
    let (community, archiver) = archived.start_with_members().await;
    let lsn = metrics(&community.store).wal_lsn;
    archiver.stop(LONG).await;
    for target in [
        RestoreTarget::Lsn(lsn + 1),
        RestoreTarget::At(Timestamp::UNIX_EPOCH),
        RestoreTarget::At(now() + Duration::from_hours(1)),
    ] {
        let error = restore(&archived.archive(), target).await.unwrap_err().to_string();
        assert!(error.contains("the archive does not have the state of"), "{error}");
        assert!(error.contains("it has timeline 1 from"), "{error}");
    }
}

#[tokio::test]
async fn pruning_keeps_every_state_since_the_kept_base_copy() {
    let archived = Archived::new(None);
    let (community, archiver) = archived.start_with_members().await;
    archiver.stop(LONG).await;
    let mut states = Vec::new();
    for round in 0..4 {
        let eager = ArchiveOptions { base_interval: Duration::ZERO, retention: Duration::ZERO, ..options() };
        let base_before = metrics(&community.store).last_base_ms;
        let archiver = Archiver::start(&community.store, archived.archive(), eager).unwrap();
        for step in 0..5 {
            run_step(&community, round * 5 + step).await;
            states.push((metrics(&community.store).wal_lsn, dump_of(&community.store).await));
        }
        until(&community.store, |metrics| metrics.last_base_ms > base_before && metrics.lag_ms == 0).await;
        archiver.stop(LONG).await;
    }
    // An ordinary start prunes too, and makes no base copy.
    let prune = ArchiveOptions { retention: Duration::ZERO, ..options() };
    let archiver = Archiver::start(&community.store, archived.archive(), prune).unwrap();
    let wait = async {
        while archive::list(&archived.archive()).await.unwrap()[0].bases.len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("old base copies are removed");
    archiver.stop(LONG).await;
    let first_lsn = archive::list(&archived.archive()).await.unwrap()[0].bases[0].0;
    let names = archived.names().await;
    assert_eq!(names.iter().filter(|name| name.contains("/data/")).count(), 1, "{names:?}");
    for (lsn, dump) in states {
        let restored = restore(&archived.archive(), RestoreTarget::Lsn(lsn)).await;
        match restored {
            Ok((restored, found)) => assert_eq!((restored.lsn, found), (lsn, dump)),
            Err(ArchiveError::NotCovered(_)) => assert!(lsn < first_lsn, "{lsn} after {first_lsn}"),
            Err(error) => panic!("{error}"),
        }
    }
}
