//! The integrity check: no violation on a store filled by commands, and a violation for each tampered row.

mod btree_leaf;
mod btree_nodes;
mod member_deletion;
mod postgres;
mod schedules;

use crate::community::{Community, mid};
use crate::tempdir;
use btree_leaf::{
    GRAPH, counters_key, edit_list, followers_key, group_members_key, insert_entry, private_relations_key,
    relation_value, relations_by_kind_key, relations_key, remove_entry,
};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_storage::integrity::Report;
use guanxi_storage::key::Key;
use guanxi_storage::{EmbeddedStore, StorageError, Store};
use guanxi_types::{RelationAction, Tagid};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, EnvOpenOptions, RwTxn};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

/// The first group of member 1.
const GROUP: Tagid = Tagid(1);
/// The time when members 1 and 2 became mutual.
const MUTUAL: u32 = 200;

/// The offset of `last_mtime` in the counters of a member. `last_seq` follows.
const LAST: usize = 40;

/// Creates a small community by commands, and closes the store.
async fn filled() -> TempDir {
    let (home, store) = tempdir::new_store();
    fill(store).await;
    home
}

async fn fill<S: Store>(store: S) {
    let community = Community::with_members(store, 5).await;
    community
        .relate_all(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, MUTUAL.into())])
        .await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 3, 300),
            (1, RelationAction::Whisper, 4, 400),
            (4, RelationAction::Block, 5, 500),
        ])
        .await;
    assert_eq!(community.create_group(1, "同学").await, Ok(GROUP));
    assert_eq!(community.assign_groups(1, &[2], &[GROUP, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
}

type Table = Database<'static, Bytes, Bytes>;

/// Changes a table without the engine.
fn tamper(home: &Path, table: &str, change: impl FnOnce(&Table, &mut RwTxn<'_>) -> heed::Result<()>) {
    open_table(home, Some(table), change);
}

/// Opens a table, or the table of tables, without the engine.
fn open_table<A>(
    home: &Path,
    table: Option<&str>,
    change: impl FnOnce(&Table, &mut RwTxn<'_>) -> heed::Result<A>,
) -> A {
    let mut options = EnvOpenOptions::new();
    options.max_dbs(32).map_size(1 << 24);
    // SAFETY: the store is closed, and only this test uses the directory.
    #[expect(unsafe_code, reason = "LMDB maps a file that no other process changes")]
    let env = unsafe { options.open(home) }.expect("the store is closed");
    let open = env.create_databases_and_commit(
        env.write_txn().expect("no other transaction is open"),
        |opener, txn| heed::Result::Ok(CommitOrAbort::<_, ()>::Commit(opener.create_database(txn, table)?)),
    );
    let db: Table = open.expect("the table opens").unwrap_commit();
    let mut txn = env.write_txn().expect("no other transaction is open");
    let done = change(&db, &mut txn).expect("the table is readable and writable");
    txn.commit().expect("the map has room");
    done
}

fn remove(home: &Path, table: &str, key: &[u8]) {
    tamper(home, table, |db, txn| {
        assert!(db.delete(txn, key)?, "{table} has the entry");
        Ok(())
    });
}

fn put(home: &Path, table: &str, key: &[u8], value: &[u8]) {
    tamper(home, table, |db, txn| db.put(txn, key, value));
}

/// Replaces bytes of an entry.
fn patch(home: &Path, table: &str, key: &[u8], at: usize, bytes: &[u8]) {
    tamper(home, table, |db, txn| {
        let mut value = db.get(txn, key)?.expect("the entry exists").to_vec();
        value[at..at + bytes.len()].copy_from_slice(bytes);
        db.put(txn, key, &value)
    });
}

async fn report(home: &Path) -> Report {
    tempdir::reopen(home).check_integrity().await.expect("the store is readable")
}

/// Returns the texts of the violations in a report.
fn texts(report: &Report) -> Vec<String> {
    report.violations.iter().map(ToString::to_string).collect()
}

/// Asserts that exactly these violations are reported.
async fn assert_violations(home: &Path, violations: &[&str]) {
    let report = report(home).await;
    assert_eq!(texts(&report), violations);
    assert_eq!(report.violation_count, violations.len() as u64);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn empty_store_is_clean() {
    let (_home, store) = tempdir::new_store();
    assert_eq!(store.check_integrity().await.unwrap(), Report::default());
    assert!(store.is_empty().await.unwrap());
}

#[tokio::test]
async fn filled_store_is_clean_and_counted() {
    let home = filled().await;
    let store = tempdir::reopen(home.path());
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(!store.is_empty().await.unwrap());
    let expected = Report {
        members: 5,
        follows: 3,
        whispers: 1,
        blocks: 1,
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
async fn missing_follower_entry_is_reported() {
    let home = filled().await;
    remove_entry(home.path(), &followers_key(2), (MUTUAL, 0, 1));
    assert_violations(
        home.path(),
        &[
            "relation from 1 to 2 is missing in the list of followers",
            "index of followers has 2 entries, expected 3",
        ],
    )
    .await;
}

#[tokio::test]
async fn extra_follower_entry_is_reported() {
    let home = filled().await;
    insert_entry(home.path(), &followers_key(3), (100, 0, 5), &[]);
    assert_violations(home.path(), &["index of followers has 4 entries, expected 3"]).await;
}

#[tokio::test]
async fn relation_missing_in_lists_is_reported() {
    let home = filled().await;
    remove_entry(home.path(), &relations_by_kind_key(1, RelationKind::Whisper), (400, 0, 4));
    assert_violations(
        home.path(),
        &[
            "relation from 1 to 4 is missing in the owner's list of that kind",
            "index of relations by kind has 4 entries, expected 5",
        ],
    )
    .await;
}

#[tokio::test]
async fn listed_relation_without_row_is_reported() {
    let home = filled().await;
    remove_entry(home.path(), &relations_key(4), (0, 0, 5));
    assert_violations(
        home.path(),
        &[
            "index of relations by kind has 5 entries, expected 4",
            "index of private relations has 2 entries, expected 1",
            "counter blocked of 4 is 1, expected 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn missing_group_entry_is_reported() {
    let home = filled().await;
    edit_list(home.path(), &group_members_key(1, GROUP), BTreeMap::clear);
    assert_violations(
        home.path(),
        &[
            "relation from 1 to 2 is missing in the list of group 1",
            "index of group members has 3 entries, expected 4",
            "group 1 of 1 lists 0 members, expected 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn relation_in_missing_group_is_reported() {
    let home = filled().await;
    remove(home.path(), "member_group", &(mid(1), GROUP).bytes());
    assert_violations(home.path(), &["relation from 1 to 2 is in group 1, which does not exist"]).await;
}

#[tokio::test]
async fn extra_group_entry_is_reported() {
    let home = filled().await;
    insert_entry(home.path(), &group_members_key(1, GROUP), (9, 0, 3), &[]);
    assert_violations(
        home.path(),
        &["index of group members has 5 entries, expected 4", "group 1 of 1 lists 2 members, expected 1"],
    )
    .await;
}

#[tokio::test]
async fn wrong_counters_are_reported() {
    let home = filled().await;
    // following, whisper, blocked, follower, special, default: four bytes each.
    let more: Vec<u8> = (9..15u32).flat_map(u32::to_be_bytes).collect();
    patch(home.path(), GRAPH, &counters_key(1), 0, &more);
    assert_violations(
        home.path(),
        &[
            "counter following of 1 is 9, expected 2",
            "counter whisper of 1 is 10, expected 1",
            "counter blocked of 1 is 11, expected 0",
            "counter follower of 1 is 12, expected 1",
            "counter special of 1 is 13, expected 1",
            "counter default of 1 is 14, expected 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn reusable_join_seq_is_reported() {
    let home = filled().await;
    // Behind six counters and three versions.
    patch(home.path(), GRAPH, &counters_key(2), 36, &0u32.to_be_bytes());
    assert_violations(home.path(), &["next join sequence number of 2 is 0, but it is in use"]).await;
}

#[tokio::test]
async fn reusable_seq_is_reported() {
    for (at, last) in [(LAST, MUTUAL - 1), (LAST + 4, 0)] {
        let home = tempdir::empty_dir();
        let community = Community::with_members(tempdir::reopen(home.path()), 3).await;
        let now = i64::from(MUTUAL);
        community
            .relate_all(&[(2, RelationAction::Follow, 1, now), (2, RelationAction::Follow, 3, now)])
            .await;
        drop(community);
        patch(home.path(), GRAPH, &counters_key(2), at, &last.to_be_bytes());
        assert_violations(
            home.path(),
            &[&format!("last relation of 2 is earlier than the existing one of second {MUTUAL}, seq 1")],
        )
        .await;
    }
}

#[tokio::test]
async fn follower_entry_with_wrong_seq_is_reported() {
    let home = filled().await;
    remove_entry(home.path(), &followers_key(2), (MUTUAL, 0, 1));
    insert_entry(home.path(), &followers_key(2), (MUTUAL, 1, 1), &[]);
    assert_violations(home.path(), &["relation from 1 to 2 is missing in the list of followers"]).await;
}

#[tokio::test]
async fn member_without_card_is_reported() {
    let home = filled().await;
    remove(home.path(), "card", &mid(3).bytes());
    assert_violations(home.path(), &["member 3 has no card"]).await;
}

#[tokio::test]
async fn relations_of_unknown_member_are_reported() {
    let home = filled().await;
    remove(home.path(), GRAPH, &counters_key(3));
    assert_violations(home.path(), &["relations or coins of 3, who is not a member"]).await;
}

#[tokio::test]
async fn balance_without_log_entry_is_reported() {
    let home = filled().await;
    remove(home.path(), "coin", &(mid(1), 100u32, 0u32).bytes());
    assert_violations(home.path(), &["balance of 1 is 10 tenths of a coin, expected 0"]).await;
}

#[tokio::test]
async fn whisper_to_a_blocker_is_reported() {
    let home = filled().await;
    // 5 whispers 4, who blocks them. All other rows are consistent.
    insert_entry(home.path(), &relations_key(5), (0, 0, 4), &relation_value(RelationKind::Whisper, 400));
    insert_entry(home.path(), &relations_by_kind_key(5, RelationKind::Whisper), (400, 0, 4), &[]);
    insert_entry(home.path(), &private_relations_key(4), (0, 0, 5), &[]);
    patch(home.path(), GRAPH, &counters_key(5), 4, &1u32.to_be_bytes());
    patch(home.path(), GRAPH, &counters_key(5), LAST, &400u32.to_be_bytes());
    assert_violations(home.path(), &["relation from 4 to 5 is a block, but the reverse one is a whisper"])
        .await;
}

#[tokio::test]
async fn relation_to_oneself_is_reported() {
    let home = filled().await;
    insert_entry(home.path(), &relations_key(5), (0, 0, 5), &relation_value(RelationKind::Block, 400));
    insert_entry(home.path(), &relations_by_kind_key(5, RelationKind::Block), (400, 0, 5), &[]);
    insert_entry(home.path(), &private_relations_key(5), (0, 0, 5), &[]);
    patch(home.path(), GRAPH, &counters_key(5), 8, &1u32.to_be_bytes());
    patch(home.path(), GRAPH, &counters_key(5), LAST, &400u32.to_be_bytes());
    assert_violations(home.path(), &["relation from 5 to 5 has its owner as the target"]).await;
}

#[tokio::test]
async fn unreadable_entry_is_an_error() {
    let cases: [(&str, Vec<u8>); 5] = [
        (GRAPH, relations_key(1)),
        (GRAPH, followers_key(1)),
        (GRAPH, counters_key(1)),
        ("card", mid(1).bytes()),
        ("member_group", (mid(1), GROUP).bytes()),
    ];
    for (table, key) in cases {
        let home = filled().await;
        put(home.path(), table, &key, b"\xff?");
        let checked = tempdir::reopen(home.path()).check_integrity().await;
        assert!(matches!(checked, Err(StorageError::Corrupted(..))), "{table}: {checked:?}");
    }
}

#[tokio::test]
async fn violations_are_capped_but_counted() {
    let (home, store) = tempdir::new_store();
    drop(Community::<EmbeddedStore>::with_members(store, 30).await);
    tamper(home.path(), "card", heed::Database::clear);
    let report = report(home.path()).await;
    assert_eq!((report.violation_count, report.violations.len()), (30, 20));
    assert_eq!(report.violations[0].to_string(), "member 1 has no card");
    assert!(report.to_string().ends_with("30 violations"), "{report}");
}
