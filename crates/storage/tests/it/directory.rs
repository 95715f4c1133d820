//! A data directory: whose it is, what it survives, how it grows.

mod elsewhere;
mod grown;
mod read;

use crate::community::Community;
use crate::home::{empty, fresh, open, reopen};
use crate::told::told;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::Store;
use guanxi_storage::error::OpenError;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of a directory with what it holds.
fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(path).expect("it is a directory");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths.map(|path| (path.clone(), fs::read(path).expect("it can be read"))).collect()
}

/// A directory that holds one file.
fn holding(name: &str, content: &[u8]) -> tempfile::TempDir {
    let home = empty();
    fs::write(home.path().join(name), content).expect("there is room");
    home
}

#[tokio::test]
async fn another_handle_has_it_in_use() {
    let (home, store) = fresh();
    assert!(matches!(open(home.path()), Err(OpenError::InUse(path)) if path == home.path()));
    assert!(store.is_empty().await.unwrap(), "who has it open goes on");
    let clone = store.clone();
    drop(store);
    assert!(matches!(open(home.path()), Err(OpenError::InUse(_))), "a clone is the same store");
    drop(clone);
    assert!(open(home.path()).is_ok());
}

#[test]
fn a_directory_is_made_where_there_is_none() {
    let home = empty();
    let path = home.path().join("data").join("guanxi");
    drop(reopen(&path));
    assert_eq!(fs::read_to_string(path.join("guanxi.format")).unwrap(), "guanxi lmdb 4\n");
}

#[test]
fn what_holds_something_else_is_left_alone() {
    for name in ["notes.txt", "data.mdb", "lock.mdb", "guanxi.format.old", ".hidden"] {
        let home = holding(name, b"mine");
        let before = files(home.path());
        let refused = open(home.path());
        assert!(matches!(&refused, Err(OpenError::NotOurs(_, held, _)) if held == name), "{refused:?}");
        assert_eq!(files(home.path()), before, "{name}");
    }
    let home = holding("guanxi", b"a file");
    assert!(matches!(open(&home.path().join("guanxi")), Err(OpenError::Io(..))));
}

#[test]
fn a_newer_format_is_left_alone() {
    for (text, format) in [("guanxi lmdb 5\n", 5), ("guanxi lmdb 4294967295", u32::MAX)] {
        let home = holding("guanxi.format", text.as_bytes());
        let before = files(home.path());
        let refused = open(home.path());
        assert!(
            matches!(&refused, Err(OpenError::Newer { path, found, known: 4 }) if *found == format && path == home.path()),
            "{refused:?}"
        );
        assert_eq!(files(home.path()), before);
    }
}

#[test]
fn a_format_of_something_else_is_left_alone() {
    for text in [
        "",
        "\n",
        "guanxi",
        "guanxi lmdb",
        "guanxi lmdb 0",
        "guanxi lmdb 2\n",
        "guanxi lmdb x",
        "guanxi lmdb -1",
        "SQLite format 3\n",
    ] {
        let home = holding("guanxi.format", text.as_bytes());
        let before = files(home.path());
        let refused = open(home.path());
        let said = text.trim_end();
        assert!(matches!(&refused, Err(OpenError::UnknownFormat(_, found)) if found == said), "{refused:?}");
        assert_eq!(files(home.path()), before, "{text:?}");
    }
}

#[tokio::test]
async fn a_start_that_was_cut_short_leaves_a_new_directory() {
    for left in [&["guanxi.lock"][..], &["guanxi.format.new"], &["guanxi.lock", "guanxi.format.new"]] {
        let home = empty();
        for name in left {
            fs::write(home.path().join(name), "guanxi l").unwrap();
        }
        assert!(reopen(home.path()).is_empty().await.unwrap(), "{left:?}");
        assert_eq!(fs::read_to_string(home.path().join("guanxi.format")).unwrap(), "guanxi lmdb 4\n");
        assert!(open(home.path()).is_ok(), "and one of ours from then on");
    }
    let home = empty();
    for (name, bytes) in [("guanxi.format.new", "guanxi lmdb 4\n"), ("data.mdb", "half"), ("lock.mdb", "")] {
        fs::write(home.path().join(name), bytes).unwrap();
    }
    assert!(reopen(home.path()).is_empty().await.unwrap(), "cut short while the tables were made");
}

#[tokio::test]
async fn a_directory_whose_data_are_gone_is_not_taken_for_a_new_one() {
    let (home, store) = fresh();
    drop(Community::of(store, 5).await);
    let data = home.path().join("data.mdb");
    let whole = fs::read(&data).unwrap();
    fs::write(&data, b"").unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::Lost(..))));
    fs::remove_file(&data).unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::Lost(..))));
    fs::write(&data, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::CutShort { .. })));
    fs::write(&data, whole).unwrap();
    assert!(reopen(home.path()).check().await.unwrap().is_clean());
}

#[tokio::test]
async fn damaged_data_is_an_error_and_no_panic() {
    let (home, store) = fresh();
    drop(Community::of(store, 50).await);
    let data = home.path().join("data.mdb");
    let whole = fs::read(&data).unwrap();
    let noise: Vec<u8> =
        (0..whole.len()).map(|at| (at.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0]).collect();
    // LMDB keeps two pages about the file before all others. It has no checksums: noise in the others it may follow anywhere.
    let (about, rest) = whole.split_at(2 * 4096);
    for (what, bytes) in [
        ("noise", noise),
        ("zeros", vec![0; whole.len()]),
        ("a text", b"not a database".to_vec()),
        ("another engine's", [b"SQLite format 3\0".repeat(8), vec![0; 8192]].concat()),
        ("its first hundred bytes", whole[..100].to_vec()),
        ("zeros behind the first pages", [about, &vec![0; rest.len()]].concat()),
    ] {
        fs::write(&data, bytes).unwrap();
        let refused = open(home.path());
        assert!(
            matches!(&refused, Err(OpenError::Engine(path, _)) if path == home.path()),
            "{what}: {refused:?}"
        );
    }
    fs::write(&data, whole).unwrap();
    assert!(reopen(home.path()).check().await.unwrap().is_clean(), "whoever restores it has all of it");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (home, store) = fresh();
    let community = Community::of(store, 4).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (3, RelationAction::Whisper, 1, 300),
        ])
        .await;
    community.acts(&[(1, RelationAction::Black, 4, 400)]).await;
    let tagid = community.create(1, "同学").await.unwrap();
    assert_eq!(community.assign(1, &[2], &[tagid]).await, Ok(()));
    let before = told(&community.store, 4).await;
    drop(community);
    for _ in 0..2 {
        let store = reopen(home.path());
        assert_eq!(told(&store, 4).await, before);
        assert!(store.check().await.unwrap().is_clean());
    }
    // Neither a tagid nor a turn is given again.
    let community = Community::empty(reopen(home.path()));
    assert!(community.create(1, "vUP").await.unwrap() > tagid);
    community.acts(&[(1, RelationAction::Follow, 3, 500)]).await;
    assert_eq!(community.assign(1, &[3], &[tagid]).await, Ok(()));
    assert_eq!(community.group(1, tagid).await, [3, 2]);
}

#[cfg(unix)]
mod permissions {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    fn is_private(home: &Path) {
        assert_eq!(mode(home), 0o700);
        for file in files(home).into_keys() {
            assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
        }
    }

    #[tokio::test]
    async fn data_directory_open_to_others_is_tightened() {
        let home = empty();
        let path = home.path().join("by").join("hand");
        let store = reopen(&path);
        drop(Community::of(store, 2).await);
        is_private(&path);
        fs::create_dir(home.path().join("usual")).unwrap();
        assert_eq!(mode(&home.path().join("by")), mode(&home.path().join("usual")), "it is not guanxi's");
        for file in files(&path).into_keys() {
            set(&file, 0o644);
        }
        set(&path, 0o755);
        let store = reopen(&path);
        is_private(&path);
        let copy = empty();
        set(copy.path(), 0o755);
        let blank = guanxi_storage::embedded::directory::Blank::make(copy.path()).unwrap();
        store.copy(&blank).unwrap();
        blank.finish().unwrap();
        is_private(copy.path());
    }

    #[test]
    fn foreign_directory_keeps_its_permissions() {
        let home = holding("notes.txt", b"mine");
        set(home.path(), 0o755);
        assert!(open(home.path()).is_err());
        assert_eq!(mode(home.path()), 0o755);
    }
}
