//! PostgreSQL for tests. A test program starts the machine's own server and stops it at its end, or uses the server
//! of `GUANXI_TEST_POSTGRES`. Each test has its own schema.
//!
//! Without PostgreSQL the tests that need it print that they are skipped. With `GUANXI_TEST_REQUIRE_ALL=1` they
//! fail.
#![forbid(unsafe_code)]

mod fault_proxy;
mod pooler;
mod replicas;
mod requirements;
mod script;
mod tcp_server;

pub use fault_proxy::{FaultProxy, ProxyState};
pub use pooler::Pooler;
pub use replicas::Replicas;
pub use requirements::{has_programs, skip};
pub use tcp_server::TcpServer;
pub use tokio_postgres::Client;

use script::Script;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::NoTls;

/// The variable with the address of a PostgreSQL server to test on.
const SERVER_VARIABLE: &str = "GUANXI_TEST_POSTGRES";

/// A schema of one test. Drop removes it, unless the server stops with the test program anyway.
#[derive(Debug)]
pub struct Schema {
    address: String,
    name: String,
    is_dropped_with_server: bool,
}

impl Schema {
    /// Creates an empty schema. Returns `None` without PostgreSQL.
    pub async fn create() -> Option<Schema> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let server = server()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("guanxi_{}_{number}", std::process::id());
        let schema =
            Schema { address: server.address.clone(), name, is_dropped_with_server: server.script.is_some() };
        schema.execute(&format!("create schema {}", schema.name)).await;
        Some(schema)
    }

    /// Creates an empty schema from synchronous code. Returns `None` without PostgreSQL.
    pub fn create_blocking() -> Option<Schema> {
        let thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(Schema::create())
        });
        thread.join().ok().flatten()
    }

    /// The database address, which selects this schema.
    pub fn url(&self) -> String {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joint}options=-csearch_path%3D{}", self.address, self.name)
    }

    /// Starts a fault proxy to this schema.
    pub async fn fault_proxy(&self) -> FaultProxy {
        FaultProxy::start(&self.url()).await
    }

    /// Opens a connection to this schema.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn client(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url(), NoTls).await.expect("connect to the test database");
        tokio::spawn(connection);
        client
    }

    /// Executes SQL outside of this schema.
    ///
    /// # Panics
    ///
    /// If the server does not answer or rejects the statements.
    pub async fn execute(&self, text: &str) {
        let (client, connection) =
            tokio_postgres::connect(&self.address, NoTls).await.expect("connect to the test database");
        let connection = tokio::spawn(connection);
        client.batch_execute(text).await.expect("execute SQL on the test database");
        drop(client);
        let _ = connection.await;
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if self.is_dropped_with_server {
            return;
        }
        // Drop cannot await, so a thread does. The timeout is for a lock that a failed test still holds.
        let text = format!("set lock_timeout = '10s'; drop schema {} cascade", self.name);
        let address = self.address.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&address, NoTls).await.ok()?;
                tokio::spawn(connection);
                client.batch_execute(&text).await.ok()
            })
        });
        let _ = dropped.join();
    }
}

/// A PostgreSQL server. `script` is set if this program started it.
struct Server {
    address: String,
    script: Option<Script>,
}

/// Returns the server of this test program.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(find_server).as_ref()
}

fn find_server() -> Option<Server> {
    if let Ok(address) = std::env::var(SERVER_VARIABLE) {
        return Some(Server { address, script: None });
    }
    let Some(bin_dir) = bin_dir() else {
        skip("tests on PostgreSQL", &format!("no initdb on this machine, and {SERVER_VARIABLE} is not set"));
        return None;
    };
    let (home, script) = start_server(&bin_dir, None).expect("PostgreSQL for the tests did not start");
    let address = format!("postgres://postgres@{}/postgres", home.replace('/', "%2F"));
    Some(Server { address, script: Some(script) })
}

/// Returns the program directory of this machine's newest PostgreSQL.
fn bin_dir() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let folders = debian.into_iter().rev().chain(std::env::split_paths(&path));
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).is_file())
    })
}

/// Starts a server on a Unix socket, and on a port of 127.0.0.1 if one is given. Returns the directory of the socket,
/// or `None` if the server cannot start.
fn start_server(bin_dir: &Path, port: Option<u16>) -> Option<(String, Script)> {
    let mut arguments = vec![bin_dir.as_os_str().to_owned()];
    if let Some(port) = port {
        arguments.extend(["127.0.0.1".into(), port.to_string().into()]);
    }
    Script::start(include_str!("server.sh"), &arguments)
}
