//! Fixtures for tests inside `guanxi emulator exec`. Each test has a community of its own.

use serde_json::{Value, json};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, Proxy, http::Response};

pub struct Emulator {
    community: String,
}

impl Emulator {
    /// Opens the community of the current test, as it was at the start.
    pub fn open() -> Emulator {
        // A test runs in a thread of its name. With one thread, all tests share the community `main`.
        let name = std::thread::current().name().expect("a test's thread has a name").replace("::", ".");
        let emulator = Emulator { community: name };
        emulator.post("/emulator/restore", json!({ "name": "start" }));
        emulator.post("/emulator/requests/clear", json!({}));
        emulator
    }

    /// Returns a client for the program under test. The user of the proxy's address selects the community.
    pub fn client(&self) -> Agent {
        let proxy = variable("GUANXI_EMULATOR_PROXY").replace("://", &format!("://{}:x@", self.community));
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let proxy = Proxy::new(&proxy).expect("the address is a URL");
        Agent::config_builder().proxy(Some(proxy)).tls_config(tls).build().new_agent()
    }

    /// Logs a member in. Returns the `Cookie` header and the `csrf` of writes.
    pub fn session(&self, mid: u64) -> (String, String) {
        let session = self.post("/emulator/session", json!({ "mid": mid }));
        let text = |value: &Value| value.as_str().expect("a cookie is a text").to_owned();
        (text(&session["cookie"]), text(&session["cookies"]["bili_jct"]))
    }

    /// Returns the data of a `GET` of the control API.
    pub fn get(&self, path: &str) -> Value {
        let request = ureq::get(url(path)).header("x-guanxi-community", &self.community);
        data(request.header("authorization", token()).call())
    }

    /// Returns the data of a `POST` of the control API.
    pub fn post(&self, path: &str, body: Value) -> Value {
        let request = ureq::post(url(path)).header("x-guanxi-community", &self.community);
        data(request.header("authorization", token()).send_json(body))
    }
}

fn url(path: &str) -> String {
    variable("GUANXI_EMULATOR") + path
}

fn token() -> String {
    format!("Bearer {}", variable("GUANXI_EMULATOR_TOKEN"))
}

fn variable(name: &str) -> String {
    std::env::var(name).expect("run the tests with: guanxi emulator exec -- cargo test")
}

fn data(response: Result<Response<Body>, Error>) -> Value {
    let mut answer: Value = response.and_then(|mut response| response.body_mut().read_json()).unwrap();
    answer["data"].take()
}
