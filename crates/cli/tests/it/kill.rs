//! Killed at a random moment under parallel follows, and opened again: every write that was acknowledged is there.

use crate::program::{Service, member};
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_client::{Client, Cookies, Retries};
use guanxi_server::session::Token;
use guanxi_storage::command::{InsertRows, OpenSession};
use guanxi_storage::embedded::Options;
use guanxi_storage::row::Card;
use guanxi_storage::vault::Keyring;
use guanxi_storage::{EmbeddedStore, FieldCipher, Row, Store};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

const MEMBERS: u64 = 24;
const WRITERS: u64 = 12;

/// How many times it is killed in the normal run; `GUANXI_TEST_KILLS` says more.
const KILLS: usize = 30;

/// What a writer knows of a tie: the last act that was acknowledged, and one that was sent and not answered.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    follows: bool,
    in_flight: Option<bool>,
}

type Ties = HashMap<(u64, u64), Known>;

fn open(data: &Path) -> EmbeddedStore {
    EmbeddedStore::open(data, Options::default()).unwrap()
}

/// A community of a few members, and sessions of those who write.
async fn found(data: &Path) -> Vec<Cookies> {
    let store = open(data);
    let rows = (1..=MEMBERS).map(|mid| Row::Card(Box::new(Card::of(member(mid))))).collect();
    store.run(InsertRows { rows, vault: Arc::new(FieldCipher::new(Keyring::draw())) }).await.unwrap();
    let mut cookies = Vec::new();
    for mid in 1..=WRITERS {
        let token = Token::draw();
        let session = OpenSession { me: member(mid), hash: token.hash(), now: 0, expires: i64::MAX };
        store.run(session).await.unwrap();
        cookies.push(Cookies {
            sessdata: token.secret().to_owned(),
            bili_jct: token.csrf(),
            dede_user_id: mid.to_string(),
            buvid3: String::new(),
        });
    }
    cookies
}

/// Follows and unfollows in turn until the service is gone; gives back what is known of the writer's ties.
async fn write(me: u64, client: Client, mut ties: Ties, acknowledged: Arc<AtomicUsize>) -> Ties {
    for them in (1..=MEMBERS).filter(|them| *them != me).cycle() {
        let known = ties.entry((me, them)).or_default();
        let follow = !known.follows;
        known.in_flight = Some(follow);
        let act = if follow { RelationAction::Follow } else { RelationAction::Unfollow };
        if client.send(&Modify { fid: member(them), act, re_src: Source::USUAL }).await.is_err() {
            break;
        }
        *known = Known { follows: follow, in_flight: None };
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    ties
}

/// Serves, writes, kills once so many writes were acknowledged; gives back what is known.
async fn round(data: &Path, cookies: &[Cookies], ties: &Ties, until: usize) -> Ties {
    let mut service = Service::serve(data);
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut writers = JoinSet::new();
    let once = guanxi_client::Options { retries: Retries::NONE, ..Default::default() };
    for (me, cookies) in (1..).zip(cookies) {
        let mine =
            ties.iter().filter(|((from, _), _)| *from == me).map(|(key, known)| (*key, *known)).collect();
        let client = Client::with(&service.base, &once).unwrap().logged_in(cookies.clone());
        writers.spawn(write(me, client, mine, Arc::clone(&acknowledged)));
    }
    while acknowledged.load(Ordering::Relaxed) < until {
        tokio::task::yield_now().await;
    }
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    writers.join_all().await.into_iter().flatten().collect()
}

/// Compares the store with what is known, and learns what became of the acts that were in flight.
async fn compare(data: &Path, ties: &mut Ties) {
    let store = open(data);
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
    for (&(from, to), known) in ties {
        let pair = store.pair(member(from), member(to)).await.unwrap().unwrap();
        let follows = pair.outgoing.is_some();
        let possible = [Some(known.follows), known.in_flight];
        assert!(possible.contains(&Some(follows)), "{from} to {to}: {known:?}, and follows is {follows}");
        *known = Known { follows, in_flight: None };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost() {
    let kills = std::env::var("GUANXI_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let cookies = found(&data).await;
    let mut ties = Ties::new();
    for kill in 0..kills {
        // From the very first write to some way in, a different moment each time.
        ties = round(&data, &cookies, &ties, kill * 7 % 90).await;
        compare(&data, &mut ties).await;
    }
}
