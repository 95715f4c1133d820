//! A full disk. If the WAL cannot grow, a write is rejected and leaves nothing behind. If only LMDB cannot grow,
//! writes succeed until the memtables are full. No acknowledged write is lost.

use crate::community::{Community, FOLLOW_LIMIT, large_member, mid, new_cipher};
use crate::tempdir::{empty_dir, new_store, open, reopen};
use guanxi_storage::commands::{CreateGroup, InsertRows, ProbeWrites};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::BackupTarget;
use guanxi_storage::error::OpenError;
use guanxi_storage::{CommandError, EmbeddedStore, StorageError, Store};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Marks a process that runs one test alone.
const ALONE: &str = "GUANXI_TEST_ALONE";

/// True if this process runs one test alone, so that it may limit itself. Otherwise runs the test in such a
/// process, which must succeed.
fn runs_alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    // The signal that would kill a process at its limit is ignored, as in the service.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\" --nocapture"]).env(ALONE, "1");
    let program = std::env::current_exe().expect("a test is a program");
    let output = command.arg(program).arg(test).output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "there is no such test: {text}");
    false
}

/// Limits the length of files that this process writes, like a disk without room. `None` removes the limit.
fn limit_file_size(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum })
        .expect("it is below the maximum");
}

fn file_len(dir: &Path, file: &str) -> u64 {
    fs::metadata(dir.join(file)).expect("the file exists").len()
}

/// Copies the files that a power loss would leave now.
fn after_power_loss(dir: &Path) -> TempDir {
    let left = empty_dir();
    for file in fs::read_dir(dir).expect("the directory exists").map(|file| file.expect("it is listed")) {
        let name = file.file_name().into_string().expect("a plain name");
        if name.starts_with("wal.") || ["data.mdb", "guanxi.format"].contains(&name.as_str()) {
            let bytes = fs::read(file.path()).expect("the file is readable");
            fs::write(left.path().join(name), bytes).expect("the disk has room");
        }
    }
    left
}

/// Asserts that a store is consistent, and that member 1 has these groups.
async fn assert_groups(store: &EmbeddedStore, expected: &[&str]) {
    let groups = store.groups(mid(1)).await.expect("the store is readable").own;
    assert_eq!(groups.iter().map(|(group, _)| group.name.as_str()).collect::<Vec<_>>(), expected);
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

async fn assert_rejected(store: &EmbeddedStore, name: &str) {
    let result = store.run(create_group(name)).await;
    assert!(matches!(result, Err(CommandError::Fault(StorageError::Io(_)))), "{result:?}");
}

fn create_group(name: &str) -> CreateGroup {
    CreateGroup { me: mid(1), name: name.to_owned(), limit: FOLLOW_LIMIT as usize }
}

#[tokio::test]
async fn full_wal_rejects_writes_until_there_is_room() {
    if !runs_alone("disk_full::full_wal_rejects_writes_until_there_is_room") {
        return;
    }
    let (home, store) = new_store();
    let community = Community::with_members(store.clone(), 2).await;
    community.create_group(1, "有地方").await.unwrap();
    let before = file_len(home.path(), "wal.1");
    for room in [0, 1, 20] {
        limit_file_size(Some(before + room));
        assert_rejected(&store, "没地方").await;
        assert_rejected(&store, "还是没地方").await;
        assert_eq!(file_len(home.path(), "wal.1"), before, "the rejected record is truncated");
        assert_groups(&store, &["有地方"]).await;
        limit_file_size(None);
        assert_groups(&reopen(after_power_loss(home.path()).path()), &["有地方"]).await;
    }
    store.run(create_group("又有地方")).await.unwrap();
    assert_groups(&reopen(after_power_loss(home.path()).path()), &["有地方", "又有地方"]).await;
    limit_file_size(Some(file_len(home.path(), "wal.1")));
    assert_rejected(&store, "没地方").await;
    drop((store, community));
    limit_file_size(None);
    assert_groups(&reopen(home.path()), &["有地方", "又有地方"]).await;
}

#[tokio::test]
async fn new_segment_without_room_rejects_writes() {
    if !runs_alone("disk_full::new_segment_without_room_rejects_writes") {
        return;
    }
    let (home, store) = new_store();
    drop(Community::with_members(store, 1).await);
    let store = reopen(home.path());
    limit_file_size(Some(0));
    assert_rejected(&store, "没地方").await;
    assert_rejected(&store, "没地方").await;
    limit_file_size(None);
    assert_groups(&reopen(after_power_loss(home.path()).path()), &[]).await;
    store.run(create_group("有地方")).await.unwrap();
    drop(store);
    assert_groups(&reopen(home.path()), &["有地方"]).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn directory_without_room_for_lock_file_is_rejected() {
    if !runs_alone("disk_full::directory_without_room_for_lock_file_is_rejected") {
        return;
    }
    let (home, store) = new_store();
    drop(store);
    fs::remove_file(home.path().join("lock.mdb")).unwrap();
    limit_file_size(Some(1000));
    for _ in 0..2 {
        let expected = format!("no space for lock.mdb in {}, 65664 bytes needed", home.path().display());
        for error in [open(home.path()).unwrap_err(), EmbeddedStore::open_read_only(home.path()).unwrap_err()]
        {
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }
    limit_file_size(None);
    assert_members(&reopen(home.path()), 0).await;
}

#[tokio::test]
async fn probe_fails_exactly_while_the_disk_is_full() {
    if !runs_alone("disk_full::probe_fails_exactly_while_the_disk_is_full") {
        return;
    }
    let (home, store) = new_store();
    let community = Community::with_members(store.clone(), 1).await;
    for round in 0..3 {
        let before = file_len(home.path(), "wal.1");
        store.run(ProbeWrites).await.unwrap();
        let after = file_len(home.path(), "wal.1");
        assert!(after >= before + 4096, "{round}: the probe fills a block");
        // The rest of a block would take a small write, but the probe needs a free block.
        for room in [0, 1, 4095] {
            limit_file_size(Some(after + room));
            let result = store.run(ProbeWrites).await;
            assert!(matches!(result, Err(CommandError::Fault(StorageError::Io(_)))), "{room}: {result:?}");
            assert_eq!(file_len(home.path(), "wal.1"), after, "the rejected record is truncated");
        }
        limit_file_size(None);
    }
    community.create_group(1, "有地方").await.unwrap();
    assert_groups(&reopen(after_power_loss(home.path()).path()), &["有地方"]).await;
    drop((store, community));
    assert_groups(&reopen(home.path()), &["有地方"]).await;
}

#[tokio::test]
async fn failed_backup_leaves_an_empty_directory() {
    if !runs_alone("disk_full::failed_backup_leaves_an_empty_directory") {
        return;
    }
    let (home, store) = new_store();
    for number in 1..=20 {
        store.run(insert_bulky(number)).await.unwrap();
    }
    let (tree, wal) = (file_len(home.path(), "data.mdb"), file_len(home.path(), "wal.1"));
    assert!(tree < wal, "so that one size has room for the tree but not for the WAL");
    let to = empty_dir();
    for room in [tree - 1, tree, wal - 1] {
        limit_file_size(Some(room));
        let result = store.backup(&BackupTarget::create(to.path()).unwrap());
        assert!(matches!(result, Err(OpenError::Backup(_))), "{result:?}");
        limit_file_size(None);
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0, "with room for {room} bytes");
    }
    let target = BackupTarget::create(to.path()).unwrap();
    assert!(store.backup(&target).unwrap() >= wal);
    target.finish().unwrap();
    assert_members(&reopen(to.path()), 20).await;
}

/// The size of a memtable that starts a checkpoint. A write is about an eighth of it.
const MEMTABLE_BYTES: usize = 64 << 10;

/// The number of members whose tree is larger than any WAL segment here, so that it alone has no room.
const MEMBERS: u64 = 40;

fn insert_bulky(number: u64) -> InsertRows {
    InsertRows { rows: large_member(number, MEMTABLE_BYTES / 8), cipher: new_cipher() }
}

/// Asserts that a store is consistent and has this number of members.
async fn assert_members(store: &EmbeddedStore, expected: u64) {
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.members, expected);
}

/// Adds members until one is rejected. Returns the number of members.
async fn fill_up(store: &EmbeddedStore, members: u64) -> u64 {
    for number in members + 1..members + 100 {
        match store.run(insert_bulky(number)).await {
            Ok(_) => (),
            Err(CommandError::Fault(StorageError::Io(_))) => return number - 1,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("a checkpoint succeeded");
}

#[tokio::test]
async fn failing_checkpoint_allows_writes_until_memtables_full() {
    if !runs_alone("disk_full::failing_checkpoint_allows_writes_until_memtables_full") {
        return;
    }
    let (home, store) = new_store();
    for number in 1..=MEMBERS {
        store.run(insert_bulky(number)).await.unwrap();
    }
    drop(store);
    let open = || {
        let options = Options { memtable_bytes: MEMTABLE_BYTES, ..Options::default() };
        EmbeddedStore::open(home.path(), options).unwrap()
    };
    let store = open();
    limit_file_size(Some(file_len(home.path(), "data.mdb")));
    let acknowledged = fill_up(&store, MEMBERS).await;
    // One immutable memtable, and twice as much in the active one.
    assert!((MEMBERS + 20..=MEMBERS + 26).contains(&acknowledged), "{acknowledged}");
    assert_members(&store, acknowledged).await;
    for _ in 0..50 {
        assert!(matches!(store.run(insert_bulky(999)).await, Err(CommandError::Fault(StorageError::Io(_)))));
    }
    let (left, before) = (after_power_loss(home.path()), acknowledged);

    // A restart recovers all of it, though no checkpoint succeeds.
    let (mut store, mut acknowledged) = (store, acknowledged);
    for _ in 0..6 {
        drop(store);
        store = open();
        assert_members(&store, acknowledged).await;
        acknowledged = fill_up(&store, acknowledged).await;
    }
    limit_file_size(None);
    while store.run(insert_bulky(acknowledged + 1)).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_members(&store, acknowledged + 1).await;
    drop(store);
    assert!(file_len(home.path(), "data.mdb") > file_len(left.path(), "data.mdb"));
    assert!(!home.path().join("wal.1").exists(), "a checkpoint has removed it");
    assert_members(&reopen(home.path()), acknowledged + 1).await;
    assert_members(&reopen(left.path()), before).await;
}
