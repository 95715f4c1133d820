//! A machine that stops at any moment: the tree is as it was when it last took something in, the log as it was then or later,
//! and its last record perhaps not whole. Whoever opens that finds what was answered until then, and nothing else.

use crate::community::{Community, mid};
use crate::dumped::dump;
use crate::home::{empty, hurried, open, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::command::GrantDailyLogin;
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::Tagid;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The files of a log.
type Log = BTreeMap<String, Vec<u8>>;

/// What lies in the directory once a command was answered, and what the store tells then.
struct Moment {
    tree: Vec<u8>,
    log: Log,
    told: String,
}

/// The file of the tree between two moments at which it is written.
fn tree(home: &Path) -> Vec<u8> {
    let read = || fs::read(home.join("data.mdb")).expect("it is there");
    let (mut one, mut other) = (read(), read());
    while one != other {
        (one, other) = (other, read());
    }
    one
}

fn log(home: &Path) -> Log {
    let files = fs::read_dir(home).expect("it is there").map(|file| file.expect("it is listed"));
    let named = files.map(|file| (file.file_name().into_string().expect("a plain name"), file.path()));
    let of_log = named.filter(|(name, _)| name.starts_with("log."));
    of_log.map(|(name, path)| (name, fs::read(path).expect("it can be read"))).collect()
}

async fn all_of(community: &Community<EmbeddedStore>) -> String {
    dump(&community.exported().await)
}

/// One command after another, each a record, and each answered before the next.
async fn history() -> Vec<Moment> {
    let home = empty();
    let community = Community::of(hurried(home.path()), 4).await;
    let mut moments = Vec::new();
    for step in 0..36u64 {
        let (me, them) = (step % 4 + 1, (step + step / 4) % 3);
        let them = (me + them) % 4 + 1;
        let now = 100 + step.cast_signed();
        match step {
            0..=11 if step % 3 > 0 => community.acts(&[(me, RelationAction::Follow, them, now)]).await,
            12 => assert_eq!(community.create(1, "同学").await, Ok(Tagid(1))),
            13 => assert_eq!(community.create(2, "同事").await, Ok(Tagid(2))),
            _ if step % 5 == 0 => community.acts(&[(me, RelationAction::Whisper, them, now)]).await,
            _ if step % 7 == 0 => community.acts(&[(me, RelationAction::Black, them, now)]).await,
            _ => community.run(GrantDailyLogin { me: mid(me), now: now * 100_000 }).await.expect("a new day"),
        }
        let (tree, log) = (tree(home.path()), log(home.path()));
        moments.push(Moment { tree, log, told: all_of(&community).await });
    }
    moments
}

/// A directory of a tree and a log.
fn left(tree: &[u8], log: &Log) -> TempDir {
    let home = empty();
    fs::write(home.path().join("guanxi.format"), "guanxi lmdb 4\n").expect("there is room");
    fs::write(home.path().join("data.mdb"), tree).expect("there is room");
    for (name, bytes) in log {
        fs::write(home.path().join(name), bytes).expect("there is room");
    }
    home
}

/// That a store is clean and tells just this.
async fn tells(store: EmbeddedStore, told: &str, what: &str) -> Community<EmbeddedStore> {
    let report = store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{what}: {report}");
    let community = Community::empty(store);
    assert_eq!(all_of(&community).await, told, "{what}");
    community
}

/// The log of a moment with those of its files that the tree has taken in and that are removed, as nobody knows when a
/// removal reaches the disk.
fn with_removed(moments: &[Moment]) -> Log {
    moments.iter().flat_map(|moment| moment.log.clone()).collect()
}

#[tokio::test]
async fn a_tree_and_the_log_of_any_later_moment_are_what_was_answered_by_then() {
    let moments = history().await;
    let mut trees: Vec<(usize, &[u8])> = Vec::new();
    for (at, moment) in moments.iter().enumerate() {
        if trees.last().is_none_or(|(_, last)| *last != moment.tree) {
            trees.push((at, &moment.tree));
        }
        let home = left(&moment.tree, &moment.log);
        tells(EmbeddedStore::open_to_read(home.path()).unwrap(), &moment.told, &format!("as of {at}")).await;
        let log = with_removed(&moments[..=at]);
        for (of, tree) in &trees {
            let home = left(tree, &log);
            let what = format!("a tree of {of} and the log of {at}");
            tells(EmbeddedStore::open_to_read(home.path()).unwrap(), &moment.told, &what).await;
        }
    }
    assert!(trees.len() > 10, "the tree took something in {} times", trees.len());
}

/// Where the last record of a log begins: behind records of 20 bytes and as many as the first four say.
fn last_record(file: &[u8]) -> usize {
    let (mut last, mut next) = (0, 0);
    while next < file.len() {
        last = next;
        let length = u32::from_be_bytes(*file[next..].first_chunk().expect("it is whole"));
        next += 20 + usize::try_from(length).expect("it is short");
    }
    last
}

#[tokio::test]
async fn a_last_record_that_is_cut_anywhere_was_never_answered() {
    let moments = history().await;
    for at in [5, 22, 35] {
        let (before, mut log) = (&moments[at - 1].told, with_removed(&moments[..=at]));
        let tree = &moments[at - at % 3].tree;
        let latest = log.keys().max_by_key(|name| name[4..].parse::<u64>().unwrap()).unwrap().clone();
        let whole = log[&latest].clone();
        for length in last_record(&whole)..whole.len() {
            log.insert(latest.clone(), whole[..length].to_vec());
            let home = left(tree, &log);
            let what = format!("{latest} of {at}, of which {length} bytes are left");
            tells(EmbeddedStore::open_to_read(home.path()).unwrap(), before, &what).await;
            if length % 32 == 0 {
                goes_on(home.path(), before, &what).await;
            }
        }
    }
}

/// That whoever opens it to write finds the same, and what they write stays, however often the machine stops.
async fn goes_on(home: &Path, before: &str, what: &str) {
    let community = tells(reopen(home), before, what).await;
    community.create(3, "后来").await.expect("there is no such group");
    let told = all_of(&community).await;
    // Stopped again: what was answered is in the log, and the tree has taken in nothing.
    let again = left(&tree(home), &log(home));
    drop(community);
    tells(reopen(home), &told, what).await;
    tells(reopen(again.path()), &told, what).await;
    tells(reopen(again.path()), &told, what).await;
}

#[tokio::test]
async fn a_log_that_was_damaged_is_told_and_left_alone() {
    let moments = history().await;
    let log = with_removed(&moments);
    let latest = log.keys().max_by_key(|name| name[4..].parse::<u64>().unwrap()).unwrap();
    let tree = &moments[0].tree;
    for (name, bytes) in log.iter().filter(|(name, bytes)| *name != latest && !bytes.is_empty()).skip(1) {
        let mut damaged = log.clone();
        damaged.get_mut(name).unwrap()[bytes.len() / 2] ^= 1;
        let home = left(tree, &damaged);
        let opened = open(home.path()).expect_err("it is damaged").to_string();
        let read = EmbeddedStore::open_to_read(home.path())
            .unwrap()
            .check()
            .await
            .expect_err("it is damaged")
            .to_string();
        for why in [opened, read] {
            assert!(why.contains(&format!("{name} is damaged")), "{why}");
        }
        assert_eq!(self::log(home.path()), damaged);
        assert_eq!(fs::read(home.path().join("data.mdb")).unwrap(), *tree);
    }
}
