//! Kills of the service, and faults of the archive's store and of the line to it.

use super::faulty_store::{FaultyStore, Random};
use super::{Archived, LONG, MEMBERS, dump_of, metrics, open, options, restore, run_step, until};
use crate::community::Community;
use guanxi_storage::EmbeddedStore;
use guanxi_storage::embedded::archive::{
    self, Archive, ArchiveError, ArchiveOptions, Archiver, RestoreTarget,
};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// The default number of kills of a seed. `GUANXI_TEST_ARCHIVE_KILLS` sets another one.
const KILLS: u64 = 40;

/// The time limit of an operation of a faulty store.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(5);

fn kills() -> u64 {
    let number = std::env::var("GUANXI_TEST_ARCHIVE_KILLS");
    number.map_or(KILLS, |number| number.parse().expect("a number of kills"))
}

/// A store whose archive is killed and fails.
struct Rig {
    archived: Archived,
    line: FaultyStore,
    random: Random,
    /// The dump after each record.
    states: BTreeMap<u64, String>,
    step: u64,
    /// The largest LSN that a complete archive had.
    archived_lsn: u64,
    /// The timeline, once it has a record.
    timeline: Option<u32>,
}

impl Rig {
    fn new(seed: u64) -> Rig {
        let archived = Archived::new(None);
        let line = FaultyStore::new(Arc::clone(&archived.objects), seed);
        let (random, states) = (Random::new(seed ^ 1), BTreeMap::new());
        Rig { archived, line, random, states, step: 0, archived_lsn: 0, timeline: None }
    }

    fn start(&self, store: &EmbeddedStore) -> Archiver {
        let line = Archive::new(Arc::new(self.line.clone()), "test", None);
        let base_interval = Duration::from_millis(self.random.below(40));
        let options = ArchiveOptions { base_interval, ..options() };
        Archiver::start(store, line.with_operation_timeout(OPERATION_TIMEOUT), options).expect("it starts")
    }

    /// Runs commands while the archive runs.
    async fn write(&mut self, community: &Community<EmbeddedStore>) {
        for _ in 0..self.random.below(6) {
            self.step += 1;
            run_step(community, self.step).await;
            let lsn = metrics(&community.store).wal_lsn;
            if let Entry::Vacant(state) = self.states.entry(lsn) {
                state.insert(dump_of(&community.store).await);
            }
            for _ in 0..self.random.below(200) {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Runs a service until a kill, or until a stop.
    async fn run_and_kill(&mut self) {
        let community = Community::new(open(self.archived.dir.path(), u64::MAX));
        if self.states.is_empty() {
            community.import((1..=MEMBERS).map(crate::community::card).collect()).await;
            self.states.insert(metrics(&community.store).wal_lsn, dump_of(&community.store).await);
        }
        self.line.set_percentage(self.random.below(3) * 15);
        let archiver = self.start(&community.store);
        self.write(&community).await;
        if self.random.below(3) == 0 {
            // The store of the archive recovers.
            self.line.set_percentage(0);
            until(&community.store, |metrics| metrics.lag_ms == 0).await;
        }
        if self.random.below(4) == 0 {
            archiver.stop(Duration::from_millis(self.random.below(20))).await;
        } else {
            drop(archiver);
        }
        let metrics = metrics(&community.store);
        if metrics.last_base_ms > 0 {
            self.archived_lsn = self.archived_lsn.max(metrics.last_lsn);
        }
    }

    /// Asserts that the newest archived state is one that was true, and has all that was archived.
    async fn check(&mut self) {
        match restore(&self.archived.archive(), RestoreTarget::Newest).await {
            Ok((restored, dump)) => {
                assert!(restored.lsn >= self.archived_lsn, "{restored:?} lacks {}", self.archived_lsn);
                assert_eq!(self.states.get(&restored.lsn), Some(&dump), "{restored:?}");
                if let Some(timeline) = self.timeline {
                    assert_eq!(restored.timeline, timeline, "no record was missing");
                } else if restored.time.is_some() {
                    self.timeline = Some(restored.timeline);
                }
            }
            Err(ArchiveError::NotCovered(_) | ArchiveError::Refused(_)) => {
                assert_eq!(self.archived_lsn, 0, "a base copy was complete");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_and_faults_leave_a_true_state() {
    let seed = std::env::var("GUANXI_TEST_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let mut rig = Rig::new(seed);
    for kill in 0..kills() {
        rig.run_and_kill().await;
        if kill % 4 == 3 {
            rig.check().await;
        }
    }
    assert!(rig.line.faults.load(Relaxed) > 0, "no fault was tested");
    rig.line.set_percentage(0);
    let store = open(rig.archived.dir.path(), u64::MAX);
    rig.start(&store).stop(LONG).await;
    rig.archived_lsn = metrics(&store).wal_lsn;
    drop(store);
    rig.check().await;
    for (lsn, dump) in rig.states.iter().rev().take(10) {
        match restore(&rig.archived.archive(), RestoreTarget::Lsn(*lsn)).await {
            Ok((restored, found)) => assert_eq!((restored.lsn, &found), (*lsn, dump)),
            Err(ArchiveError::NotCovered(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn missing_wal_is_healed_by_a_base_copy() {
    let archived = Archived::new(None);
    let (community, archiver) = archived.start_with_members().await;
    let covered = metrics(&community.store).wal_lsn;
    archiver.stop(LONG).await;
    drop(community);

    // The archive is away, and the store keeps no WAL for it.
    let community = Community::new(open(archived.dir.path(), 0));
    for step in 0..40 {
        run_step(&community, step).await;
    }
    let missing = metrics(&community.store).wal_lsn;
    drop(community);
    let community = Community::new(open(archived.dir.path(), 0));
    for step in 40..80 {
        run_step(&community, step).await;
    }
    let archiver = Archiver::start(&community.store, archived.archive(), options()).unwrap();
    until(&community.store, |metrics| metrics.last_base_ms > 0 && metrics.lag_ms == 0).await;
    let newest = dump_of(&community.store).await;
    archiver.stop(LONG).await;

    let archive = archived.archive();
    let (restored, found) = restore(&archive, RestoreTarget::Newest).await.unwrap();
    assert_eq!((restored.timeline, found), (2, newest));
    let (restored, _) = restore(&archive, RestoreTarget::Lsn(covered)).await.unwrap();
    assert_eq!((restored.timeline, restored.lsn), (1, covered));
    let error = restore(&archive, RestoreTarget::Lsn(missing)).await.unwrap_err().to_string();
    assert!(error.contains("the archive does not have the state of LSN"), "{error}");
    assert_eq!(archive::list(&archive).await.unwrap().len(), 2);
}

#[tokio::test]
async fn copied_directory_does_not_mix_its_records() {
    let archived = Archived::new(None);
    let (community, archiver) = archived.start_with_members().await;
    archiver.stop(LONG).await;
    drop(community);
    // A copy of all files, as an operator might move a service and forget to stop the old one.
    let copy =
        Archived { dir: copy_of(archived.dir.path()), objects: Arc::clone(&archived.objects), keys: None };
    let (first, first_archiver) = archived.start(options());
    let (second, second_archiver) = copy.start(options());
    for step in [0, 5, 10] {
        run_step(&first, step).await;
        run_step(&second, step + 15).await;
    }
    for community in [&first, &second] {
        until(&community.store, |metrics| metrics.last_base_ms > 0 && metrics.lag_ms == 0).await;
    }
    let dumps = [dump_of(&first.store).await, dump_of(&second.store).await];
    let lsn = metrics(&first.store).wal_lsn;
    drop((first_archiver, second_archiver));
    let mut found = Vec::new();
    for timeline in [1, 2] {
        let dir = crate::tempdir::empty_dir();
        let target = RestoreTarget::Lsn(lsn);
        archive::restore(&archived.archive(), target, Some(timeline), dir.path()).await.unwrap();
        found.push(dump_of(&EmbeddedStore::open_read_only(dir.path()).unwrap()).await);
    }
    assert!(found == dumps || found == [dumps[1].clone(), dumps[0].clone()]);
}

fn copy_of(dir: &std::path::Path) -> tempfile::TempDir {
    let copy = crate::tempdir::empty_dir();
    for file in std::fs::read_dir(dir).expect("the directory is readable") {
        let file = file.expect("it is listed");
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("the disk has room");
    }
    copy
}
