//! The integrity check of PostgreSQL, on tampered tables.

use super::{fill, schedules, texts};
use crate::tempdir::new_database_store;
use guanxi_storage::{PostgresStore, StorageError, Store};
use guanxi_test_postgres::Schema;

/// A database with a copy of each table, to undo changes.
struct Tampered {
    schema: Schema,
    store: PostgresStore,
}

/// Returns a statement for every table. `%1$I` is the table, `%2$I` its copy.
fn for_each_table(text: &str) -> String {
    format!(
        "do $$ declare t text; begin for t in select table_name from information_schema.tables \
         where table_schema = current_schema() and table_name not like 'copy\\_%' loop \
         execute format('{text}', t, 'copy_' || t); end loop; end $$"
    )
}

impl Tampered {
    async fn execute(&self, text: &str) {
        self.schema
            .client()
            .await
            .batch_execute(text)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }

    /// Asserts that a change is reported as these violations. Undoes the change.
    async fn assert_violations(&self, change: &str, violations: &[&str]) {
        self.execute(change).await;
        let report = self.store.check_integrity().await.expect("the store is readable");
        assert_eq!(texts(&report), violations, "{change}");
        self.undo().await;
    }

    async fn undo(&self) {
        self.execute(&for_each_table("truncate %1$I; insert into %1$I select * from %2$I")).await;
    }
}

/// Copies all tables of a clean database.
async fn with_copies(schema: Schema, store: PostgresStore) -> Tampered {
    let tampered = Tampered { schema, store };
    tampered.execute(&for_each_table("create table %2$I as select * from %1$I")).await;
    tampered.assert_violations("select", &[]).await;
    tampered
}

#[tokio::test]
async fn tampered_relations_are_reported() {
    let Some((schema, store)) = new_database_store().await else { return };
    fill(store.clone()).await;
    let tampered = with_copies(schema, store).await;
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        ("update counters set following = 9, whisper = 10, blocked = 11, follower = 12, special = 13, \"default\" = 14 where mid = 1",
            &["counter following of 1 is 9, expected 2", "counter whisper of 1 is 10, expected 1", "counter blocked of 1 is 11, expected 0",
              "counter follower of 1 is 12, expected 1", "counter special of 1 is 13, expected 1", "counter default of 1 is 14, expected 1"]),
        ("update counters set next_join_seq = 0 where mid = 2", &["next join sequence number of 2 is 0, but it is in use"]),
        ("update counters set coins = 11 where mid = 1", &["balance of 1 is 11 tenths of a coin, expected 10"]),
        ("delete from counters where mid = 3", &["relations or coins of 3, who is not a member"]),
        ("delete from coin where mid = 1", &["balance of 1 is 10 tenths of a coin, expected 0"]),
        ("insert into coin (mid, time, delta, reason) values (99, 1, 5, '')", &["relations or coins of 99, who is not a member"]),
        ("delete from follower_index where mid = 2 and fid = 1",
            &["follower index of 2 differs from the relations to the member", "counter follower of 2 is 1, expected 0"]),
        ("insert into follower_index values (3, 5, 2, 0, 100)",
            &["follower index of 3 differs from the relations to the member", "counter follower of 3 is 1, expected 2"]),
        ("update follower_index set mtime = 199 where mid = 2", &["follower index of 2 differs from the relations to the member"]),
        ("update follower_index set seq = 1 where mid = 3",
            &["follower index of 3 differs from the relations to the member", "last relation of 3 is earlier than the existing one of second 300, seq 1"]),
        ("update relation set seq = 1 where mid = 1 and fid = 3", &["follower index of 3 differs from the relations to the member"]),
        ("update counters set last_mtime = 299 where mid = 3", &["last relation of 3 is earlier than the existing one of second 300, seq 0"]),
        ("update follower_index set attribute = 1 where mid = 3",
            &["follower index of 3 differs from the relations to the member", "counter follower of 3 is 1, expected 0"]),
        ("update follower_index set fid = 5 where mid = 3", &["follower index of 3 differs from the relations to the member"]),
        ("delete from follower_index where mid = 4 and fid = 1", &["follower index of 4 differs from the relations to the member"]),
        ("delete from follower_index where mid = 5", &["follower index of 5 differs from the relations to the member"]),
        ("insert into follower_index values (1, 5, 128, 0, 100)", &["follower index of 1 differs from the relations to the member"]),
        ("delete from relation where mid = 4", &["follower index of 5 differs from the relations to the member", "counter blocked of 4 is 1, expected 0"]),
        ("update relation set mtime = 301 where mid = 1 and fid = 3", &["follower index of 3 differs from the relations to the member"]),
        ("insert into relation values (5, 4, 2, 0, 400, 11, 0); insert into follower_index values (4, 5, 2, 0, 400); \
          update counters set following = 1, \"default\" = 1, next_join_seq = 1, last_mtime = 400 where mid = 5; update counters set follower = 1 where mid = 4",
            &["relation from 4 to 5 is a block, but the reverse one is a follow"]),
        ("update relation set join_seq = null where mid = 1 and fid = 3",
            &["relation from 1 to 3 is a follow without a group, or another kind in one", "counter default of 1 is 1, expected 0"]),
        ("update relation set join_seq = 1 where mid = 1 and fid = 4",
            &["relation from 1 to 4 is a follow without a group, or another kind in one", "counter default of 1 is 1, expected 2"]),
        ("update relation set join_seq = 1 where mid = 1 and fid = 2",
            &["relation from 1 to 2 is in the default group and in another",
              "relation from 1 to 2 is in the default group and in another", "counter default of 1 is 1, expected 2"]),
        ("delete from group_member where mid = 1 and tagid = -10", &["counter special of 1 is 1, expected 0"]),
        ("insert into group_member values (1, -10, 0, 5)",
            &["relation from 1 to 5 is in a group, but is missing or not a follow", "counter special of 1 is 1, expected 2"]),
        ("insert into group_member values (1, -10, 0, 4)",
            &["relation from 1 to 4 is a follow without a group, or another kind in one",
              "relation from 1 to 4 is in a group, but is missing or not a follow", "counter special of 1 is 1, expected 2"]),
        ("delete from member_group", &["relation from 1 to 2 is in group 1, which does not exist"]),
        ("insert into member_group values (2, 1, '同学')", &["group 1 belongs to more than one member"]),
        ("delete from card where mid = 3", &["member 3 has no card"]),
        ("update next_id set value = 1", &["next tagid is 1, but 1 is in use", "next mid is 1, but 5 is in use"]),
        ("delete from next_id where name = 'tagid'", &["next tagid is 0, but 1 is in use"]),
    ];
    for (change, violations) in cases {
        tampered.assert_violations(change, violations).await;
    }
}

#[tokio::test]
async fn tampered_indexes_are_reported() {
    let Some((schema, store)) = new_database_store().await else { return };
    schedules::fill(store.clone()).await;
    let tampered = with_copies(schema, store).await;
    for table in ["card", "bio_review", "session", "qr_login", "rate_limit", "event", "pending_deletion"] {
        let wrong_schedule = format!("a row of {table} has a wrong run_at or review_since");
        for next in ["run_at + 1", "null"] {
            let change = format!("update {table} set run_at = {next} where run_at is not null");
            let count = if table == "session" { 2 } else { 1 };
            tampered.assert_violations(&change, &vec![wrong_schedule.as_str(); count]).await;
        }
    }
    for table in ["bio_review", "realname"] {
        let wrong_schedule = format!("a row of {table} has a wrong run_at or review_since");
        let change = format!("update {table} set review_since = null where mid = 1");
        tampered.assert_violations(&change, &[&wrong_schedule]).await;
    }
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        ("delete from member_session where mid = 1", &["session of 1 is missing in the session index"]),
        ("delete from session where mid = 1", &["session index of 1 has a session of another"]),
        ("insert into member_session select 2, hash from member_session where mid = 1; delete from member_session where mid = 1",
            &["session index of 2 has a session of another"]),
        ("insert into login_identifier values (decode(repeat('ab', 32), 'hex'), 99)", &["login identifier of 99, who is not a member"]),
        ("delete from counters where mid = 4", &["login identifier of 4, who is not a member"; 3]),
        ("update card set uname = '乙' where mid = 2",
            &["a row of card has a wrong version", "name index of 2 differs from the member's name"]),
        ("delete from name_index where mid = 4 and kind = 1", &["name index of 4 differs from the member's name"]),
        ("insert into name_index values (99, 1, 'a')", &["name index of 99 differs from the member's name"]),
        ("update next_id set value = 1 where name = 'audit'", &["next audit is 1, but 1 is in use"]),
    ];
    for (change, violations) in cases {
        tampered.assert_violations(change, violations).await;
    }
}

#[tokio::test]
async fn unreadable_column_is_an_error() {
    let Some((schema, store)) = new_database_store().await else { return };
    schedules::fill(store.clone()).await;
    let tampered = with_copies(schema, store).await;
    for change in [
        "update counters set following = -1",
        "update counters set next_join_seq = 4294967296",
        "insert into member_session values (1, '\\x01')",
        "insert into member_session select 0, hash from member_session where mid = 1",
        "update realname set status = 'perhaps'",
    ] {
        tampered.execute(change).await;
        let result = tampered.store.check_integrity().await;
        assert!(matches!(result, Err(StorageError::Corrupted(..))), "{change}: {result:?}");
        tampered.undo().await;
    }
}
