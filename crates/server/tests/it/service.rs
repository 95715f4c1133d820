//! A service of a few members, a store of its own, and requests to it.

use axum::Router;
use axum::body::Body;
use guanxi_server::session::Token;
use guanxi_server::{App, Settings, keys, router};
use guanxi_store::command::{Load, OpenSession};
use guanxi_store::lmdb::Options;
use guanxi_store::lmdb::directory::KEY_FILE;
use guanxi_store::row::Card;
use guanxi_store::vault::KeyFile;
use guanxi_store::{Lmdb, Row, Store, Vault};
use guanxi_wire::Mid;
use guanxi_wire::params::encode;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

/// How many members there are: 1 to this.
pub(crate) const MEMBERS: u64 = 60;

/// Noon of a day on which nothing has happened.
pub(crate) const NOON: &str = "2026-01-15T12:00:00+08:00";

pub(crate) struct Service {
    pub(crate) app: App,
    router: Router,
    settings: Settings,
    folder: Arc<TempDir>,
}

pub(crate) fn member(mid: u64) -> Mid {
    Mid::new(mid).unwrap()
}

impl Service {
    /// A service at noon, with other settings than the default's where a test wants them.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let store = Lmdb::open(folder.path(), Options::default()).unwrap();
        let file = KeyFile::at(folder.path().join(KEY_FILE));
        let vault = keys::open(&store, &file).await.unwrap();
        let name = |mid| Card { uname: format!("成员{mid}"), ..Card::of(member(mid)) };
        let rows = (1..=MEMBERS).map(|mid| Row::Card(Box::new(name(mid)))).collect();
        let loaded = store.run(Load { rows, vault: Arc::clone(&vault) }).await.unwrap();
        assert_eq!(loaded.fault, None);
        let mut settings = Settings {
            data: Some(folder.path().to_owned()),
            clock: Some(NOON.parse().unwrap()),
            ..Settings::default()
        };
        change(&mut settings);
        Service::of(store, vault, settings, Arc::new(folder))
    }

    pub(crate) async fn new() -> Service {
        Service::with(|_| ()).await
    }

    fn of(store: Lmdb, vault: Arc<Vault>, settings: Settings, folder: Arc<TempDir>) -> Service {
        let app = App::new(store, vault, &settings).unwrap();
        let router = router(app.clone(), settings.compress_from_bytes);
        Service { app, router, settings, folder }
    }

    /// The same service at another time.
    pub(crate) fn at(&self, instant: &str) -> Service {
        let settings = Settings { clock: Some(instant.parse().unwrap()), ..self.settings.clone() };
        Service::of(self.app.store.clone(), Arc::clone(&self.app.vault), settings, Arc::clone(&self.folder))
    }

    /// Adds rows of a dump.
    pub(crate) async fn load(&self, rows: &[&str]) {
        let rows = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
        assert_eq!(
            self.app.store.run(Load { rows, vault: Arc::clone(&self.app.vault) }).await.unwrap().fault,
            None
        );
    }

    /// Somebody who is not logged in.
    pub(crate) fn anyone(&self) -> Browser<'_> {
        Browser { service: self, login: None }
    }

    /// A member, logged in.
    pub(crate) async fn member(&self, mid: u64) -> Browser<'_> {
        let token = Token::draw();
        let now = self.app.now();
        let expires = now + self.app.limits.session;
        self.app.store.run(OpenSession { me: member(mid), hash: token.hash(), now, expires }).await.unwrap();
        Browser { service: self, login: Some((mid, token)) }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }
}

/// Somebody who sends requests.
pub(crate) struct Browser<'s> {
    service: &'s Service,
    pub(crate) login: Option<(u64, Token)>,
}

impl Browser<'_> {
    pub(crate) fn csrf(&self) -> String {
        self.login.as_ref().map(|(_, token)| token.csrf()).unwrap_or_default()
    }

    pub(crate) fn cookies(&self) -> String {
        let login = self.login.as_ref();
        login.map(|(mid, token)| format!("SESSDATA={}; DedeUserID={mid}", token.secret())).unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(COOKIE, self.cookies());
        self.service.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts a form, with the csrf behind it.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let form = form.iter().copied().chain([("csrf", csrf.as_str())]);
        self.post_bare(path, &encode(form)).await
    }

    /// Posts a form as it is.
    pub(crate) async fn post_bare(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(COOKIE, self.cookies())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.service.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Acts on the tie to a member; tells the code.
    pub(crate) async fn act(&self, act: u8, fid: u64) -> i64 {
        self.post("/x/relation/modify", &[("fid", &fid.to_string()), ("act", &act.to_string())]).await.code()
    }
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
