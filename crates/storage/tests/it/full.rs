//! A disk that takes no more: of the log, then a write is refused, and nothing of it is there; of the tree, then writes go on for
//! as long as there is memory set aside for them. Nothing that was answered is lost.

use crate::community::{Community, LIMIT, bulky, mid, vault};
use crate::home::{empty, fresh, reopen};
use guanxi_storage::command::{CreateGroup, InsertRows, Probe};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::Blank;
use guanxi_storage::error::OpenError;
use guanxi_storage::{CommandError, EmbeddedStore, StorageError, Store};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Tells a process that it is one of its own.
const ALONE: &str = "GUANXI_TEST_ALONE";

/// Whether this process runs one test alone, so that it may limit itself; else that is done in another, which must succeed.
fn alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    // What would end a process that reaches its limit is ignored there, as the service does.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\" --nocapture"]).env(ALONE, "1");
    let program = std::env::current_exe().expect("a test is a program");
    let done = command.arg(program).arg(test).output().expect("a program can be started");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(said.contains("1 passed"), "there is such a test: {said}");
    false
}

/// Lets no file of this process grow beyond some bytes, as on a disk without room; or lets them.
fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).expect("it is below");
}

fn length(home: &Path, file: &str) -> u64 {
    fs::metadata(home.join(file)).expect("it is there").len()
}

/// What a machine would leave that stopped now.
fn stopped(home: &Path) -> TempDir {
    let left = empty();
    for file in fs::read_dir(home).expect("it is there").map(|file| file.expect("it is listed")) {
        let name = file.file_name().into_string().expect("a plain name");
        if name.starts_with("log.") || ["data.mdb", "guanxi.format"].contains(&name.as_str()) {
            let bytes = fs::read(file.path()).expect("it can be read");
            fs::write(left.path().join(name), bytes).expect("there is room");
        }
    }
    left
}

/// That a store is clean and has these groups of member 1.
async fn has_groups(store: &EmbeddedStore, expected: &[&str]) {
    let groups = store.groups(mid(1)).await.expect("the engine reads").own;
    assert_eq!(groups.iter().map(|(group, _)| group.name.as_str()).collect::<Vec<_>>(), expected);
    let report = store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{report}");
}

async fn is_refused(store: &EmbeddedStore, name: &str) {
    let refused = store.run(create(name)).await;
    assert!(matches!(refused, Err(CommandError::Fault(StorageError::Io(_)))), "{refused:?}");
}

fn create(name: &str) -> CreateGroup {
    CreateGroup { me: mid(1), name: name.to_owned(), limit: LIMIT as usize }
}

#[tokio::test]
async fn a_log_that_takes_no_more_refuses_and_goes_on_once_it_does() {
    if !alone("full::a_log_that_takes_no_more_refuses_and_goes_on_once_it_does") {
        return;
    }
    let (home, store) = fresh();
    let community = Community::of(store.clone(), 2).await;
    community.create(1, "有地方").await.unwrap();
    let whole = length(home.path(), "log.1");
    for room in [0, 1, 20] {
        limit(Some(whole + room));
        is_refused(&store, "没地方").await;
        is_refused(&store, "还是没地方").await;
        assert_eq!(length(home.path(), "log.1"), whole, "what was refused is cut off");
        has_groups(&store, &["有地方"]).await;
        limit(None);
        has_groups(&reopen(stopped(home.path()).path()), &["有地方"]).await;
    }
    store.run(create("又有地方")).await.unwrap();
    has_groups(&reopen(stopped(home.path()).path()), &["有地方", "又有地方"]).await;
    limit(Some(length(home.path(), "log.1")));
    is_refused(&store, "没地方").await;
    drop((store, community));
    limit(None);
    has_groups(&reopen(home.path()), &["有地方", "又有地方"]).await;
}

#[tokio::test]
async fn a_log_that_cannot_be_begun_refuses() {
    if !alone("full::a_log_that_cannot_be_begun_refuses") {
        return;
    }
    let (home, store) = fresh();
    drop(Community::of(store, 1).await);
    let store = reopen(home.path());
    limit(Some(0));
    is_refused(&store, "没地方").await;
    is_refused(&store, "没地方").await;
    limit(None);
    has_groups(&reopen(stopped(home.path()).path()), &[]).await;
    store.run(create("有地方")).await.unwrap();
    drop(store);
    has_groups(&reopen(home.path()), &["有地方"]).await;
}

#[tokio::test]
async fn probe_fails_exactly_while_the_disk_is_full() {
    if !alone("full::probe_fails_exactly_while_the_disk_is_full") {
        return;
    }
    let (home, store) = fresh();
    let community = Community::of(store.clone(), 1).await;
    for round in 0..3 {
        let before = length(home.path(), "log.1");
        store.run(Probe).await.unwrap();
        let after = length(home.path(), "log.1");
        assert!(after >= before + 4096, "{round}: a block was written");
        // What is left of a block takes a small write, and no promise of more.
        for room in [0, 1, 4095] {
            limit(Some(after + room));
            let refused = store.run(Probe).await;
            assert!(matches!(refused, Err(CommandError::Fault(StorageError::Io(_)))), "{room}: {refused:?}");
            assert_eq!(length(home.path(), "log.1"), after, "what was refused is cut off");
        }
        limit(None);
    }
    community.create(1, "有地方").await.unwrap();
    has_groups(&reopen(stopped(home.path()).path()), &["有地方"]).await;
    drop((store, community));
    has_groups(&reopen(home.path()), &["有地方"]).await;
}

#[tokio::test]
async fn a_copy_that_has_no_room_leaves_nothing_in_the_way() {
    if !alone("full::a_copy_that_has_no_room_leaves_nothing_in_the_way") {
        return;
    }
    let (home, store) = fresh();
    for number in 1..=20 {
        store.run(wordy(number)).await.unwrap();
    }
    let (tree, log) = (length(home.path(), "data.mdb"), length(home.path(), "log.1"));
    assert!(tree < log, "so that there may be room for the one and not for the other");
    let to = empty();
    for room in [tree - 1, tree, log - 1] {
        limit(Some(room));
        let refused = store.copy(&Blank::make(to.path()).unwrap());
        assert!(matches!(refused, Err(OpenError::Copy(_))), "{refused:?}");
        limit(None);
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0, "with room for {room} bytes");
    }
    let blank = Blank::make(to.path()).unwrap();
    assert!(store.copy(&blank).unwrap() >= log);
    blank.finish().unwrap();
    has_members(&reopen(to.path()), 20).await;
}

/// How much gathers before the tree takes it in; each write is about an eighth of that.
const GATHERS: usize = 64 << 10;

/// So many that a tree of them is larger than the files of the log get, and it alone has no room.
const MEMBERS: u64 = 40;

fn wordy(number: u64) -> InsertRows {
    InsertRows { rows: bulky(number, GATHERS / 8), vault: vault() }
}

/// That a store is clean and has so many members.
async fn has_members(store: &EmbeddedStore, expected: u64) {
    let report = store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.members, expected);
}

/// Adds a member after those that there are until that is refused; tells how many there are then.
async fn fill_up(store: &EmbeddedStore, there: u64) -> u64 {
    for number in there + 1..there + 100 {
        match store.run(wordy(number)).await {
            Ok(_) => (),
            Err(CommandError::Fault(StorageError::Io(_))) => return number - 1,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the tree took it in");
}

#[tokio::test]
async fn a_tree_that_takes_no_more_is_waited_for_while_there_is_memory() {
    if !alone("full::a_tree_that_takes_no_more_is_waited_for_while_there_is_memory") {
        return;
    }
    let (home, store) = fresh();
    for number in 1..=MEMBERS {
        store.run(wordy(number)).await.unwrap();
    }
    drop(store);
    let hurried =
        || EmbeddedStore::open(home.path(), Options { gathers: GATHERS, ..Options::default() }).unwrap();
    let store = hurried();
    limit(Some(length(home.path(), "data.mdb")));
    let answered = fill_up(&store, MEMBERS).await;
    // What is on its way, and twice as much behind it.
    assert!((MEMBERS + 20..=MEMBERS + 26).contains(&answered), "{answered}");
    has_members(&store, answered).await;
    for _ in 0..50 {
        assert!(matches!(store.run(wordy(999)).await, Err(CommandError::Fault(StorageError::Io(_)))));
    }
    let (left, before) = (stopped(home.path()), answered);

    // Closed and opened again all of it is there, though the tree still takes in nothing.
    let (mut store, mut answered) = (store, answered);
    for _ in 0..6 {
        drop(store);
        store = hurried();
        has_members(&store, answered).await;
        answered = fill_up(&store, answered).await;
    }
    limit(None);
    while store.run(wordy(answered + 1)).await.is_err() {
        tokio::task::yield_now().await;
    }
    has_members(&store, answered + 1).await;
    drop(store);
    assert!(length(home.path(), "data.mdb") > length(left.path(), "data.mdb"));
    assert!(!home.path().join("log.1").exists(), "the tree has taken it in");
    has_members(&reopen(home.path()), answered + 1).await;
    has_members(&reopen(left.path()), before).await;
}
