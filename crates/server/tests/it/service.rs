//! A service with some members on a fresh storage engine, and requests to it.

use crate::client::TestClient;
use crate::openapi_check::{MEMBER_DOCUMENT, OPERATOR_DOCUMENT, OpenApiDocument};
use crate::operator_client::OperatorClient;
use axum::body::Body;
use guanxi_server::jobs::scheduler;
use guanxi_server::operator::tokens::create_token::issue_token;
use guanxi_server::request_log::AccessLog;
use guanxi_server::session_token::{Token, generate_id};
use guanxi_server::{App, HttpService, Settings, encryption_keys, operator, service};
use guanxi_storage::commands::operator::{Audited, VerifyContact};
use guanxi_storage::commands::{ContactKind, CreateSession, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::KEY_FILE;
use guanxi_storage::encryption::KeyFile;
use guanxi_storage::model::Card;
use guanxi_storage::{CommandError, EmbeddedStore, Engine, FieldCipher, PostgresStore, Row, Store, postgres};
use guanxi_test_postgres::Schema;
use guanxi_types::{ErrorCode, Mid, Role};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The number of members. Their mids are 1 to this.
pub(crate) const MEMBER_COUNT: u64 = 60;

/// Start time of the services: noon of a day without events.
pub(crate) const NOON: &str = "2026-01-15T12:00:00+08:00";

pub(crate) struct Service {
    pub(crate) app: App,
    members: HttpService,
    operators: HttpService,
    settings: Settings,
    storage: Arc<TestStorage>,
}

/// Storage of a service: its directory, and its schema in a database.
type TestStorage = (TempDir, Option<Schema>);

/// Opens an empty engine: embedded, or PostgreSQL if `GUANXI_TEST_ENGINE` is `postgres`.
async fn test_engine(folder: &Path) -> (Engine, Option<Schema>) {
    if std::env::var("GUANXI_TEST_ENGINE").is_ok_and(|engine| engine == "postgres") {
        return postgres_engine()
            .await
            .expect("GUANXI_TEST_ENGINE is postgres, but no PostgreSQL is available");
    }
    (embedded_engine(folder), None)
}

fn embedded_engine(folder: &Path) -> Engine {
    EmbeddedStore::open(folder, Options::default()).unwrap().into()
}

async fn postgres_engine() -> Option<(Engine, Option<Schema>)> {
    let schema = Schema::create().await?;
    let address = postgres::parse_url(&schema.url()).unwrap();
    postgres::schema::migrate(&address, true).await.unwrap();
    let options = postgres::Options {
        max_connections: 8,
        statement_timeout: LONG_TIMEOUT,
        ..postgres::Options::default()
    };
    Some((PostgresStore::open(address, options).await.unwrap().into(), Some(schema)))
}

/// Database timeout that a loaded machine does not reach.
const LONG_TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) fn mid_of(mid: u64) -> Mid {
    Mid::new(mid).unwrap()
}

impl Service {
    /// Starts a service at noon, with changes to the default settings.
    pub(crate) async fn with_settings(change: impl FnOnce(&mut Settings)) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let (store, schema) = test_engine(folder.path()).await;
        Service::start(store, (folder, schema), change).await
    }

    /// Starts a service on the embedded engine, whichever engine is under test.
    pub(crate) async fn on_embedded() -> Service {
        let folder = tempfile::tempdir().unwrap();
        Service::start(embedded_engine(folder.path()), (folder, None), |_| ()).await
    }

    /// Starts a service on PostgreSQL, or `None` without a database.
    pub(crate) async fn on_postgres() -> Option<Service> {
        let (store, schema) = postgres_engine().await?;
        Some(Service::start(store, (tempfile::tempdir().unwrap(), schema), |_| ()).await)
    }

    /// Starts another instance with the same database and keys.
    pub(crate) async fn second_instance(&self) -> Service {
        self.second_instance_at(&self.schema().url(), LONG_TIMEOUT).await
    }

    /// Starts another instance with the same database and its own key file.
    pub(crate) async fn second_instance_with_keys(&self, file: &KeyFile) -> Service {
        let options = postgres::Options { max_connections: 4, ..postgres::Options::default() };
        let address = postgres::parse_url(&self.schema().url()).unwrap();
        let store = PostgresStore::open(address, options).await.unwrap().into();
        let cipher = encryption_keys::open_cipher(&store, file).await.unwrap();
        let settings = Settings { key_file: Some(file.path().to_owned()), ..self.settings.clone() };
        Service::build(store, cipher, settings, Arc::clone(&self.storage))
    }

    /// Starts another instance that reaches the database by another URL and with another timeout.
    pub(crate) async fn second_instance_at(&self, url: &str, statement_timeout: Duration) -> Service {
        let options =
            postgres::Options { max_connections: 4, statement_timeout, ..postgres::Options::default() };
        let store = PostgresStore::open(postgres::parse_url(url).unwrap(), options).await.unwrap();
        let store = store.into();
        let cipher = encryption_keys::open_cipher(&store, &self.settings.key_file()).await.unwrap();
        Service::build(store, cipher, self.settings.clone(), Arc::clone(&self.storage))
    }

    /// Asserts that the store's lists, counters and logs are consistent.
    pub(crate) async fn assert_consistent(&self) {
        let report = self.app.store.check_integrity().await.unwrap();
        assert!(report.is_clean(), "{report}");
    }

    /// Returns the schema of the service's database.
    pub(crate) fn schema(&self) -> &Schema {
        self.storage.1.as_ref().expect("the service runs on PostgreSQL")
    }

    async fn start(store: Engine, storage: TestStorage, change: impl FnOnce(&mut Settings)) -> Service {
        let folder = &storage.0;
        let file = KeyFile::new(folder.path().join(KEY_FILE));
        let cipher = encryption_keys::open_cipher(&store, &file).await.unwrap();
        let card = |mid| Card { uname: format!("成员{mid}"), ..Card::new(mid_of(mid)) };
        let rows = (1..=MEMBER_COUNT).map(|mid| Row::Card(Box::new(card(mid)))).collect();
        let result = store.run(InsertRows { rows, cipher: Arc::clone(&cipher) }).await.unwrap();
        assert_eq!(result.error, None);
        let mut settings = Settings {
            data_dir: Some(folder.path().to_owned()),
            start_time: Some(NOON.parse().unwrap()),
            // The least memory that argon2 accepts.
            argon2_memory_kib: NonZeroU32::new(8).unwrap(),
            argon2_iterations: NonZeroU32::new(1).unwrap(),
            ..Settings::default()
        };
        change(&mut settings);
        Service::build(store, cipher, settings, Arc::new(storage))
    }

    pub(crate) async fn new() -> Service {
        Service::with_settings(|_| ()).await
    }

    fn build(
        store: Engine,
        cipher: Arc<FieldCipher>,
        settings: Settings,
        storage: Arc<TestStorage>,
    ) -> Service {
        let app = App::new(store, cipher, &settings).unwrap();
        let members = service(app.clone(), &settings).unwrap();
        let operators = operator::service(app.clone());
        Service { app, members, operators, settings, storage }
    }

    /// Returns the service with an access log.
    pub(crate) fn with_access_log(self, log: Arc<dyn AccessLog>) -> Service {
        let members = self.members.with_access_log(Some(Arc::clone(&log)));
        Service { members, operators: self.operators.with_access_log(Some(log)), ..self }
    }

    /// Returns the service at another time.
    pub(crate) fn at_time(&self, instant: &str) -> Service {
        self.reconfigured(|settings| settings.start_time = Some(instant.parse().unwrap()))
    }

    /// Imports rows of a dump.
    pub(crate) async fn import_rows(&self, rows: &[&str]) {
        let rows = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
        assert_eq!(
            self.app
                .store
                .run(InsertRows { rows, cipher: Arc::clone(&self.app.cipher) })
                .await
                .unwrap()
                .error,
            None
        );
    }

    /// Returns the service with other settings.
    pub(crate) fn reconfigured(&self, change: impl FnOnce(&mut Settings)) -> Service {
        let mut settings = self.settings.clone();
        change(&mut settings);
        Service::build(
            self.app.store.clone(),
            Arc::clone(&self.app.cipher),
            settings,
            Arc::clone(&self.storage),
        )
    }

    /// Returns the error of a start with other settings.
    pub(crate) fn start_error(&self, change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let app = App::new(self.app.store.clone(), Arc::clone(&self.app.cipher), &settings);
        let started = match app {
            Ok(app) => service(app, &settings),
            Err(error) => Err(error),
        };
        started.unwrap_err().to_string()
    }

    /// Returns a client without a session.
    pub(crate) fn anonymous(&self) -> TestClient<'_> {
        TestClient::new(self)
    }

    /// Returns a client with a session of a member.
    pub(crate) async fn log_in_as(&self, mid: u64) -> TestClient<'_> {
        let token = Token::generate();
        let now = self.app.now();
        let expires = now + self.app.limits.session_secs;
        self.app
            .store
            .run(CreateSession { me: mid_of(mid), hash: token.hash(), now, expires })
            .await
            .unwrap();
        let client = self.anonymous();
        client.set_cookie("SESSDATA", token.as_str());
        client.set_cookie("DedeUserID", &mid.to_string());
        client
    }

    /// Returns an operator's client with a new token, named by its role.
    pub(crate) async fn operator(&self, role: Role) -> OperatorClient<'_> {
        let (by, name, now) = ("shell".to_owned(), format!("{role:?}").to_lowercase(), self.app.now());
        let token = issue_token(&self.app.store, by, name, role, now).await;
        OperatorClient::new(self, Some(token.unwrap()))
    }

    /// Returns the outbox, as an operator with a token of its own sees it.
    pub(crate) async fn outbox(&self) -> Value {
        let (by, name, now) = ("shell".to_owned(), generate_id(), self.app.now());
        let token = issue_token(&self.app.store, by, name, Role::Admin, now).await.unwrap();
        OperatorClient::new(self, Some(token)).get("/operator/messages").await.data()
    }

    /// Marks the phone and the mail address of a member as verified, as an operator does.
    pub(crate) async fn verify_contacts(&self, mid: u64) {
        for kind in [ContactKind::Tel, ContactKind::Mail] {
            let (by, command) = ("shell".to_owned(), VerifyContact { mid: mid_of(mid), kind });
            let verified = self.app.store.run(Audited { by, now: self.app.now(), command }).await;
            assert!(matches!(verified, Ok(()) | Err(CommandError::Rejected(ErrorCode::NothingToVerify))));
        }
    }

    /// Sends a request to the members' listener.
    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        // A compatibility file adds fields that the document does not have.
        let document = self.settings.compat.is_none().then_some(&*MEMBER_DOCUMENT);
        send_checked(&self.members, document, request).await
    }

    /// Sends a request to the operators' listener.
    pub(crate) async fn send_to_operators(&self, request: Request<Body>) -> TestResponse {
        send_checked(&self.operators, Some(&OPERATOR_DOCUMENT), request).await
    }

    /// Returns the number of write commands that the engine executed.
    pub(crate) fn command_count(&self) -> u64 {
        match &self.app.store {
            Engine::Embedded(store) => store.metrics().commands,
            Engine::Postgres(store) => store.metrics().completed,
        }
    }

    /// Runs all due tasks.
    pub(crate) async fn run_due_tasks(&self) {
        while !self.app.store.due_tasks(self.app.now(), &self.app.scheduled_tables).await.unwrap().is_empty()
        {
            scheduler::run_once(&self.app).await.unwrap();
        }
    }
}

/// Sends a request and validates the response against a document.
async fn send_checked(
    service: &HttpService,
    document: Option<&OpenApiDocument>,
    request: Request<Body>,
) -> TestResponse {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = service.clone().respond(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    let answer = TestResponse { status: parts.status, headers: parts.headers, bytes };
    if let Some(document) = document {
        document.assert_valid(&method, &path, &answer);
    }
    answer
}

/// A complete response.
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl TestResponse {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    /// Returns the data of a successful response.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.code(), 0, "{}", self.text());
        self.json()["data"].take()
    }

    /// Returns an integer field of each entry of the list in the data.
    pub(crate) fn ints(&self, field: &str) -> Vec<i64> {
        let data = self.data();
        let list = data.get("list").unwrap_or(&data).as_array().unwrap();
        list.iter().map(|entry| entry[field].as_i64().unwrap()).collect()
    }
}
