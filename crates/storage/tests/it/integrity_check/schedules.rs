//! The indexes of due rows, pending reviews, private relations, login identifiers and sessions.

use super::btree_leaf::{
    GRAPH, counters_key, insert_entry, private_relations_key, relation_value, relations_by_kind_key,
    relations_key, remove_entry,
};
use super::{assert_violations, put, remove, report};
use crate::community::{Community, mid};
use crate::members::{NOW, login_origin, member_with_phone};
use crate::tempdir;
use guanxi_domain::bio::ReviewPolicy;
use guanxi_domain::rate_limit::Quota;
use guanxi_domain::relation::RelationKind;
use guanxi_storage::commands::{CheckRateLimit, CreateQrCode, CreateSession, IngestEvents, SubmitRealname};
use guanxi_storage::key::Key;
use guanxi_storage::model::{Card, Table, Vip};
use guanxi_storage::{Row, Store};
use guanxi_types::{Event, EventKind, RelationAction};
use std::sync::Arc;
use tempfile::TempDir;

const SECOND: u32 = 1_589_904_000;

/// Creates rows of every schedule, and private relations. Closes the store.
async fn filled() -> TempDir {
    let (home, store) = tempdir::new_store();
    fill(store).await;
    home
}

pub(super) async fn fill<S: Store>(store: S) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(1, RelationAction::Whisper, 2, 400), (2, RelationAction::Block, 3, 500)]).await;
    assert_eq!(community.sign_up(member_with_phone("甲", "15312345056"), 9).await, Ok(4));
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), NOW).await, Ok(()));
    assert_eq!(community.submit(2, "晚", ReviewPolicy::Moderator, NOW).await, Ok(()));
    let (name, card, cipher) = ("陈唯恺".to_owned(), "61".to_owned(), Arc::clone(&community.cipher));
    let apply = SubmitRealname { me: mid(1), name, card, card_type: 0, cipher, now: NOW };
    assert_eq!(community.run(apply).await, Ok(()));
    let open = CreateSession { me: mid(1), hash: [1; 32], now: NOW, expires: NOW + 7 };
    assert_eq!(community.run(open).await, Ok(()));
    let (hash, claim_secret, origin) = ([2; 32], [3; 32], login_origin("A"));
    assert_eq!(
        community.run(CreateQrCode { hash, claim_secret, origin, now: NOW, expires: NOW + 8 }).await,
        Ok(())
    );
    let buckets = vec![([4; 32], Quota { max_attempts: 1, window_seconds: 9, lockout_seconds: 60 })];
    assert!(community.run(CheckRateLimit { buckets, now: NOW }).await.is_ok());
    let event = Event {
        id: "a".to_owned().try_into().expect("an id"),
        time: Some(NOW),
        kind: EventKind::Watch { mid: mid(1) },
    };
    assert!(community.run(IngestEvents { events: vec![event], id_retention: 10, now: NOW }).await.is_ok());
    let vip = Vip { kind: 1, status: 1, due_date: (NOW + 10) * 1000, ..Vip::default() };
    let card = Card { vip, ..Card::new(mid(2)) };
    assert_eq!(community.import(vec![Row::Card(Box::new(card))]).await.error, None);
    community.delete_member(3).await;
}

fn due_key(second: u32, table: Table, key: &[u8]) -> Vec<u8> {
    [vec![table as u8], second.bytes(), key.to_vec()].concat()
}

fn review_key(table: Table, second: u32, member: u64) -> Vec<u8> {
    [vec![table as u8], (second, mid(member)).bytes()].concat()
}

#[tokio::test]
async fn schedules_are_clean() {
    let home = filled().await;
    let report = report(home.path()).await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn missing_due_entry_is_reported() {
    let cases = [
        ("bio_review", due_key(SECOND + 60, Table::BioReview, &mid(1).bytes())),
        ("session", due_key(SECOND + 7, Table::Session, &[1; 32])),
        ("qr_login", due_key(SECOND + 8, Table::QrLogin, &[2; 32])),
        ("rate_limit", due_key(SECOND + 9, Table::RateLimit, &[4; 32])),
        ("card", due_key(SECOND + 10, Table::Card, &mid(2).bytes())),
        ("pending_deletion", due_key(SECOND, Table::PendingDeletion, &mid(3).bytes())),
    ];
    for (table, key) in cases {
        let home = filled().await;
        remove(home.path(), "due", &key);
        assert_violations(
            home.path(),
            &[
                &format!("a row of {table} is missing in the index of due rows"),
                "index of due rows has 7 entries, expected 8",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn due_entry_with_wrong_time_is_reported() {
    let home = filled().await;
    remove(home.path(), "due", &due_key(SECOND + 7, Table::Session, &[1; 32]));
    put(home.path(), "due", &due_key(SECOND + 6, Table::Session, &[1; 32]), &[]);
    assert_violations(home.path(), &["a row of session is missing in the index of due rows"]).await;
}

#[tokio::test]
async fn extra_due_entry_is_reported() {
    let home = filled().await;
    put(home.path(), "due", &due_key(SECOND + 7, Table::Event, &[7; 32]), &[]);
    assert_violations(home.path(), &["index of due rows has 9 entries, expected 8"]).await;
}

#[tokio::test]
async fn missing_review_entry_is_reported() {
    for (table, name, member) in [(Table::BioReview, "bio_review", 2), (Table::Realname, "realname", 1)] {
        let home = filled().await;
        remove(home.path(), "pending_review", &review_key(table, SECOND, member));
        assert_violations(
            home.path(),
            &[
                &format!("a row of {name} is missing in the index of pending reviews"),
                "index of pending reviews has 2 entries, expected 3",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn extra_review_entry_is_reported() {
    let home = filled().await;
    put(home.path(), "pending_review", &review_key(Table::Realname, SECOND, 2), &[]);
    assert_violations(home.path(), &["index of pending reviews has 4 entries, expected 3"]).await;
}

#[tokio::test]
async fn missing_private_index_entry_is_reported() {
    for (from, to) in [(1, 2), (2, 3)] {
        let home = filled().await;
        remove_entry(home.path(), &private_relations_key(to), (0, 0, from));
        assert_violations(
            home.path(),
            &[
                &format!("relation from {from} to {to} is missing in the list of private relations"),
                "index of private relations has 1 entries, expected 2",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn extra_private_index_entry_is_reported() {
    let home = filled().await;
    insert_entry(home.path(), &private_relations_key(1), (0, 0, 3), &[]);
    assert_violations(home.path(), &["index of private relations has 3 entries, expected 2"]).await;
}

#[tokio::test]
async fn private_relation_of_wrong_kind_is_reported() {
    let home = filled().await;
    // The row of the whisper from 1 to 2 becomes a block, and so does its list, but not the counters.
    insert_entry(home.path(), &relations_key(1), (0, 0, 2), &relation_value(RelationKind::Block, 400));
    remove_entry(home.path(), &relations_by_kind_key(1, RelationKind::Whisper), (400, 0, 2));
    insert_entry(home.path(), &relations_by_kind_key(1, RelationKind::Block), (400, 0, 2), &[]);
    assert_violations(
        home.path(),
        &["counter whisper of 1 is 1, expected 0", "counter blocked of 1 is 0, expected 1"],
    )
    .await;
}

#[tokio::test]
async fn identifier_of_unknown_member_is_reported() {
    let home = filled().await;
    remove(home.path(), GRAPH, &counters_key(4));
    // A name, a user name, a phone.
    assert_violations(home.path(), &["login identifier of 4, who is not a member"; 3]).await;
}

#[tokio::test]
async fn session_missing_in_index_is_reported() {
    let home = filled().await;
    remove(home.path(), "member_session", &(mid(1), [1; 32]).bytes());
    assert_violations(
        home.path(),
        &[
            "session of 1 is missing in the session index",
            "index of member sessions has 1 entries, expected 2",
        ],
    )
    .await;
}

#[tokio::test]
async fn wrong_name_index_is_reported() {
    let differs = ["name index of 4 differs from the member's name"];
    let key = |kind: u8, text: &str| [&[kind], text.as_bytes(), &mid(4).bytes()].concat();
    let home = filled().await;
    remove(home.path(), "name_index", &key(1, "甲"));
    assert_violations(home.path(), &differs).await;
    put(home.path(), "name_index", &key(1, "甲"), &[]);
    assert!(report(home.path()).await.is_clean());
    put(home.path(), "name_index", &key(3, "y"), &[]);
    assert_violations(home.path(), &differs).await;
}
