//! A server of one test, for tests that change its settings.

use crate::script::Script;
use crate::{bin_dir, skip, start_server};
use std::net::TcpListener;
use std::path::PathBuf;
use tokio_postgres::{Client, Config, NoTls};

/// The attempts to start a server. Another program may take its port meanwhile.
const ATTEMPTS: usize = 5;

/// A server that listens on a port of 127.0.0.1 and on a Unix socket. It stops when it is dropped.
#[derive(Debug)]
pub struct TcpServer {
    port: u16,
    /// The directory of the Unix socket.
    home: String,
    bin_dir: PathBuf,
    _script: Script,
}

impl TcpServer {
    /// Starts a server. Returns `None` without PostgreSQL.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub fn start() -> Option<TcpServer> {
        let Some(bin_dir) = bin_dir() else {
            skip("tests on a PostgreSQL of their own", "no initdb on this machine");
            return None;
        };
        let start = |_| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("bind a free port");
            let port = listener.local_addr().expect("address of a bound listener").port();
            drop(listener);
            let (home, script) = start_server(&bin_dir, Some(port))?;
            Some(TcpServer { port, home, bin_dir: bin_dir.clone(), _script: script })
        };
        Some((0..ATTEMPTS).find_map(start).expect("PostgreSQL for a test did not start"))
    }

    /// The port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path of a program of this PostgreSQL, if it is installed.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.bin_dir.join(name)).filter(|path| path.is_file())
    }

    /// Executes SQL as the superuser.
    ///
    /// # Panics
    ///
    /// If the server rejects the statements.
    pub async fn execute(&self, text: &str) {
        self.client().await.batch_execute(text).await.expect("execute SQL on the server of a test");
    }

    /// Writes a file into the data directory. Only the server can read it.
    pub async fn write_file(&self, name: &str, text: &str) {
        let lines = format!("select regexp_split_to_table($text${text}$text$, E'\\n')");
        self.execute(&format!("copy ({lines}) to program 'umask 077 && cat > {name}'")).await;
    }

    /// Changes settings, and waits until new connections have them.
    pub async fn configure(&self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.execute(&format!("alter system set {name} = '{value}'")).await;
        }
        self.execute("select pg_reload_conf()").await;
        for (name, value) in settings {
            while self.setting(name).await != *value {}
        }
    }

    async fn setting(&self, name: &str) -> String {
        let row = self.client().await.query_one(&format!("show {name}"), &[]).await;
        row.expect("a setting of the server").get(0)
    }

    /// Opens a connection of the superuser on the Unix socket.
    async fn client(&self) -> Client {
        let mut config = Config::new();
        config.host(&self.home).port(self.port).user("postgres").dbname("postgres");
        let (client, connection) = config.connect(NoTls).await.expect("connect to the server of a test");
        tokio::spawn(connection);
        client
    }
}
