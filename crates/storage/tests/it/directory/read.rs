//! A directory that is read, and not written: nothing in it changes, and nothing is made where nothing is.

use super::{files, holding};
use crate::community::{Community, relate};
use crate::dumped::{dump, rich};
use crate::home::{empty, fresh, open, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::embedded::directory::Blank;
use guanxi_storage::error::OpenError;
use guanxi_storage::{CommandError, EmbeddedStore, StorageError, Store};
use std::fs;

#[tokio::test]
async fn who_reads_is_told_everything_and_writes_nothing() {
    let (home, store) = fresh();
    let community = Community::empty(store);
    assert_eq!(community.load(rich()).await.fault, None);
    let expected = dump(&community.exported().await);
    let vault = community.vault;
    drop(community.store);

    let data = fs::read(home.path().join("data.mdb")).unwrap();
    let reading = Community { store: EmbeddedStore::open_to_read(home.path()).unwrap(), vault };
    assert_eq!(dump(&reading.exported().await), expected);
    assert!(reading.store.check().await.unwrap().is_clean());
    let refused = reading.store.run(relate(1, RelationAction::Follow, 2, 100)).await;
    assert!(matches!(refused, Err(CommandError::Fault(StorageError::ReadOnly))), "{refused:?}");
    drop(reading);
    assert_eq!(fs::read(home.path().join("data.mdb")).unwrap(), data);
    assert!(open(home.path()).is_ok(), "who writes may have it next");
}

#[test]
fn nothing_is_made_where_nothing_is() {
    let home = empty();
    let nowhere = home.path().join("data");
    assert!(
        matches!(EmbeddedStore::open_to_read(&nowhere), Err(OpenError::NotThere(path)) if path == nowhere)
    );
    assert!(matches!(EmbeddedStore::open_to_read(home.path()), Err(OpenError::NotThere(_))));
    assert!(files(home.path()).is_empty());
    let home = holding("data.mdb", b"another's");
    assert!(matches!(EmbeddedStore::open_to_read(home.path()), Err(OpenError::NotThere(_))));
    let home = holding("guanxi.format.new", b"guanxi lmdb 4\n");
    assert!(
        matches!(EmbeddedStore::open_to_read(home.path()), Err(OpenError::NotThere(_))),
        "it was only begun"
    );
    for (format, newer) in [("guanxi lmdb 5\n", true), ("SQLite format 3\n", false)] {
        let home = holding("guanxi.format", format.as_bytes());
        match EmbeddedStore::open_to_read(home.path()) {
            Err(OpenError::Newer { .. }) => assert!(newer),
            Err(OpenError::UnknownFormat(..)) => assert!(!newer),
            other => panic!("{other:?}"),
        }
        assert_eq!(files(home.path()).len(), 1);
    }
}

#[tokio::test]
async fn data_that_are_gone_or_cut_short_are_not_read() {
    let (home, store) = fresh();
    drop(Community::of(store, 500).await);
    let data = home.path().join("data.mdb");
    let whole = fs::read(&data).unwrap();
    fs::write(&data, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(EmbeddedStore::open_to_read(home.path()), Err(OpenError::CutShort { .. })));
    fs::write(&data, b"").unwrap();
    assert!(matches!(EmbeddedStore::open_to_read(home.path()), Err(OpenError::Lost(..))));
    fs::write(&data, whole).unwrap();
    assert!(EmbeddedStore::open_to_read(home.path()).unwrap().check().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_copy_is_a_directory_of_its_own_once_it_is_whole() {
    let (home, store) = fresh();
    let community = Community::empty(store);
    assert_eq!(community.load(rich()).await.fault, None);
    let to = home.path().join("copies").join("one");
    let blank = Blank::make(&to).unwrap();
    assert!(community.store.copy(&blank).unwrap() > 0);
    assert!(matches!(open(&to), Err(OpenError::NotOurs(..))), "cut short it is nobody's");
    assert!(matches!(EmbeddedStore::open_to_read(&to), Err(OpenError::NotThere(_))));
    blank.finish().unwrap();

    let copy = Community { store: reopen(&to), vault: community.vault.clone() };
    assert_eq!(dump(&copy.exported().await), dump(&community.exported().await));
    assert!(copy.store.check().await.unwrap().is_clean());
    copy.acts(&[(1, RelationAction::Unfollow, 2, 100)]).await;
    assert!(community.tie(1, 2).await.is_some(), "what is written there is not written here");
}

#[test]
fn a_copy_takes_no_directory_that_holds_something() {
    let home = holding("notes.txt", b"mine");
    assert!(matches!(Blank::make(home.path()), Err(OpenError::NotEmpty(_))));
    let (ours, _store) = fresh();
    assert!(matches!(Blank::make(ours.path()), Err(OpenError::NotEmpty(_))));
    assert!(Blank::make(empty().path()).is_ok());
}
