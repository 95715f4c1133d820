//! A data directory that another process has open, and its state after that process is killed.

use crate::community::{Community, change_relation, mid};
use crate::tempdir::{SMALL_MEMTABLE_BYTES, empty_dir, open, reopen};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::BackupTarget;
use guanxi_storage::error::OpenError;
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::RelationAction;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The variable with the directory for the other process.
const DATA_DIR: &str = "GUANXI_TEST_DATA_DIR";
/// The variable with the size of its memtable.
const MEMTABLE_BYTES: &str = "GUANXI_TEST_MEMTABLE_BYTES";
/// The number of members.
const MEMBERS: u64 = 1000;

/// Runs as the other process: follows one member after another and prints each acknowledged follow, until it is
/// killed. Without the variables it does nothing.
#[tokio::test]
async fn writer_process() {
    let Ok(home) = std::env::var(DATA_DIR) else { return };
    let memtable_bytes = std::env::var(MEMTABLE_BYTES).expect("both are set").parse().expect("a number");
    let store = EmbeddedStore::open(Path::new(&home), Options { memtable_bytes, ..Options::default() });
    let community = Community::with_members(store.expect("the directory opens"), MEMBERS).await;
    for them in 2..=MEMBERS {
        assert_eq!(community.run(change_relation(1, RelationAction::Follow, them, 100)).await, Ok(()));
        println!("\nfollowed {them}");
    }
}

/// The other process. It is killed when this is dropped.
struct WriterProcess(Child);

impl WriterProcess {
    fn start(dir: &Path, memtable_bytes: usize) -> WriterProcess {
        let program = std::env::current_exe().expect("a test is a program");
        let started = Command::new(program)
            .args(["--exact", "data_dir::other_process::writer_process", "--nocapture"])
            .env(DATA_DIR, dir)
            .env(MEMTABLE_BYTES, memtable_bytes.to_string())
            .stdout(Stdio::piped())
            .spawn();
        WriterProcess(started.expect("the program starts"))
    }

    /// The members that it has followed, as it prints them.
    fn acknowledged(&mut self) -> impl Iterator<Item = u64> + use<> {
        let lines = BufReader::new(self.0.stdout.take().expect("it is read once")).lines();
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("followed ")?.parse().ok())
    }

    fn kill(&mut self) {
        self.0.kill().expect("the process runs");
        self.0.wait().expect("the process ends");
    }
}

impl Drop for WriterProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn killed_process_releases_directory_and_loses_nothing() {
    for memtable_bytes in [SMALL_MEMTABLE_BYTES, Options::default().memtable_bytes] {
        let home = empty_dir();
        let mut writer = WriterProcess::start(home.path(), memtable_bytes);
        let mut acknowledged = writer.acknowledged();
        assert!(acknowledged.by_ref().take(20).eq(2..=21));
        assert!(matches!(open(home.path()), Err(OpenError::InUse(_))));

        writer.kill();
        let last = acknowledged.last().unwrap_or(21);
        let store = reopen(home.path());
        let report = store.check_integrity().await.unwrap();
        assert!(report.is_clean(), "{report}");
        for them in 2..=last {
            let pair = store.relation_pair(mid(1), mid(them)).await.unwrap().unwrap();
            assert!(pair.outgoing.is_some(), "{them} was acknowledged, as was {last}");
        }
    }
}

#[tokio::test]
async fn reader_sees_writes_of_other_process() {
    for memtable_bytes in [SMALL_MEMTABLE_BYTES, Options::default().memtable_bytes] {
        let home = empty_dir();
        let mut writer = WriterProcess::start(home.path(), memtable_bytes);
        let mut acknowledged = writer.acknowledged();
        assert_eq!(acknowledged.next(), Some(2));
        let reader = EmbeddedStore::open_read_only(home.path()).unwrap();
        for them in acknowledged.by_ref().take(500) {
            let pair = reader.relation_pair(mid(1), mid(them)).await.unwrap().unwrap();
            assert!(pair.outgoing.is_some(), "{them} was acknowledged");
            if them % 100 == 0 {
                let report = reader.check_integrity().await.unwrap();
                assert!(report.is_clean(), "{report}");
            }
        }
        writer.kill();
        // The next process finds every acknowledged write, and perhaps one durable write that was not acknowledged.
        let seen = reader.check_integrity().await.unwrap();
        drop(reader);
        let report = reopen(home.path()).check_integrity().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!((seen.follows..=seen.follows + 1).contains(&report.follows), "{seen}\n{report}");
    }
}

#[tokio::test]
async fn file_that_other_process_writes_has_no_damage() {
    let home = empty_dir();
    let mut writer = WriterProcess::start(home.path(), SMALL_MEMTABLE_BYTES);
    let mut acknowledged = writer.acknowledged();
    for _ in 0..30 {
        acknowledged.by_ref().nth(10).expect("the writer is running");
        let report = EmbeddedStore::check_file(home.path(), true).unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

#[tokio::test]
async fn backup_has_earlier_writes_of_other_process() {
    let home = empty_dir();
    let mut writer = WriterProcess::start(home.path(), SMALL_MEMTABLE_BYTES);
    let mut acknowledged = writer.acknowledged();
    assert_eq!(acknowledged.next(), Some(2));
    let reader = EmbeddedStore::open_read_only(home.path()).unwrap();
    for round in 0..12 {
        let last = acknowledged.by_ref().nth(20).expect("the writer is running");
        let to = empty_dir();
        let target = BackupTarget::create(to.path()).unwrap();
        reader.backup(&target).unwrap();
        target.finish().unwrap();
        let backup = if round % 2 == 0 {
            reopen(to.path())
        } else {
            EmbeddedStore::open_read_only(to.path()).unwrap()
        };
        let report = backup.check_integrity().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!(report.follows >= last - 1, "{last} was acknowledged\n{report}");
    }
}
