//! The indexes by which the clock, the moderators, the other side of a hidden tie, and who asks for a name find rows.

use super::leaf::{CHAIN, enter, hidden_key, leave, out_key, stat_key, tie, ties_key};
use super::{blames, put, remove, report};
use crate::community::{Community, mid};
use crate::home;
use crate::members::{NOW, reached, whence};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::operator::events::{Event, What};
use guanxi_domain::sign::Review;
use guanxi_domain::tie::RelationKind;
use guanxi_domain::tries::Quota;
use guanxi_storage::command::{ApplyRealname, CheckRateLimit, DrawQr, Ingest, OpenSession};
use guanxi_storage::key::Key;
use guanxi_storage::row::{Card, Table, Vip};
use guanxi_storage::{Row, Store};
use std::sync::Arc;
use tempfile::TempDir;

const SECOND: u32 = 1_589_904_000;

/// One of everything that is awaited, and ties that only their owners see; nobody has it open.
async fn filled() -> TempDir {
    let (home, store) = home::fresh();
    fill(store).await;
    home
}

pub(super) async fn fill<S: Store>(store: S) {
    let community = Community::of(store, 3).await;
    community.acts(&[(1, RelationAction::Whisper, 2, 400), (2, RelationAction::Black, 3, 500)]).await;
    assert_eq!(community.sign_up(reached("甲", "15312345056"), 9).await, Ok(4));
    assert_eq!(community.submit(1, "早", Review::After(60), NOW).await, Ok(()));
    assert_eq!(community.submit(2, "晚", Review::Moderator, NOW).await, Ok(()));
    let (name, card, vault) = ("陈唯恺".to_owned(), "61".to_owned(), Arc::clone(&community.vault));
    let apply = ApplyRealname { me: mid(1), name, card, card_type: 0, vault, now: NOW };
    assert_eq!(community.run(apply).await, Ok(()));
    let open = OpenSession { me: mid(1), hash: [1; 32], now: NOW, expires: NOW + 7 };
    assert_eq!(community.run(open).await, Ok(()));
    let (hash, caller, whence) = ([2; 32], [3; 32], whence("A"));
    assert_eq!(community.run(DrawQr { hash, caller, whence, now: NOW, expires: NOW + 8 }).await, Ok(()));
    let doors = vec![([4; 32], Quota { tries: 1, window: 9, wait: 60 })];
    assert!(community.run(CheckRateLimit { doors, now: NOW }).await.is_ok());
    let event = Event {
        id: "a".to_owned().try_into().expect("an id"),
        time: Some(NOW),
        what: What::Watch { mid: mid(1) },
    };
    assert!(community.run(Ingest { events: vec![event], remember: 10, now: NOW }).await.is_ok());
    let vip = Vip { kind: 1, status: 1, due_date: (NOW + 10) * 1000, ..Vip::default() };
    let card = Card { vip, ..Card::of(mid(2)) };
    assert_eq!(community.load(vec![Row::Card(Box::new(card))]).await.fault, None);
    community.let_go(3).await;
}

fn due_key(second: u32, table: Table, key: &[u8]) -> Vec<u8> {
    [vec![table as u8], second.bytes(), key.to_vec()].concat()
}

fn waiting_key(table: Table, second: u32, member: u64) -> Vec<u8> {
    [vec![table as u8], (second, mid(member)).bytes()].concat()
}

#[tokio::test]
async fn what_is_awaited_is_clean() {
    let home = filled().await;
    let report = report(home.path()).await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn what_the_clock_does_not_find() {
    let cases = [
        ("sign", due_key(SECOND + 60, Table::Sign, &mid(1).bytes())),
        ("session", due_key(SECOND + 7, Table::Session, &[1; 32])),
        ("qr", due_key(SECOND + 8, Table::Qr, &[2; 32])),
        ("door", due_key(SECOND + 9, Table::Door, &[4; 32])),
        ("card", due_key(SECOND + 10, Table::Card, &mid(2).bytes())),
        ("farewell", due_key(SECOND, Table::Farewell, &mid(3).bytes())),
    ];
    for (table, key) in cases {
        let home = filled().await;
        remove(home.path(), "due", &key);
        blames(
            home.path(),
            &[
                &format!("a row of {table} waits, and nobody will look at it"),
                "there are 7 entries of what the clock looks at for 8 rows that are due some time",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn what_the_clock_finds_at_another_time() {
    let home = filled().await;
    remove(home.path(), "due", &due_key(SECOND + 7, Table::Session, &[1; 32]));
    put(home.path(), "due", &due_key(SECOND + 6, Table::Session, &[1; 32]), &[]);
    blames(home.path(), &["a row of session waits, and nobody will look at it"]).await;
}

#[tokio::test]
async fn what_the_clock_finds_and_is_not_there() {
    let home = filled().await;
    put(home.path(), "due", &due_key(SECOND + 7, Table::Event, &[7; 32]), &[]);
    blames(
        home.path(),
        &["there are 9 entries of what the clock looks at for 8 rows that are due some time"],
    )
    .await;
}

#[tokio::test]
async fn what_no_moderator_finds() {
    for (table, name, member) in [(Table::Sign, "sign", 2), (Table::Realname, "realname", 1)] {
        let home = filled().await;
        remove(home.path(), "waiting", &waiting_key(table, SECOND, member));
        blames(
            home.path(),
            &[
                &format!("a row of {name} waits, and nobody will look at it"),
                "there are 2 entries of what moderators look at for 3 rows that wait for one",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn what_a_moderator_finds_and_is_not_there() {
    let home = filled().await;
    put(home.path(), "waiting", &waiting_key(Table::Realname, SECOND, 2), &[]);
    blames(home.path(), &["there are 4 entries of what moderators look at for 3 rows that wait for one"])
        .await;
}

#[tokio::test]
async fn a_hidden_tie_that_the_other_side_does_not_find() {
    for (from, to) in [(1, 2), (2, 3)] {
        let home = filled().await;
        leave(home.path(), &hidden_key(to), (0, 0, from));
        blames(
            home.path(),
            &[
                &format!("the tie from {from} to {to} is not found by whom it goes to"),
                "there are 1 entries of ties that only their owners see for 2 ties",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_hidden_tie_that_is_none() {
    let home = filled().await;
    enter(home.path(), &hidden_key(1), (0, 0, 3), &[]);
    blames(home.path(), &["there are 3 entries of ties that only their owners see for 2 ties"]).await;
}

#[tokio::test]
async fn a_hidden_tie_that_became_another() {
    let home = filled().await;
    // 1's whisper of 2 is a black by now, and only its lists know.
    enter(home.path(), &ties_key(1), (0, 0, 2), &tie(RelationKind::Black, 400));
    leave(home.path(), &out_key(1, RelationKind::Whisper), (400, 0, 2));
    enter(home.path(), &out_key(1, RelationKind::Black), (400, 0, 2), &[]);
    blames(home.path(), &["1 tells 1 whispers and has 0", "1 tells 0 blacks and has 1"]).await;
}

#[tokio::test]
async fn a_name_that_finds_nobody() {
    let home = filled().await;
    remove(home.path(), CHAIN, &stat_key(4));
    // A name, a user name, a phone.
    blames(home.path(), &["a name or a phone finds 4, and there is no such member"; 3]).await;
}

#[tokio::test]
async fn a_session_that_is_not_among_theirs() {
    let home = filled().await;
    remove(home.path(), "sessions", &(mid(1), [1; 32]).bytes());
    blames(
        home.path(),
        &["a session of 1 is not among theirs", "there are 1 entries of members' sessions for 2 sessions"],
    )
    .await;
}
