//! Failures of the disk below LMDB: a meta page that is not written, a file that shrinks, and the order of syncs in
//! a new directory. Each test runs in a child process, which may fail as a whole.

use crate::community::{Community, mid};
use crate::preload::{self, FAIL_META};
use crate::tempdir::{SMALL_MEMTABLE_BYTES, empty_dir, open_with_small_memtable, reopen};
use guanxi_storage::commands::CreateGroup;
use guanxi_storage::embedded::bus_error;
use guanxi_storage::{CommandError, StorageError, Store};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

/// Names the directory of the test in its child process.
const CHILD: &str = "GUANXI_TEST_CHILD";

/// Returns the directory if this is the child process of a test.
fn child_dir() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// A command of a child process that runs one test in a directory.
fn child(test: &str, dir: &std::path::Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
    command.args(["--exact", test, "--nocapture"]).env(CHILD, dir);
    command
}

fn assert_passed(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn failed_meta_write_is_reported_and_loses_nothing() {
    let Some(dir) = child_dir() else {
        let dir = empty_dir();
        let library = preload::compile(dir.path());
        let mut child = child("lmdb_failures::failed_meta_write_is_reported_and_loses_nothing", dir.path());
        child.env("LD_PRELOAD", library).env(FAIL_META, dir.path().join("fail"));
        return assert_passed(&child.output().unwrap());
    };
    let data = dir.join("data");
    let store = open_with_small_memtable(&data);
    let mut failure = store.failure().expect("the store is open for writing");
    let community = Community::with_members(store.clone(), 1).await;
    File::create(std::env::var_os(FAIL_META).unwrap()).unwrap();
    let mut acknowledged = Vec::new();
    let rejection = loop {
        let name = format!("组{}", acknowledged.len());
        let command = CreateGroup { me: mid(1), name: name.clone(), limit: usize::MAX };
        match store.run(command).await {
            Ok(_) => acknowledged.push(name),
            Err(CommandError::Fault(error)) => break error,
            Err(other) => panic!("{other}"),
        }
        assert!(acknowledged.len() < 100 * SMALL_MEMTABLE_BYTES, "no checkpoint has failed");
    };
    assert!(matches!(rejection, StorageError::NeedsReopen(_)), "{rejection}");
    let reported = tokio::time::timeout(Duration::from_mins(1), failure.failed()).await.unwrap();
    assert!(matches!(reported, Some(StorageError::NeedsReopen(_))), "{reported:?}");
    assert!(matches!(store.groups(mid(1)).await, Err(StorageError::NeedsReopen(_))));
    drop((store, community));
    assert!(failure.closed().await.is_err());

    let store = reopen(&data);
    let groups = store.groups(mid(1)).await.unwrap().own;
    let names: Vec<&str> = groups.iter().map(|(group, _)| group.name.as_str()).collect();
    assert_eq!(names, acknowledged);
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn format_file_follows_a_sync_of_the_directory() {
    let Some(dir) = child_dir() else {
        let dir = empty_dir();
        let library = preload::compile(dir.path());
        let calls = dir.path().join("calls");
        let mut child = child("lmdb_failures::format_file_follows_a_sync_of_the_directory", dir.path());
        assert_passed(&child.env("LD_PRELOAD", library).env("GUANXI_TEST_CALLS", &calls).output().unwrap());
        let data = dir.path().canonicalize().unwrap().join("data");
        let (calls, data) = (fs::read_to_string(calls).unwrap(), data.display().to_string());
        let before = calls.split_once(&format!("{data}/guanxi.format\n")).expect("a rename").0;
        let is_sync = |line: &&str| line.trim_end() == format!("fsync {data}");
        let last_calls = before.lines().rev().skip(1).take_while(is_sync).count();
        assert!(last_calls > 0, "{calls}");
        assert!(before.contains("write data.mdb"), "the tables are written before: {calls}");
        return;
    };
    drop(reopen(&dir.join("data")));
}

#[tokio::test]
async fn truncated_map_ends_the_process_in_words() {
    /// The exit code of the child process.
    const EXIT_CODE: u8 = 42;
    let Some(dir) = child_dir() else {
        let dir = empty_dir();
        let child = child("lmdb_failures::truncated_map_ends_the_process_in_words", dir.path()).output();
        let output = child.unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(EXIT_CODE.into()), "{output:?}");
        let file = dir.path().canonicalize().unwrap().join("data/data.mdb");
        let expected = format!("guanxi: SIGBUS: the disk could not serve an access to {}: ", file.display());
        assert!(text.contains(&expected), "{text}");
        return;
    };
    bus_error::install_handler(EXIT_CODE).unwrap();
    let data = dir.join("data");
    drop(Community::with_members(reopen(&data), 100).await);
    let store = reopen(&data);
    File::options().write(true).open(data.join("data.mdb")).unwrap().set_len(0).unwrap();
    let report = store.check_integrity().await;
    panic!("the map is readable: {report:?}");
}
