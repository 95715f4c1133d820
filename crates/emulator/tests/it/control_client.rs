//! An emulator with a small community, and a client of one of its communities.

use axum::body::Body;
use guanxi_api::emulator::open_session::SessionCookies;
use guanxi_emulator::{CommunityName, Emulator, Limits};
use guanxi_server::operator::tokens::create_token::issue_token;
use guanxi_server::{HttpService, Settings, encryption_keys};
use guanxi_storage::commands::InsertRows;
use guanxi_storage::embedded::Options;
use guanxi_storage::{EmbeddedStore, Engine, Row, Store};
use guanxi_types::Role;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use tempfile::TempDir;

/// The number of members of the base. Their mids are 1 to this, and all others follow 1.
pub(crate) const MEMBERS: u64 = 200;

/// An emulator, and a token of its operators.
pub(crate) struct TestEmulator {
    pub(crate) emulator: Emulator,
    token: String,
}

impl TestEmulator {
    pub(crate) async fn start() -> TestEmulator {
        TestEmulator::with(MEMBERS, Limits::default(), |_| {}).await
    }

    pub(crate) async fn with(
        members: u64,
        limits: Limits,
        configure: impl FnOnce(&mut Settings),
    ) -> TestEmulator {
        let folder = TempDir::new().unwrap();
        let mut settings = Settings {
            data_dir: Some(folder.path().to_owned()),
            // The least that argon2 permits, for speed.
            argon2_memory_kib: NonZeroU32::new(8).unwrap(),
            argon2_iterations: NonZeroU32::new(1).unwrap(),
            ..Settings::default()
        };
        configure(&mut settings);
        let token = fill(&settings, members).await;
        // The emulator has a copy, so the folder may be deleted.
        let emulator = Emulator::start(&settings, limits).await.unwrap();
        TestEmulator { emulator, token }
    }

    /// Returns a client of a community.
    pub(crate) fn community(&self, name: &str) -> ControlClient {
        ControlClient {
            name: name.parse().unwrap(),
            token: self.token.clone(),
            members: self.emulator.members_service(),
            operators: self.emulator.operators_service(),
        }
    }
}

/// Fills the data directory of the settings, and returns an operators' token.
async fn fill(settings: &Settings, members: u64) -> String {
    let store: Engine = EmbeddedStore::open(settings.data_directory(), Options::default()).unwrap().into();
    let cipher = encryption_keys::open_cipher(&store, &settings.key_file()).await.unwrap();
    let inserted = store.run(InsertRows { rows: rows(members), cipher: Arc::clone(&cipher) }).await.unwrap();
    assert_eq!(inserted.error, None);
    let (by, name, now) = ("test".to_owned(), "test".to_owned(), settings.clock().now());
    issue_token(&store, by, name, Role::Admin, now).await.unwrap()
}

fn rows(members: u64) -> Vec<Row> {
    let cards = (1..=members).map(|mid| json!({ "card": { "mid": mid, "uname": format!("成员{mid}") } }));
    let relation = json!({ "kind": "follow", "mtime": 1_584_271_945, "source": 11, "groups": [[0, 0]] });
    let follows =
        (2..=members).map(|from| json!({ "relation": { "from": from, "to": 1, "relation": relation } }));
    cards.chain(follows).map(|row| serde_json::from_value(row).unwrap()).collect()
}

/// A response.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl TestResponse {
    /// Returns the JSON of the body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Returns the code of the envelope.
    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }
}

/// A client of a community, as a member without a session and as an operator.
#[derive(Clone, Debug)]
pub(crate) struct ControlClient {
    name: CommunityName,
    token: String,
    members: HttpService,
    operators: HttpService,
}

impl ControlClient {
    /// Returns the client with another token.
    pub(crate) fn with_token(self, token: String) -> ControlClient {
        ControlClient { token, ..self }
    }

    /// Calls an operators' endpoint and returns its response.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> TestResponse {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header(CommunityName::HEADER, self.name.as_str());
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        respond(&self.operators, request.body(body).unwrap()).await
    }

    /// Calls an operators' endpoint, which must succeed, and returns its data.
    pub(crate) async fn get(&self, path: &str) -> Value {
        success(&self.call(Method::GET, path, Value::Null).await)
    }

    /// Calls an operators' endpoint, which must succeed, and returns its data.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        success(&self.call(Method::POST, path, body).await)
    }

    /// Logs a member in.
    pub(crate) async fn session(&self, body: Value) -> TestSession {
        let data = self.post("/emulator/session", body).await;
        TestSession {
            cookie: data["cookie"].as_str().unwrap().to_owned(),
            cookies: serde_json::from_value(data["cookies"].clone()).unwrap(),
            mid: data["mid"].as_u64().unwrap(),
            created: data["created"] == true,
        }
    }

    /// Sends a member's request without a session.
    pub(crate) async fn visit(&self, path: &str) -> TestResponse {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Sends a member's request in a session.
    pub(crate) async fn read(&self, session: &TestSession, path: &str) -> TestResponse {
        let request = self.request("GET", path).header("cookie", &session.cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a member's write in a session, with its csrf.
    pub(crate) async fn write(&self, session: &TestSession, path: &str, form: &str) -> TestResponse {
        let form = format!("{form}&csrf={}", session.cookies.bili_jct);
        let request = self.request("POST", path).header("cookie", &session.cookie);
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Returns the number of followers of member 1.
    pub(crate) async fn followers(&self) -> u64 {
        self.visit("/x/relation/stat?vmid=1").await.json()["data"]["follower"].as_u64().unwrap()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "api.example.cn")
            .header(CommunityName::HEADER, self.name.as_str())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        respond(&self.members, request).await
    }
}

/// A session of a member.
#[derive(Debug)]
pub(crate) struct TestSession {
    pub(crate) cookie: String,
    pub(crate) cookies: SessionCookies,
    pub(crate) mid: u64,
    pub(crate) created: bool,
}

fn success(response: &TestResponse) -> Value {
    assert_eq!((response.status, response.code()), (StatusCode::OK, 0), "{}", response.text);
    response.json()["data"].clone()
}

async fn respond(service: &HttpService, request: Request<Body>) -> TestResponse {
    let (parts, body) = service.clone().respond(request).await.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    TestResponse { status: parts.status, text: String::from_utf8(bytes.to_vec()).unwrap() }
}
