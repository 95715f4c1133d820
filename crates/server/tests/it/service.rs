//! A service of a few members, a store of its own, and requests to it.

use crate::browser::Browser;
use crate::console::Console;
use crate::document::{Document, FOR_MEMBERS, FOR_OPERATORS};
use axum::body::Body;
use guanxi_server::operator::tokens;
use guanxi_server::session::Token;
use guanxi_server::{App, Settings, Site, keys, operator, site, tend};
use guanxi_storage::command::{InsertRows, OpenSession};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::KEY_FILE;
use guanxi_storage::row::Card;
use guanxi_storage::vault::KeyFile;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, PostgresStore, Row, Store, postgres};
use guanxi_test_postgres::Schema;
use guanxi_types::Mid;
use guanxi_types::Role;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How many members there are: 1 to this.
pub(crate) const MEMBERS: u64 = 60;

/// Noon of a day on which nothing has happened.
pub(crate) const NOON: &str = "2026-01-15T12:00:00+08:00";

pub(crate) struct Service {
    pub(crate) app: App,
    members: Site,
    operators: Site,
    settings: Settings,
    home: Arc<Home>,
}

/// Where a service keeps what it keeps: its directory, and its schema if it is in a database.
type Home = (TempDir, Option<Schema>);

/// An empty store: embedded, or in a database if `GUANXI_TEST_ENGINE` is `postgres`.
async fn store(folder: &Path) -> (Engine, Option<Schema>) {
    if std::env::var("GUANXI_TEST_ENGINE").is_ok_and(|engine| engine == "postgres") {
        return database().await.expect("a PostgreSQL is asked for, and there is none");
    }
    (embedded(folder), None)
}

fn embedded(folder: &Path) -> Engine {
    EmbeddedStore::open(folder, Options::default()).unwrap().into()
}

async fn database() -> Option<(Engine, Option<Schema>)> {
    let schema = Schema::fresh().await?;
    let address = postgres::address(&schema.url()).unwrap();
    postgres::schema::migrate(&address, true).await.unwrap();
    let options = postgres::Options { connections: 8, patience: UNHURRIED, ..postgres::Options::default() };
    Some((PostgresStore::open(address, options).await.unwrap().into(), Some(schema)))
}

/// A database timeout that a loaded machine does not reach.
const UNHURRIED: Duration = Duration::from_secs(60);

pub(crate) fn member(mid: u64) -> Mid {
    Mid::new(mid).unwrap()
}

impl Service {
    /// A service at noon, with other settings than the default's where a test wants them.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let (store, schema) = store(folder.path()).await;
        Service::on(store, (folder, schema), change).await
    }

    /// A service that keeps what it keeps in a directory, whatever engine is tested.
    pub(crate) async fn embedded() -> Service {
        let folder = tempfile::tempdir().unwrap();
        Service::on(embedded(folder.path()), (folder, None), |_| ()).await
    }

    /// A service that keeps it in a database, if there is one.
    pub(crate) async fn shared() -> Option<Service> {
        let (store, schema) = database().await?;
        Some(Service::on(store, (tempfile::tempdir().unwrap(), schema), |_| ()).await)
    }

    /// Another program's service of the same community, which has the same keys.
    pub(crate) async fn twin(&self) -> Service {
        self.twin_by(&self.schema().url(), UNHURRIED).await
    }

    /// A twin that reaches the database by another address, and waits so long for its answers.
    pub(crate) async fn twin_by(&self, url: &str, patience: Duration) -> Service {
        let options = postgres::Options { connections: 4, patience, ..postgres::Options::default() };
        let store = PostgresStore::open(postgres::address(url).unwrap(), options).await.unwrap();
        let vault = keys::open(&store, &self.settings.key_file()).await.unwrap();
        Service::of(store.into(), vault, self.settings.clone(), Arc::clone(&self.home))
    }

    /// Where in a database it keeps what it keeps.
    pub(crate) fn schema(&self) -> &Schema {
        self.home.1.as_ref().expect("it is in a database")
    }

    async fn on(store: Engine, home: Home, change: impl FnOnce(&mut Settings)) -> Service {
        let folder = &home.0;
        let file = KeyFile::at(folder.path().join(KEY_FILE));
        let vault = keys::open(&store, &file).await.unwrap();
        let name = |mid| Card { uname: format!("成员{mid}"), ..Card::of(member(mid)) };
        let rows = (1..=MEMBERS).map(|mid| Row::Card(Box::new(name(mid)))).collect();
        let loaded = store.run(InsertRows { rows, vault: Arc::clone(&vault) }).await.unwrap();
        assert_eq!(loaded.fault, None);
        let mut settings = Settings {
            data: Some(folder.path().to_owned()),
            clock: Some(NOON.parse().unwrap()),
            // The least that argon2 does.
            password_memory_kib: NonZeroU32::new(8).unwrap(),
            password_passes: NonZeroU32::new(1).unwrap(),
            ..Settings::default()
        };
        change(&mut settings);
        Service::of(store, vault, settings, Arc::new(home))
    }

    pub(crate) async fn new() -> Service {
        Service::with(|_| ()).await
    }

    fn of(store: Engine, vault: Arc<FieldCipher>, settings: Settings, home: Arc<Home>) -> Service {
        let app = App::new(store, vault, &settings).unwrap();
        let members = site(app.clone(), settings.compress_from_bytes);
        let operators = operator::site(app.clone());
        Service { app, members, operators, settings, home }
    }

    /// The same service at another time.
    pub(crate) fn at(&self, instant: &str) -> Service {
        self.set(|settings| settings.clock = Some(instant.parse().unwrap()))
    }

    /// Adds rows of a dump.
    pub(crate) async fn load(&self, rows: &[&str]) {
        let rows = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
        assert_eq!(
            self.app.store.run(InsertRows { rows, vault: Arc::clone(&self.app.vault) }).await.unwrap().fault,
            None
        );
    }

    /// The same service with other settings.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) -> Service {
        let mut settings = self.settings.clone();
        change(&mut settings);
        Service::of(self.app.store.clone(), Arc::clone(&self.app.vault), settings, Arc::clone(&self.home))
    }

    /// Somebody who is not logged in.
    pub(crate) fn anyone(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A member, logged in.
    pub(crate) async fn member(&self, mid: u64) -> Browser<'_> {
        let token = Token::draw();
        let now = self.app.now();
        let expires = now + self.app.limits.session;
        self.app.store.run(OpenSession { me: member(mid), hash: token.hash(), now, expires }).await.unwrap();
        let browser = self.anyone();
        browser.keep("SESSDATA", token.secret());
        browser.keep("DedeUserID", &mid.to_string());
        browser
    }

    /// An operator's program, with a new token that is called by its role.
    pub(crate) async fn operator(&self, role: Role) -> Console<'_> {
        let (by, name, now) = ("shell".to_owned(), format!("{role:?}").to_lowercase(), self.app.now());
        let token = tokens::create::token(&self.app.store, by, name, role, now).await;
        Console::new(self, Some(token.unwrap()))
    }

    /// Sends a request as it is, as members do.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        answer(&self.members, &FOR_MEMBERS, request).await
    }

    /// Sends a request as it is, as operators do.
    pub(crate) async fn operate(&self, request: Request<Body>) -> Answer {
        answer(&self.operators, &FOR_OPERATORS, request).await
    }

    /// How many commands the engine has carried out.
    pub(crate) fn commands(&self) -> u64 {
        match &self.app.store {
            Engine::Lmdb(store) => store.pulse().commands,
            Engine::Postgres(store) => store.pulse().commits + store.pulse().refused,
        }
    }

    /// Does all that is due.
    pub(crate) async fn attend(&self) {
        while !self.app.store.due(self.app.now(), &self.app.timed).await.unwrap().is_empty() {
            tend::attend_due(&self.app).await.unwrap();
        }
    }
}

/// What a site answers, which is as its document says.
async fn answer(site: &Site, document: &Document, request: Request<Body>) -> Answer {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = site.clone().answer(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    let answer = Answer { status: parts.status, headers: parts.headers, bytes };
    document.holds(&method, &path, &answer);
    answer
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    /// The data of an answer that was done.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.code(), 0, "{}", self.text());
        self.json()["data"].take()
    }

    /// A number somewhere in each entry of the list in the data.
    pub(crate) fn each(&self, field: &str) -> Vec<i64> {
        let data = self.data();
        let list = data.get("list").unwrap_or(&data).as_array().unwrap();
        list.iter().map(|entry| entry[field].as_i64().unwrap()).collect()
    }
}
