//! The same invariants where a community is in a database, whose tables anybody may tamper with who has its password.

use super::{awaited, fill};
use crate::home::database;
use guanxi_storage::{PostgresStore, StorageError, Store};
use guanxi_test_postgres::Schema;

/// A database to tamper with, and to bring back to what it was.
struct Tampered {
    schema: Schema,
    store: PostgresStore,
}

/// Does something with every table that is guanxi's: `%1$I` is its name, `%2$I` that of its copy.
fn with_each(text: &str) -> String {
    format!(
        "do $$ declare t text; begin for t in select table_name from information_schema.tables \
         where table_schema = current_schema() and table_name not like 'kept\\_%' loop \
         execute format('{text}', t, 'kept_' || t); end loop; end $$"
    )
}

impl Tampered {
    async fn say(&self, text: &str) {
        self.schema
            .client()
            .await
            .batch_execute(text)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }

    /// That a change is blamed as these offenders; then it is undone.
    async fn blames(&self, change: &str, offenders: &[&str]) {
        self.say(change).await;
        let report = self.store.check().await.expect("everything can be read");
        assert_eq!(report.offenders, offenders, "{change}");
        self.undo().await;
    }

    async fn undo(&self) {
        self.say(&with_each("truncate %1$I; insert into %1$I select * from %2$I")).await;
    }
}

/// A database with something in it, kept as it is.
async fn tampered(schema: Schema, store: PostgresStore) -> Tampered {
    let tampered = Tampered { schema, store };
    tampered.say(&with_each("create table %2$I as select * from %1$I")).await;
    tampered.blames("select", &[]).await;
    tampered
}

#[tokio::test]
async fn what_does_not_agree_with_the_ties_is_blamed() {
    let Some((schema, store)) = database().await else { return };
    fill(store.clone()).await;
    let tampered = tampered(schema, store).await;
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        ("update stat set following = 9, whisper = 10, black = 11, follower = 12, special = 13, \"default\" = 14 where mid = 1",
            &["1 tells 9 followings and has 2", "1 tells 10 whispers and has 1", "1 tells 11 blacks and has 0",
              "1 tells 12 fans and has 1", "1 tells 13 members of 特别关注 and has 1", "1 tells 14 members of 默认分组 and has 1"]),
        ("update stat set turn = 0 where mid = 2", &["2's next turn 0 was taken already"]),
        ("update stat set coins = 11 where mid = 1", &["1 has 11 tenths of a coin and a log of 10"]),
        ("delete from stat where mid = 3", &["there are ties or coins of 3, and no such member"]),
        ("delete from coin where mid = 1", &["1 has 10 tenths of a coin and a log of 0"]),
        ("insert into coin (mid, time, delta, reason) values (99, 1, 5, '')", &["there are ties or coins of 99, and no such member"]),
        ("delete from fan where mid = 2 and fid = 1",
            &["the ties that come to 2 are not those that others have", "2 tells 1 fans and has 0"]),
        ("insert into fan values (3, 5, 2, 0, 100)",
            &["the ties that come to 3 are not those that others have", "3 tells 1 fans and has 2"]),
        ("update fan set mtime = 199 where mid = 2", &["the ties that come to 2 are not those that others have"]),
        ("update fan set seq = 1 where mid = 3",
            &["the ties that come to 3 are not those that others have", "3 does not know of the relation 1 of the second 300"]),
        ("update tie set seq = 1 where mid = 1 and fid = 3", &["the ties that come to 3 are not those that others have"]),
        ("update stat set last_mtime = 299 where mid = 3", &["3 does not know of the relation 0 of the second 300"]),
        ("update fan set attribute = 1 where mid = 3",
            &["the ties that come to 3 are not those that others have", "3 tells 1 fans and has 0"]),
        ("update fan set fid = 5 where mid = 3", &["the ties that come to 3 are not those that others have"]),
        ("delete from fan where mid = 4 and fid = 1", &["the ties that come to 4 are not those that others have"]),
        ("delete from fan where mid = 5", &["the ties that come to 5 are not those that others have"]),
        ("insert into fan values (1, 5, 128, 0, 100)", &["the ties that come to 1 are not those that others have"]),
        ("delete from tie where mid = 4", &["the ties that come to 5 are not those that others have", "4 tells 1 blacks and has 0"]),
        ("update tie set mtime = 301 where mid = 1 and fid = 3", &["the ties that come to 3 are not those that others have"]),
        ("insert into tie values (5, 4, 2, 0, 400, 11, 0); insert into fan values (4, 5, 2, 0, 400); \
          update stat set following = 1, \"default\" = 1, turn = 1, last_mtime = 400 where mid = 5; update stat set follower = 1 where mid = 4",
            &["the tie from 4 to 5 is of 128, and one of 2 comes back to it"]),
        ("update tie set turn = null where mid = 1 and fid = 3",
            &["the tie from 1 to 3 is in no group and a follow, or in one and none", "1 tells 1 members of 默认分组 and has 0"]),
        ("update tie set turn = 1 where mid = 1 and fid = 4",
            &["the tie from 1 to 4 is in no group and a follow, or in one and none", "1 tells 1 members of 默认分组 and has 2"]),
        ("update tie set turn = 1 where mid = 1 and fid = 2",
            &["the tie from 1 to 2 is in the default group and in another",
              "the tie from 1 to 2 is in the default group and in another", "1 tells 1 members of 默认分组 and has 2"]),
        ("delete from grouped where mid = 1 and tagid = -10", &["1 tells 1 members of 特别关注 and has 0"]),
        ("insert into grouped values (1, -10, 0, 5)",
            &["the tie from 1 to 5 is in a group, and is not there or no follow", "1 tells 1 members of 特别关注 and has 2"]),
        ("insert into grouped values (1, -10, 0, 4)",
            &["the tie from 1 to 4 is in no group and a follow, or in one and none",
              "the tie from 1 to 4 is in a group, and is not there or no follow", "1 tells 1 members of 特别关注 and has 2"]),
        ("delete from own_group", &["the tie from 1 to 2 is in a group that is not there"]),
        ("insert into own_group values (2, 1, '同学')", &["the group 1 is 2 members'"]),
        ("delete from card where mid = 3", &["the member 3 has no card"]),
        ("update next set value = 1", &["the next tagid is 1, and 1 was given", "the next mid is 1, and 5 was given"]),
        ("delete from next where name = 'tagid'", &["the next tagid is 0, and 1 was given"]),
    ];
    for (change, offenders) in cases {
        tampered.blames(change, offenders).await;
    }
}

#[tokio::test]
async fn what_nobody_finds_is_blamed() {
    let Some((schema, store)) = database().await else { return };
    awaited::fill(store.clone()).await;
    let tampered = tampered(schema, store).await;
    for table in ["card", "sign", "session", "qr", "door", "event", "farewell"] {
        let at_another_time = format!("a row of {table} waits, and is looked at at another time");
        for next in ["attend_at + 1", "null"] {
            let change = format!("update {table} set attend_at = {next} where attend_at is not null");
            let count = if table == "session" { 2 } else { 1 };
            tampered.blames(&change, &vec![at_another_time.as_str(); count]).await;
        }
    }
    for table in ["sign", "realname"] {
        let at_another_time = format!("a row of {table} waits, and is looked at at another time");
        let change = format!("update {table} set waits_since = null where mid = 1");
        tampered.blames(&change, &[&at_another_time]).await;
    }
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        ("delete from member_session where mid = 1", &["a session of 1 is not among theirs"]),
        ("delete from session where mid = 1", &["a session among those of 1 is none of theirs"]),
        ("insert into member_session select 2, hash from member_session where mid = 1; delete from member_session where mid = 1",
            &["a session among those of 2 is none of theirs"]),
        ("insert into handle values (decode(repeat('ab', 32), 'hex'), 99)", &["a name or a phone finds 99, and there is no such member"]),
        ("delete from stat where mid = 4", &["a name or a phone finds 4, and there is no such member"; 3]),
        ("update next set value = 1 where name = 'audit'", &["the next audit is 1, and 1 was given"]),
    ];
    for (change, offenders) in cases {
        tampered.blames(change, offenders).await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_in_a_table_is_a_fault_and_no_panic() {
    let Some((schema, store)) = database().await else { return };
    awaited::fill(store.clone()).await;
    let tampered = tampered(schema, store).await;
    for change in [
        "update stat set following = -1",
        "update stat set turn = 4294967296",
        "insert into member_session values (1, '\\x01')",
        "insert into member_session select 0, hash from member_session where mid = 1",
        "update realname set standing = 'perhaps'",
    ] {
        tampered.say(change).await;
        let checked = tampered.store.check().await;
        assert!(matches!(checked, Err(StorageError::Corrupted(..))), "{change}: {checked:?}");
        tampered.undo().await;
    }
}
