//! SIGKILL under concurrent follows: no acknowledged write is lost.

use crate::program::{Service, guanxi, to_mid};
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies, RetryPolicy};
use guanxi_server::session_token::Token;
use guanxi_storage::commands::{CreateSession, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::encryption::Keyring;
use guanxi_storage::model::Card;
use guanxi_storage::{EmbeddedStore, FieldCipher, Row, Store};
use guanxi_types::{RelationAction, RelationSource};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

const MEMBERS: u64 = 24;
const WRITERS: u64 = 12;

/// The default number of kills. `GUANXI_TEST_KILLS` sets another one.
const KILLS: usize = 30;

/// The expected state of a relation: after the last acknowledged write, and after one in flight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RelationState {
    is_followed: bool,
    in_flight: Option<bool>,
}

pub(crate) type Relations = HashMap<(u64, u64), RelationState>;

fn open(data: &Path) -> EmbeddedStore {
    EmbeddedStore::open(data, Options::default()).unwrap()
}

/// Creates a small community, and sessions of the writers.
pub(crate) async fn create_community(data: &Path) -> Vec<Cookies> {
    let store = open(data);
    let rows = (1..=MEMBERS).map(|mid| Row::Card(Box::new(Card::new(to_mid(mid))))).collect();
    store.run(InsertRows { rows, cipher: Arc::new(FieldCipher::new(Keyring::generate())) }).await.unwrap();
    let mut cookies = Vec::new();
    for mid in 1..=WRITERS {
        let token = Token::generate();
        let session = CreateSession { me: to_mid(mid), hash: token.hash(), now: 0, expires: i64::MAX };
        store.run(session).await.unwrap();
        cookies.push(Cookies {
            sessdata: token.as_str().to_owned(),
            bili_jct: token.csrf(),
            dede_user_id: mid.to_string(),
            buvid3: String::new(),
        });
    }
    cookies
}

/// Follows and unfollows alternately until the service is killed. Returns the states of the writer's relations.
async fn write(
    me: u64,
    client: Client,
    mut relations: Relations,
    acknowledged: Arc<AtomicUsize>,
) -> Relations {
    for them in (1..=MEMBERS).filter(|them| *them != me).cycle() {
        let state = relations.entry((me, them)).or_default();
        let follow = !state.is_followed;
        state.in_flight = Some(follow);
        let act = if follow { RelationAction::Follow } else { RelationAction::Unfollow };
        if client
            .send(&ModifyRelation { fid: to_mid(them), act, re_src: RelationSource::DEFAULT })
            .await
            .is_err()
        {
            break;
        }
        *state = RelationState { is_followed: follow, in_flight: None };
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    relations
}

/// Runs a service with further variables under writes, and kills it after a number of acknowledged writes. Returns the expected states.
pub(crate) async fn serve_and_kill(
    data: &Path,
    environment: &[(&str, &str)],
    cookies: &[Cookies],
    relations: &Relations,
    min_acknowledged: usize,
) -> Relations {
    let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
    command.envs(environment.iter().copied());
    let mut service = Service::start(command);
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut writers = JoinSet::new();
    let no_retries = guanxi_client::Options { retries: RetryPolicy::NONE, ..Default::default() };
    for (me, cookies) in (1..).zip(cookies) {
        let own_relations = relations
            .iter()
            .filter(|((from, _), _)| *from == me)
            .map(|(key, state)| (*key, *state))
            .collect();
        let client = Client::with_options(&service.base, &no_retries).unwrap().with_cookies(cookies.clone());
        writers.spawn(write(me, client, own_relations, Arc::clone(&acknowledged)));
    }
    while acknowledged.load(Ordering::Relaxed) < min_acknowledged {
        tokio::task::yield_now().await;
    }
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    writers.join_all().await.into_iter().flatten().collect()
}

/// Compares the store with the expected states, and updates those of writes in flight.
async fn verify(data: &Path, relations: &mut Relations) {
    let store = open(data);
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    for (&(from, to), state) in relations {
        let pair = store.relation_pair(to_mid(from), to_mid(to)).await.unwrap().unwrap();
        let is_followed = pair.outgoing.is_some();
        let possible = [Some(state.is_followed), state.in_flight];
        assert!(
            possible.contains(&Some(is_followed)),
            "{from} to {to}: expected {state:?}, found {is_followed}"
        );
        *state = RelationState { is_followed, in_flight: None };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost() {
    let kills = std::env::var("GUANXI_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let cookies = create_community(&data).await;
    let mut relations = Relations::new();
    for kill in 0..kills {
        // Each round kills after a different number of writes.
        relations = serve_and_kill(&data, &[], &cookies, &relations, kill * 7 % 90).await;
        verify(&data, &mut relations).await;
    }
}
