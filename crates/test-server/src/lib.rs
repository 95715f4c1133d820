//! A small community for tests and examples, served by a task of theirs on ports of its own, and gone when it is dropped.
//!
//! It has members 1 to 300, called 成员1 to 成员300, without passwords. All the others follow 1, who follows 2 and 3. Signs wait
//! for a moderator.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

use guanxi_client::{Client, Cookies, Operator};
use guanxi_server::operator::tokens;
use guanxi_server::session::Token;
use guanxi_server::settings::SignReview;
use guanxi_server::{App, Settings, keys, operator, serve, site};
use guanxi_storage::command::{InsertRows, OpenSession};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::KEY_FILE;
use guanxi_storage::vault::KeyFile;
use guanxi_storage::{EmbeddedStore, Engine, Row, Store};
use guanxi_types::Mid;
use guanxi_types::Role;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How many members there are: 1 to this.
pub const MEMBERS: u64 = 300;

/// The community.
#[derive(Debug)]
pub struct Sample {
    /// Where members reach it.
    pub address: String,
    /// Where operators reach it.
    pub operators: String,
    app: App,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Sample {
    /// Serves it, for as long as this and the runtime are there.
    ///
    /// # Panics
    ///
    /// If it cannot be served: the test cannot go on.
    pub async fn serve() -> Sample {
        let folder = tempfile::tempdir().unwrap();
        let store: Engine = EmbeddedStore::open(folder.path(), Options::default()).unwrap().into();
        let vault = keys::open(&store, &KeyFile::at(folder.path().join(KEY_FILE))).await.unwrap();
        let loaded = store.run(InsertRows { rows: rows(), vault: Arc::clone(&vault) }).await.unwrap();
        assert_eq!(loaded.fault, None);
        let [members, operators] = [bind().await, bind().await];
        let settings = Settings {
            data: Some(folder.path().to_owned()),
            listen: members.local_addr().unwrap(),
            sign_review: SignReview::Moderator,
            // The least that argon2 does.
            password_memory_kib: NonZeroU32::new(8).unwrap(),
            password_passes: NonZeroU32::new(1).unwrap(),
            ..Settings::default()
        };
        let app = App::new(store, vault, &settings).unwrap();
        let address = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (at, operators_at) = (address(&members), address(&operators));
        let listening = vec![
            (members, site(app.clone(), settings.compress_from_bytes)),
            (operators, operator::site(app.clone())),
        ];
        let served = app.clone();
        let serving = tokio::spawn(async move {
            serve::serve(listening, served, &settings, std::future::pending()).await;
        });
        Sample { address: at, operators: operators_at, app, serving, _folder: folder }
    }

    /// A member's client, logged in.
    ///
    /// # Panics
    ///
    /// If there is no such member.
    pub async fn member(&self, mid: u64) -> Client {
        let (token, me, now) = (Token::draw(), Mid::new(mid).unwrap(), self.app.now());
        let expires = now + self.app.limits.session;
        self.app.store.run(OpenSession { me, hash: token.hash(), now, expires }).await.unwrap();
        Client::new(&self.address).unwrap().logged_in(Cookies {
            sessdata: token.secret().to_owned(),
            bili_jct: token.csrf(),
            dede_user_id: mid.to_string(),
            buvid3: String::new(),
        })
    }

    /// A new operator's token.
    ///
    /// # Panics
    ///
    /// If one of the role was made before.
    pub async fn token(&self, role: Role) -> String {
        let (by, now) = ("sample".to_owned(), self.app.now());
        tokens::create::token(&self.app.store, by, role.name().to_owned(), role, now).await.unwrap()
    }

    /// An admin's program.
    ///
    /// # Panics
    ///
    /// If there was one before.
    pub async fn admin(&self) -> Operator {
        Operator::new(&self.operators, &self.token(Role::Admin).await).unwrap()
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn rows() -> Vec<Row> {
    let cards = (1..=MEMBERS).map(|mid| json!({ "card": { "mid": mid, "uname": format!("成员{mid}") } }));
    let follows = (2..=MEMBERS).map(|fan| follow(fan, 1)).chain([follow(1, 2), follow(1, 3)]);
    cards.chain(follows).map(|row| serde_json::from_value(row).unwrap()).collect()
}

fn follow(from: u64, to: u64) -> Value {
    let tie = json!({ "kind": "follow", "mtime": 1_584_271_945 + from, "source": 11, "groups": [[0, 0]] });
    json!({ "tie": { "from": from, "to": to, "tie": tie } })
}
