//! The data directory: ownership, format, lock, permissions, and corrupt or missing data.

mod map_resize;
mod other_process;
mod read_only;

use crate::community::Community;
use crate::dump_state::member_states;
use crate::tempdir::{empty_dir, new_store, open, reopen};
use guanxi_storage::Store;
use guanxi_storage::error::OpenError;
use guanxi_types::RelationAction;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Reads every file of a directory.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("the directory exists");
    let paths = entries.map(|entry| entry.expect("it is listed").path());
    paths.map(|path| (path.clone(), fs::read(path).expect("the file is readable"))).collect()
}

/// Creates a directory with one file.
fn dir_with_file(name: &str, content: &[u8]) -> tempfile::TempDir {
    let home = empty_dir();
    fs::write(home.path().join(name), content).expect("the disk has room");
    home
}

#[tokio::test]
async fn second_open_is_rejected_while_a_clone_is_open() {
    let (home, store) = new_store();
    assert!(matches!(open(home.path()), Err(OpenError::InUse(path)) if path == home.path()));
    assert!(store.is_empty().await.unwrap(), "the open store still works");
    let clone = store.clone();
    drop(store);
    assert!(matches!(open(home.path()), Err(OpenError::InUse(_))), "a clone is the same store");
    drop(clone);
    assert!(open(home.path()).is_ok());
}

#[test]
fn missing_directory_is_created() {
    let home = empty_dir();
    let path = home.path().join("data").join("guanxi");
    drop(reopen(&path));
    assert_eq!(fs::read_to_string(path.join("guanxi.format")).unwrap(), "guanxi embedded 1\n");
}

#[test]
fn directory_with_foreign_files_is_rejected_and_unchanged() {
    for name in ["notes.txt", "data.mdb", "lock.mdb", "guanxi.format.old", ".hidden"] {
        let home = dir_with_file(name, b"mine");
        let before = files(home.path());
        let result = open(home.path());
        assert!(matches!(&result, Err(OpenError::ForeignFiles(_, found, _)) if found == name), "{result:?}");
        assert_eq!(files(home.path()), before, "{name}");
    }
    let home = dir_with_file("guanxi", b"a file");
    assert!(matches!(open(&home.path().join("guanxi")), Err(OpenError::Io(..))));
}

#[test]
fn newer_format_is_rejected_and_unchanged() {
    for (text, format) in [("guanxi embedded 2\n", 2), ("guanxi embedded 4294967295", u32::MAX)] {
        let home = dir_with_file("guanxi.format", text.as_bytes());
        let before = files(home.path());
        let result = open(home.path());
        let Err(OpenError::FormatTooNew { path, found, known: 1 }) = &result else { panic!("{result:?}") };
        assert_eq!((path.as_path(), *found), (home.path(), format));
        assert_eq!(files(home.path()), before);
    }
}

#[test]
fn invalid_format_file_is_rejected_and_unchanged() {
    for text in [
        "",
        "\n",
        "guanxi",
        "guanxi embedded",
        "guanxi embedded 0",
        "guanxi embedded 1.5\n",
        "guanxi embedded x",
        "guanxi embedded -1",
        "SQLite format 3\n",
    ] {
        let home = dir_with_file("guanxi.format", text.as_bytes());
        let before = files(home.path());
        let result = open(home.path());
        let Err(OpenError::UnknownFormat(_, found)) = &result else { panic!("{result:?}") };
        assert_eq!(found, text.trim_end());
        assert_eq!(files(home.path()), before, "{text:?}");
    }
}

#[tokio::test]
async fn interrupted_initialization_is_started_again() {
    for left in [&["guanxi.lock"][..], &["guanxi.format.new"], &["guanxi.lock", "guanxi.format.new"]] {
        let home = empty_dir();
        for name in left {
            fs::write(home.path().join(name), "guanxi e").unwrap();
        }
        assert!(reopen(home.path()).is_empty().await.unwrap(), "{left:?}");
        assert_eq!(fs::read_to_string(home.path().join("guanxi.format")).unwrap(), "guanxi embedded 1\n");
        assert!(open(home.path()).is_ok(), "it is a data directory from then on");
    }
    let home = empty_dir();
    for (name, text) in [("guanxi.format.new", "guanxi embedded 1\n"), ("data.mdb", "half"), ("lock.mdb", "")]
    {
        fs::write(home.path().join(name), text).unwrap();
    }
    assert!(reopen(home.path()).is_empty().await.unwrap(), "interrupted while the tables were created");
}

#[tokio::test]
async fn missing_or_truncated_data_file_is_rejected() {
    let (home, store) = new_store();
    drop(Community::with_members(store, 5).await);
    let data_file = home.path().join("data.mdb");
    let bytes = fs::read(&data_file).unwrap();
    fs::write(&data_file, b"").unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::DataMissing(..))));
    fs::remove_file(&data_file).unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::DataMissing(..))));
    fs::write(&data_file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(open(home.path()), Err(OpenError::Truncated { .. })));
    fs::write(&data_file, bytes).unwrap();
    assert!(reopen(home.path()).check_integrity().await.unwrap().is_clean());
}

#[tokio::test]
async fn corrupt_data_file_is_rejected_without_panic() {
    let (home, store) = new_store();
    drop(Community::with_members(store, 50).await);
    let data_file = home.path().join("data.mdb");
    let valid = fs::read(&data_file).unwrap();
    let noise: Vec<u8> =
        (0..valid.len()).map(|at| (at.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0]).collect();
    // The first two pages of LMDB describe the file. LMDB has no checksums: it may follow noise in other pages
    // anywhere.
    let (meta_pages, rest) = valid.split_at(2 * 4096);
    for (case, bytes) in [
        ("noise", noise),
        ("zeros", vec![0; valid.len()]),
        ("a text", b"not a database".to_vec()),
        ("another database", [b"SQLite format 3\0".repeat(8), vec![0; 8192]].concat()),
        ("the first hundred bytes", valid[..100].to_vec()),
        ("zeros behind the first pages", [meta_pages, &vec![0; rest.len()]].concat()),
    ] {
        fs::write(&data_file, bytes).unwrap();
        let result = open(home.path());
        let is_rejected = matches!(&result, Err(OpenError::Engine(path, _)) if path == home.path());
        assert!(is_rejected, "{case}: {result:?}");
    }
    fs::write(&data_file, valid).unwrap();
    assert!(reopen(home.path()).check_integrity().await.unwrap().is_clean(), "the restored file is complete");
}

#[tokio::test]
async fn reopened_store_has_all_writes() {
    let (home, store) = new_store();
    let community = Community::with_members(store, 4).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (3, RelationAction::Whisper, 1, 300),
        ])
        .await;
    community.relate_all(&[(1, RelationAction::Block, 4, 400)]).await;
    let tagid = community.create_group(1, "同学").await.unwrap();
    assert_eq!(community.assign_groups(1, &[2], &[tagid]).await, Ok(()));
    let before = member_states(&community.store, 4).await;
    drop(community);
    for _ in 0..2 {
        let store = reopen(home.path());
        assert_eq!(member_states(&store, 4).await, before);
        assert!(store.check_integrity().await.unwrap().is_clean());
    }
    // Neither a tagid nor a join seq is assigned twice.
    let community = Community::new(reopen(home.path()));
    assert!(community.create_group(1, "vUP").await.unwrap() > tagid);
    community.relate_all(&[(1, RelationAction::Follow, 3, 500)]).await;
    assert_eq!(community.assign_groups(1, &[3], &[tagid]).await, Ok(()));
    assert_eq!(community.group_members(1, tagid).await, [3, 2]);
}

#[cfg(unix)]
mod permissions {
    use super::*;
    use guanxi_storage::embedded::data_dir::BackupTarget;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("the file exists").permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("this user owns the file");
    }

    fn assert_private(dir: &Path) {
        assert_eq!(mode(dir), 0o700);
        for file in files(dir).into_keys() {
            assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
        }
    }

    #[tokio::test]
    async fn data_directory_open_to_others_is_tightened() {
        let home = empty_dir();
        let path = home.path().join("parent").join("data");
        let store = reopen(&path);
        drop(Community::with_members(store, 2).await);
        assert_private(&path);
        fs::create_dir(home.path().join("usual")).unwrap();
        let (parent, usual) = (mode(&home.path().join("parent")), mode(&home.path().join("usual")));
        assert_eq!(parent, usual, "a parent directory gets the default permissions");
        for file in files(&path).into_keys() {
            set_mode(&file, 0o644);
        }
        set_mode(&path, 0o755);
        let store = reopen(&path);
        assert_private(&path);
        let copy = empty_dir();
        set_mode(copy.path(), 0o755);
        let target = BackupTarget::create(copy.path()).unwrap();
        store.backup(&target).unwrap();
        target.finish().unwrap();
        assert_private(copy.path());
    }

    #[test]
    fn foreign_directory_keeps_its_permissions() {
        let home = dir_with_file("notes.txt", b"mine");
        set_mode(home.path(), 0o755);
        assert!(open(home.path()).is_err());
        assert_eq!(mode(home.path()), 0o755);
    }
}
