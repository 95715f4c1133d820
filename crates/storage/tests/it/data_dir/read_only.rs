//! A data directory that is open for reading only: nothing in it changes, and nothing is created. Backups.

use super::{dir_with_file, files};
use crate::community::{Community, change_relation};
use crate::fixtures::{dump_text, sample_community};
use crate::tempdir::{empty_dir, new_store, open, reopen};
use guanxi_storage::embedded::data_dir::BackupTarget;
use guanxi_storage::error::OpenError;
use guanxi_storage::{CommandError, EmbeddedStore, StorageError, Store};
use guanxi_types::RelationAction;
use std::fs;

#[tokio::test]
async fn read_only_store_reads_everything_and_writes_nothing() {
    let (home, store) = new_store();
    let community = Community::new(store);
    assert_eq!(community.import(sample_community()).await.error, None);
    let expected = dump_text(&community.exported().await);
    let cipher = community.cipher;
    drop(community.store);

    let data_file = fs::read(home.path().join("data.mdb")).unwrap();
    let reader = Community { store: EmbeddedStore::open_read_only(home.path()).unwrap(), cipher };
    assert_eq!(dump_text(&reader.exported().await), expected);
    assert!(reader.store.check_integrity().await.unwrap().is_clean());
    let result = reader.store.run(change_relation(1, RelationAction::Follow, 2, 100)).await;
    assert!(matches!(result, Err(CommandError::Fault(StorageError::ReadOnly))), "{result:?}");
    drop(reader);
    assert_eq!(fs::read(home.path().join("data.mdb")).unwrap(), data_file);
    assert!(open(home.path()).is_ok(), "a writer may open it next");
}

#[test]
fn read_only_open_creates_nothing() {
    let home = empty_dir();
    let missing = home.path().join("data");
    let result = EmbeddedStore::open_read_only(&missing);
    assert!(matches!(result, Err(OpenError::NotFound(path)) if path == missing));
    assert!(matches!(EmbeddedStore::open_read_only(home.path()), Err(OpenError::NotFound(_))));
    assert!(files(home.path()).is_empty());
    let home = dir_with_file("data.mdb", b"another's");
    assert!(matches!(EmbeddedStore::open_read_only(home.path()), Err(OpenError::NotFound(_))));
    let home = dir_with_file("guanxi.format.new", b"guanxi embedded 1\n");
    let result = EmbeddedStore::open_read_only(home.path());
    assert!(matches!(result, Err(OpenError::NotFound(_))), "its initialization was interrupted");
    for (format, is_newer) in [("guanxi embedded 2\n", true), ("SQLite format 3\n", false)] {
        let home = dir_with_file("guanxi.format", format.as_bytes());
        match EmbeddedStore::open_read_only(home.path()) {
            Err(OpenError::FormatTooNew { .. }) => assert!(is_newer),
            Err(OpenError::UnknownFormat(..)) => assert!(!is_newer),
            other => panic!("{other:?}"),
        }
        assert_eq!(files(home.path()).len(), 1);
    }
}

#[tokio::test]
async fn read_only_open_of_truncated_data_is_rejected() {
    let (home, store) = new_store();
    drop(Community::with_members(store, 500).await);
    let data_file = home.path().join("data.mdb");
    let bytes = fs::read(&data_file).unwrap();
    fs::write(&data_file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(EmbeddedStore::open_read_only(home.path()), Err(OpenError::Truncated { .. })));
    fs::write(&data_file, b"").unwrap();
    assert!(matches!(EmbeddedStore::open_read_only(home.path()), Err(OpenError::DataMissing(..))));
    fs::write(&data_file, bytes).unwrap();
    let store = EmbeddedStore::open_read_only(home.path()).unwrap();
    assert!(store.check_integrity().await.unwrap().is_clean());
}

#[tokio::test]
async fn backup_is_a_data_directory_once_finished() {
    let (home, store) = new_store();
    let community = Community::new(store);
    assert_eq!(community.import(sample_community()).await.error, None);
    let to = home.path().join("backups").join("one");
    let target = BackupTarget::create(&to).unwrap();
    assert!(community.store.backup(&target).unwrap() > 0);
    assert!(
        matches!(open(&to), Err(OpenError::ForeignFiles(..))),
        "an unfinished backup is no data directory"
    );
    assert!(matches!(EmbeddedStore::open_read_only(&to), Err(OpenError::NotFound(_))));
    target.finish().unwrap();

    let backup = Community { store: reopen(&to), cipher: community.cipher.clone() };
    assert_eq!(dump_text(&backup.exported().await), dump_text(&community.exported().await));
    assert!(backup.store.check_integrity().await.unwrap().is_clean());
    backup.relate_all(&[(1, RelationAction::Unfollow, 2, 100)]).await;
    assert!(community.relation(1, 2).await.is_some(), "a write to the backup does not change the source");
}

#[test]
fn backup_into_nonempty_directory_is_rejected() {
    let home = dir_with_file("notes.txt", b"mine");
    assert!(matches!(BackupTarget::create(home.path()), Err(OpenError::NotEmpty(_))));
    let (data_dir, _store) = new_store();
    assert!(matches!(BackupTarget::create(data_dir.path()), Err(OpenError::NotEmpty(_))));
    assert!(BackupTarget::create(empty_dir().path()).is_ok());
}
