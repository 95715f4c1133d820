//! A PostgreSQL for tests: the machine's own, started for a test program and gone with it, or the one that
//! `GUANXI_TEST_POSTGRES` names. Each test has a schema of its own there.
//!
//! Where there is neither, the tests that want one say that they were left out.
#![forbid(unsafe_code)]

mod road;

pub use road::{Road, State};

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::{Client, NoTls};

/// Names a PostgreSQL to test on: an address as `guanxi serve --store` takes it.
const NAMED: &str = "GUANXI_TEST_POSTGRES";

/// A schema that is a test's own. It goes when this is dropped, if the server does not go itself.
#[derive(Debug)]
pub struct Schema {
    address: String,
    name: String,
    stays: bool,
}

impl Schema {
    /// An empty one; none where there is no PostgreSQL.
    pub async fn fresh() -> Option<Schema> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let server = server()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("guanxi_{}_{number}", std::process::id());
        let schema = Schema { address: server.address.clone(), name, stays: server.child.is_some() };
        schema.say(&format!("create schema {}", schema.name)).await;
        Some(schema)
    }

    /// The same, for who cannot wait.
    pub fn now() -> Option<Schema> {
        let made = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(Schema::fresh())
        });
        made.join().ok().flatten()
    }

    /// Its address, as `guanxi serve --store` takes it.
    pub fn url(&self) -> String {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joint}options=-csearch_path%3D{}", self.address, self.name)
    }

    /// A road to it that can be cut.
    pub async fn road(&self) -> Road {
        Road::to(&self.url()).await
    }

    /// A connection to it.
    ///
    /// # Panics
    ///
    /// If the server is gone: the test cannot go on.
    pub async fn client(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url(), NoTls).await.expect("the test's database is there");
        tokio::spawn(connection);
        client
    }

    /// Says something to its server.
    ///
    /// # Panics
    ///
    /// If the server is gone, or does not take it: the test cannot go on.
    pub async fn say(&self, text: &str) {
        let (client, connection) =
            tokio_postgres::connect(&self.address, NoTls).await.expect("the test's database is there");
        let connection = tokio::spawn(connection);
        client.batch_execute(text).await.expect("the test's database takes it");
        drop(client);
        let _ = connection.await;
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if self.stays {
            return;
        }
        // A drop cannot wait, so somebody else does; but not for ever for a lock that a test which failed still has.
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

/// A server: where it is, and if it was started here, what holds it.
struct Server {
    address: String,
    child: Option<Child>,
}

/// The server of this test program.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(find).as_ref()
}

fn find() -> Option<Server> {
    if let Ok(address) = std::env::var(NAMED) {
        return Some(Server { address, child: None });
    }
    let Some(programs) = programs() else {
        let _ = writeln!(
            std::io::stderr(),
            "tests on PostgreSQL are left out: there is no initdb here, and {NAMED} names no server"
        );
        return None;
    };
    Some(start(&programs))
}

/// Where the newest PostgreSQL of this machine has its programs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let folders = debian.into_iter().rev().chain(std::env::split_paths(&path));
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).is_file())
    })
}

fn start(programs: &std::path::Path) -> Server {
    // PostgreSQL does not run as root.
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if root { Command::new("runuser") } else { Command::new("sh") };
    if root {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command.args(["-c", include_str!("server.sh"), "server.sh"]).arg(programs).current_dir("/");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh is there");
    let mut home = String::new();
    BufReader::new(child.stdout.take().expect("it is piped"))
        .read_line(&mut home)
        .expect("it says where it is");
    let home = home.trim();
    assert!(!home.is_empty(), "a PostgreSQL for the tests could not be started");
    let address = format!("postgres://postgres@{}/postgres", home.replace('/', "%2F"));
    Server { address, child: Some(child) }
}
