//! A small community for tests and examples, served in-process on free ports. Drop stops it and deletes its data.
//!
//! Members 1 to 300 are named 成员1 to 成员300 and have no passwords. All others follow 1, and 1 follows 2 and 3.
//! A moderator reviews new signs.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "test support may panic")]

use guanxi_client::{Client, Cookies, Operator};
use guanxi_server::config::BioApproval;
use guanxi_server::net::listener;
use guanxi_server::operator::tokens::create_token::issue_token;
use guanxi_server::session_token::Token;
use guanxi_server::{App, Settings, encryption_keys, operator, service};
use guanxi_storage::commands::{CreateSession, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::KEY_FILE;
use guanxi_storage::encryption::KeyFile;
use guanxi_storage::{EmbeddedStore, Engine, Row, Store};
use guanxi_types::{Mid, Role};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The number of members. Their mids are 1 to this.
pub const MEMBERS: u64 = 300;

/// A running service with the test community.
#[derive(Debug)]
pub struct TestServer {
    /// The base URL for members.
    pub address: String,
    /// The base URL for operators.
    pub operators: String,
    app: App,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl TestServer {
    /// Starts the service on the current runtime.
    ///
    /// # Panics
    ///
    /// If the service does not start.
    pub async fn start() -> TestServer {
        let folder = tempfile::tempdir().unwrap();
        let store: Engine = EmbeddedStore::open(folder.path(), Options::default()).unwrap().into();
        let cipher =
            encryption_keys::open_cipher(&store, &KeyFile::new(folder.path().join(KEY_FILE))).await.unwrap();
        let imported = store.run(InsertRows { rows: rows(), cipher: Arc::clone(&cipher) }).await.unwrap();
        assert_eq!(imported.error, None);
        let [members, operators] = [bind().await, bind().await];
        let settings = Settings {
            data_dir: Some(folder.path().to_owned()),
            listen: members.local_addr().unwrap(),
            sign_review: BioApproval::Moderator,
            // The least that argon2 permits, for speed.
            argon2_memory_kib: NonZeroU32::new(8).unwrap(),
            argon2_iterations: NonZeroU32::new(1).unwrap(),
            ..Settings::default()
        };
        let app = App::new(store, cipher, &settings).unwrap();
        let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let urls = (url(&members), url(&operators));
        let listeners = vec![
            (members, service(app.clone(), &settings).unwrap()),
            (operators, operator::service(app.clone())),
        ];
        let served = app.clone();
        let serving = tokio::spawn(async move {
            listener::serve(listeners, served, &settings, std::future::pending()).await;
        });
        TestServer { address: urls.0, operators: urls.1, app, serving, _folder: folder }
    }

    /// Opens a session for a member and returns a client with its cookies.
    ///
    /// # Panics
    ///
    /// If the member does not exist.
    pub async fn member(&self, mid: u64) -> Client {
        let (token, me, now) = (Token::generate(), Mid::new(mid).unwrap(), self.app.now());
        let expires = now + self.app.limits.session_secs;
        self.app.store.run(CreateSession { me, hash: token.hash(), now, expires }).await.unwrap();
        Client::new(&self.address).unwrap().with_cookies(Cookies {
            sessdata: token.as_str().to_owned(),
            bili_jct: token.csrf(),
            dede_user_id: mid.to_string(),
            buvid3: String::new(),
        })
    }

    /// Creates an operator token, which is named after its role.
    ///
    /// # Panics
    ///
    /// If a token of this role exists.
    pub async fn token(&self, role: Role) -> String {
        let (by, now) = ("test server".to_owned(), self.app.now());
        issue_token(&self.app.store, by, role.name().to_owned(), role, now).await.unwrap()
    }

    /// Creates an admin token and returns a client with it.
    ///
    /// # Panics
    ///
    /// If an admin token exists.
    pub async fn admin(&self) -> Operator {
        Operator::new(&self.operators, &self.token(Role::Admin).await).unwrap()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn rows() -> Vec<Row> {
    let cards = (1..=MEMBERS).map(|mid| json!({ "card": { "mid": mid, "uname": format!("成员{mid}") } }));
    let follows = (2..=MEMBERS).map(|follower| follow(follower, 1)).chain([follow(1, 2), follow(1, 3)]);
    cards.chain(follows).map(|row| serde_json::from_value(row).unwrap()).collect()
}

fn follow(from: u64, to: u64) -> Value {
    let relation =
        json!({ "kind": "follow", "mtime": 1_584_271_945 + from, "source": 11, "groups": [[0, 0]] });
    json!({ "relation": { "from": from, "to": to, "relation": relation } })
}
