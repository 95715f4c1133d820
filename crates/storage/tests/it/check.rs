//! The invariants: clean on a store that was filled by its commands, and each offender named on one that was tampered with.

mod awaited;
mod database;
mod gone;
mod leaf;
mod nodes;

use crate::community::{Community, mid};
use crate::home;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::check::Report;
use guanxi_storage::command::GrantDailyLogin;
use guanxi_storage::key::Key;
use guanxi_storage::{EmbeddedStore, StorageError, Store};
use guanxi_types::Tagid;
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, EnvOpenOptions, RwTxn};
use leaf::{CHAIN, change, enter, fans_key, group_key, hidden_key, leave, out_key, stat_key, tie, ties_key};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

/// The group that member 1 made first.
const GROUP: Tagid = Tagid(1);
/// When members 1 and 2 became mutual.
const MUTUAL: u32 = 200;

/// Where the last second of a member's relations is among their counters, and behind it the last place in that.
const LAST: usize = 40;

/// A little of everything, written by commands; nobody has it open.
async fn filled() -> TempDir {
    let (home, store) = home::fresh();
    fill(store).await;
    home
}

async fn fill<S: Store>(store: S) {
    let community = Community::of(store, 5).await;
    community
        .acts(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, MUTUAL.into())])
        .await;
    community
        .acts(&[
            (1, RelationAction::Follow, 3, 300),
            (1, RelationAction::Whisper, 4, 400),
            (4, RelationAction::Black, 5, 500),
        ])
        .await;
    assert_eq!(community.create(1, "同学").await, Ok(GROUP));
    assert_eq!(community.assign(1, &[2], &[GROUP, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
}

type Table = Database<'static, Bytes, Bytes>;

/// Changes a table behind the engine's back.
fn tamper(home: &Path, table: &str, change: impl FnOnce(&Table, &mut RwTxn<'_>) -> heed::Result<()>) {
    reach_into(home, Some(table), change);
}

/// Opens a table, or the table of tables, without the engine.
fn reach_into<A>(
    home: &Path,
    table: Option<&str>,
    change: impl FnOnce(&Table, &mut RwTxn<'_>) -> heed::Result<A>,
) -> A {
    let mut options = EnvOpenOptions::new();
    options.max_dbs(32).map_size(1 << 24);
    // SAFETY: the store is closed, and the directory is this test's own.
    #[expect(unsafe_code, reason = "LMDB maps a file, which others could change; nobody else knows this one")]
    let env = unsafe { options.open(home) }.expect("the store is closed");
    let open = env.create_databases_and_commit(env.write_txn().expect("nobody writes"), |opener, txn| {
        heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(opener.create_database(txn, table)?))
    });
    let db: Table = open.expect("it opens").unwrap_commit();
    let mut txn = env.write_txn().expect("nobody writes");
    let done = change(&db, &mut txn).expect("the table can be read and changes");
    txn.commit().expect("there is room");
    done
}

fn remove(home: &Path, table: &str, key: &[u8]) {
    tamper(home, table, |db, txn| {
        assert!(db.delete(txn, key)?, "{table} had such an entry");
        Ok(())
    });
}

fn put(home: &Path, table: &str, key: &[u8], value: &[u8]) {
    tamper(home, table, |db, txn| db.put(txn, key, value));
}

/// Changes bytes of an entry in place.
fn patch(home: &Path, table: &str, key: &[u8], at: usize, bytes: &[u8]) {
    tamper(home, table, |db, txn| {
        let mut value = db.get(txn, key)?.expect("there is such an entry").to_vec();
        value[at..at + bytes.len()].copy_from_slice(bytes);
        db.put(txn, key, &value)
    });
}

async fn report(home: &Path) -> Report {
    home::reopen(home).check().await.expect("everything can be read")
}

/// That just these offenders are named.
async fn blames(home: &Path, offenders: &[&str]) {
    let report = report(home).await;
    assert_eq!(report.offenders, offenders);
    assert_eq!(report.offences, offenders.len() as u64);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn an_empty_store_is_clean() {
    let (_home, store) = home::fresh();
    assert_eq!(store.check().await.unwrap(), Report::default());
    assert!(store.is_empty().await.unwrap());
}

#[tokio::test]
async fn a_filled_store_is_clean_and_counted() {
    let home = filled().await;
    let store = home::reopen(home.path());
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(!store.is_empty().await.unwrap());
    let expected = Report {
        members: 5,
        follows: 3,
        whispers: 1,
        blacks: 1,
        mutual: 1,
        groups: 1,
        grouped: 4,
        coin_entries: 1,
        ..Report::default()
    };
    assert_eq!(report, expected);
    assert!(report.to_string().ends_with("everything agrees"), "{report}");
}

#[tokio::test]
async fn a_fan_who_is_not_listed() {
    let home = filled().await;
    leave(home.path(), &fans_key(2), (MUTUAL, 0, 1));
    blames(
        home.path(),
        &["the tie from 1 to 2 is not among the fans it goes to", "there are 2 entries of fans for 3 ties"],
    )
    .await;
}

#[tokio::test]
async fn a_fan_who_does_not_follow() {
    let home = filled().await;
    enter(home.path(), &fans_key(3), (100, 0, 5), &[]);
    blames(home.path(), &["there are 4 entries of fans for 3 ties"]).await;
}

#[tokio::test]
async fn a_tie_in_no_list() {
    let home = filled().await;
    leave(home.path(), &out_key(1, RelationKind::Whisper), (400, 0, 4));
    blames(
        home.path(),
        &[
            "the tie from 1 to 4 is in no list of its owner's",
            "there are 4 entries of lists of their owners' for 5 ties",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_tie_that_is_gone_from_under_its_lists() {
    let home = filled().await;
    leave(home.path(), &ties_key(4), (0, 0, 5));
    blames(
        home.path(),
        &[
            "there are 5 entries of lists of their owners' for 4 ties",
            "there are 2 entries of ties that only their owners see for 1 ties",
            "4 tells 1 blacks and has 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_place_in_a_group_that_is_not_listed() {
    let home = filled().await;
    change(home.path(), &group_key(1, GROUP), BTreeMap::clear);
    blames(
        home.path(),
        &[
            "the tie from 1 to 2 is not listed in its group 1",
            "there are 3 entries of places in groups for 4 ties",
            "the group 1 of 1 tells 0 members and has 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_group_that_is_not_there() {
    let home = filled().await;
    remove(home.path(), "group", &(mid(1), GROUP).bytes());
    blames(home.path(), &["the tie from 1 to 2 is in a group 1 that is not there"]).await;
}

#[tokio::test]
async fn a_group_that_counts_wrong() {
    let home = filled().await;
    enter(home.path(), &group_key(1, GROUP), (9, 0, 3), &[]);
    blames(
        home.path(),
        &["there are 5 entries of places in groups for 4 ties", "the group 1 of 1 tells 2 members and has 1"],
    )
    .await;
}

#[tokio::test]
async fn counters_that_tell_otherwise() {
    let home = filled().await;
    // Following, whisper, black, follower, special, default: four bytes each.
    let more: Vec<u8> = (9..15u32).flat_map(u32::to_be_bytes).collect();
    patch(home.path(), CHAIN, &stat_key(1), 0, &more);
    blames(
        home.path(),
        &[
            "1 tells 9 followings and has 2",
            "1 tells 10 whispers and has 1",
            "1 tells 11 blacks and has 0",
            "1 tells 12 fans and has 1",
            "1 tells 13 members of 特别关注 and has 1",
            "1 tells 14 members of 默认分组 and has 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_turn_that_would_be_taken_twice() {
    let home = filled().await;
    // Behind six counters and three versions.
    patch(home.path(), CHAIN, &stat_key(2), 36, &0u32.to_be_bytes());
    blames(home.path(), &["2's next turn 0 was taken already"]).await;
}

#[tokio::test]
async fn places_that_would_be_given_twice() {
    for (at, last) in [(LAST, MUTUAL - 1), (LAST + 4, 0)] {
        let home = home::empty();
        let community = Community::of(home::reopen(home.path()), 3).await;
        let now = i64::from(MUTUAL);
        community.acts(&[(2, RelationAction::Follow, 1, now), (2, RelationAction::Follow, 3, now)]).await;
        drop(community);
        patch(home.path(), CHAIN, &stat_key(2), at, &last.to_be_bytes());
        blames(home.path(), &[&format!("2 does not know of the relation 1 of the second {MUTUAL}")]).await;
    }
}

#[tokio::test]
async fn fan_listed_at_another_place_of_its_second() {
    let home = filled().await;
    leave(home.path(), &fans_key(2), (MUTUAL, 0, 1));
    enter(home.path(), &fans_key(2), (MUTUAL, 1, 1), &[]);
    blames(home.path(), &["the tie from 1 to 2 is not among the fans it goes to"]).await;
}

#[tokio::test]
async fn a_member_without_a_card() {
    let home = filled().await;
    remove(home.path(), "card", &mid(3).bytes());
    blames(home.path(), &["the member 3 has no card"]).await;
}

#[tokio::test]
async fn ties_of_no_member() {
    let home = filled().await;
    remove(home.path(), CHAIN, &stat_key(3));
    blames(home.path(), &["there are ties or coins of 3, and no such member"]).await;
}

#[tokio::test]
async fn a_coin_that_is_in_no_log() {
    let home = filled().await;
    remove(home.path(), "coin", &(mid(1), 100u32, 0u32).bytes());
    blames(home.path(), &["1 has 10 tenths of a coin and a log of 0"]).await;
}

#[tokio::test]
async fn a_black_that_a_whisper_comes_back_to() {
    let home = filled().await;
    // 5 whispers 4, who blocks them; all else agrees.
    enter(home.path(), &ties_key(5), (0, 0, 4), &tie(RelationKind::Whisper, 400));
    enter(home.path(), &out_key(5, RelationKind::Whisper), (400, 0, 4), &[]);
    enter(home.path(), &hidden_key(4), (0, 0, 5), &[]);
    patch(home.path(), CHAIN, &stat_key(5), 4, &1u32.to_be_bytes());
    patch(home.path(), CHAIN, &stat_key(5), LAST, &400u32.to_be_bytes());
    blames(home.path(), &["the tie from 4 to 5 is a black that a Whisper comes back to"]).await;
}

#[tokio::test]
async fn a_tie_to_oneself() {
    let home = filled().await;
    enter(home.path(), &ties_key(5), (0, 0, 5), &tie(RelationKind::Black, 400));
    enter(home.path(), &out_key(5, RelationKind::Black), (400, 0, 5), &[]);
    enter(home.path(), &hidden_key(5), (0, 0, 5), &[]);
    patch(home.path(), CHAIN, &stat_key(5), 8, &1u32.to_be_bytes());
    patch(home.path(), CHAIN, &stat_key(5), LAST, &400u32.to_be_bytes());
    blames(home.path(), &["the tie from 5 to 5 goes to its owner"]).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_a_fault_and_no_panic() {
    let cases: [(&str, Vec<u8>); 5] = [
        (CHAIN, ties_key(1)),
        (CHAIN, fans_key(1)),
        (CHAIN, stat_key(1)),
        ("card", mid(1).bytes()),
        ("group", (mid(1), GROUP).bytes()),
    ];
    for (table, key) in cases {
        let home = filled().await;
        put(home.path(), table, &key, b"\xff?");
        let checked = home::reopen(home.path()).check().await;
        assert!(matches!(checked, Err(StorageError::Corrupted(..))), "{table}: {checked:?}");
    }
}

#[tokio::test]
async fn the_first_offenders_are_named_and_all_are_counted() {
    let (home, store) = home::fresh();
    drop(Community::<EmbeddedStore>::of(store, 30).await);
    tamper(home.path(), "card", heed::Database::clear);
    let report = report(home.path()).await;
    assert_eq!((report.offences, report.offenders.len()), (30, 20));
    assert_eq!(report.offenders[0], "the member 1 has no card");
    assert!(report.to_string().ends_with("30 things do not agree"), "{report}");
}
