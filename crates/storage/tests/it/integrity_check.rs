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
use guanxi_storage::model::{self, Card};
use guanxi_storage::{EmbeddedStore, Store};
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
    options.max_dbs(64).map_size(1 << 24);
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
    tamper(home, table, |db, txn| put_value(db, txn, key, value));
}

/// The length of the checksum behind a value.
const CHECKSUM_LEN: usize = 4;

/// Stores a value with its checksum.
fn put_value(db: &Table, txn: &mut RwTxn<'_>, key: &[u8], value: &[u8]) -> heed::Result<()> {
    let sum = crc32fast::hash(&[key, value].concat()).to_le_bytes();
    db.put(txn, key, &[value, &sum].concat())
}

/// Returns a stored value without its checksum.
fn value_of(stored: &[u8]) -> &[u8] {
    &stored[..stored.len() - CHECKSUM_LEN]
}

/// Replaces bytes of an entry.
fn patch(home: &Path, table: &str, key: &[u8], at: usize, bytes: &[u8]) {
    tamper(home, table, |db, txn| {
        let mut value = value_of(db.get(txn, key)?.expect("the entry exists")).to_vec();
        value[at..at + bytes.len()].copy_from_slice(bytes);
        put_value(db, txn, key, &value)
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
            "counter follower of 2 is 1, expected 0",
            "index of followers has 2 entries, expected 3",
        ],
    )
    .await;
}

#[tokio::test]
async fn extra_follower_entry_is_reported() {
    let home = filled().await;
    insert_entry(home.path(), &followers_key(3), (100, 0, 5), &[]);
    assert_violations(
        home.path(),
        &["counter follower of 3 is 1, expected 2", "index of followers has 4 entries, expected 3"],
    )
    .await;
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
            "counter blocked of 4 is 1, expected 0",
            "index of relations by kind has 5 entries, expected 4",
            "index of private relations has 2 entries, expected 1",
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
            "group 1 of 1 lists 0 members, expected 1",
            "index of group members has 3 entries, expected 4",
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
        &["group 1 of 1 lists 2 members, expected 1", "index of group members has 5 entries, expected 4"],
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
    insert_entry(home.path(), &followers_key(2), (MUTUAL, 2, 1), &[]);
    assert_violations(
        home.path(),
        &[
            "relation from 1 to 2 is missing in the list of followers",
            &format!("last relation of 2 is earlier than the existing one of second {MUTUAL}, seq 2"),
        ],
    )
    .await;
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
async fn unreadable_entry_is_reported_with_its_key() {
    let cases: [(&str, Vec<u8>, &str); 7] = [
        (GRAPH, relations_key(1), "member 1, key 01"),
        (GRAPH, followers_key(1), "member 1, key 03"),
        (GRAPH, counters_key(1), "member 1, key 00"),
        ("card", mid(1).bytes(), "member 1"),
        ("member_group", (mid(1), GROUP).bytes(), "member 1, key 8000000000000001"),
        ("coin", (mid(1), 100u32, 0u32).bytes(), "member 1, key 0000006400000000"),
        ("meta", b"next_tagid".to_vec(), "next_tagid"),
    ];
    for (table, key, described) in cases {
        let home = filled().await;
        put(home.path(), table, &key, b"\xff?");
        let report = report(home.path()).await;
        let text = report.to_string();
        assert_eq!(report.violation_count, 1, "{table}: {text}");
        assert!(
            text.starts_with(&format!("violation: row of {table} cannot be read ({described}): ")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn unreadable_rows_of_every_table_are_reported() {
    let home = filled().await;
    let tables = model::Table::ALL.iter().map(|table| table.name()).chain(["login"]);
    for table in tables.clone() {
        put(home.path(), table, &mid(1).bytes(), b"\xff?");
    }
    let report = report(home.path()).await;
    assert_eq!(report.violation_count, tables.count() as u64);
    let texts = texts(&report).join("\n");
    for table in ["profile", "growth", "upstat", "login"] {
        assert!(texts.contains(&format!("row of {table} cannot be read (member 1)")), "{table}: {texts}");
    }
}

#[tokio::test]
async fn value_that_differs_from_its_checksum_is_never_read() {
    let home = filled().await;
    tamper(home.path(), "card", |db, txn| {
        let key = mid(1).bytes();
        let mut stored = db.get(txn, &key)?.expect("the entry exists").to_vec();
        stored[2] ^= 1;
        db.put(txn, &key, &stored)
    });
    let store = tempdir::reopen(home.path());
    let read = store.get::<Card>(mid(1)).await;
    let expected = "card is corrupted: the value differs from its checksum: member 1";
    assert_eq!(read.expect_err("the value is damaged").to_string(), expected);
    assert!(store.get::<Card>(mid(2)).await.unwrap().is_some());
    let text = store.check_integrity().await.unwrap().to_string();
    assert!(text.contains(expected), "{text}");
    drop(store);
    let text = EmbeddedStore::check_file(home.path(), false).unwrap().to_string();
    assert!(text.contains("(card) has a value or key that differs from its checksum: member 1"), "{text}");
}

#[tokio::test]
async fn row_under_the_key_of_another_is_reported() {
    let home = filled().await;
    tamper(home.path(), "card", |db, txn| {
        let other = value_of(db.get(txn, &mid(2).bytes())?.expect("the entry exists")).to_vec();
        put_value(db, txn, &mid(1).bytes(), &other)
    });
    let expected = "row of card cannot be read (member 1): card is corrupted: the row belongs to another key";
    assert_violations(home.path(), &[expected]).await;
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
