//! The program as a child process, on a port of its own.

use guanxi_client::Cookies;
use guanxi_test_postgres::Schema;
use guanxi_types::Mid;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// The program, with no settings but those a test gives it.
pub(crate) fn guanxi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guanxi"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GUANXI_") {
            command.env_remove(name);
        }
    }
    own_ports(&mut command).args(args);
    command
}

/// Gives every service its own port for operators, and a database timeout that a loaded machine does not reach.
fn own_ports(command: &mut Command) -> &mut Command {
    command.env("GUANXI_OPERATOR_LISTEN", "127.0.0.1:0").env("GUANXI_STORE_TIMEOUT_SECONDS", "60")
}

/// Runs it to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    guanxi(args).output().unwrap()
}

/// A schema for a demo, if `GUANXI_TEST_ENGINE` is `postgres`.
fn schema() -> Option<Schema> {
    let wanted = std::env::var("GUANXI_TEST_ENGINE").is_ok_and(|engine| engine == "postgres");
    wanted.then(|| Schema::now().expect("a PostgreSQL is asked for, and there is none"))
}

/// What it wrote on standard output or error.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What a command that succeeded wrote on standard output.
pub(crate) fn done(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    text(&output.stdout)
}

/// That a command could not do what it was asked, and says so with these words.
pub(crate) fn failed(output: &Output, with: &str) {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains(with), "{} does not say {with}", text(&output.stderr));
}

/// A folder of a test's own.
pub(crate) struct Folder(pub(crate) TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }
}

/// A service that runs until this is dropped, and then is killed.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) base: String,
    /// Where operators reach it; empty for a demo.
    pub(crate) operators: String,
    pub(crate) cookies: HashMap<Mid, Cookies>,
    /// What the service leaves behind when it is killed.
    _left: (Option<TempDir>, Option<Schema>),
}

impl Service {
    /// A demo, with the cookies of its members.
    pub(crate) fn demo(args: &[&str], environment: &[(&str, &str)]) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cookies.json");
        let mut command = guanxi(&["demo", "--listen", "127.0.0.1:0", "--cookies", file.to_str().unwrap()]);
        command
            .env("TMPDIR", folder.path())
            .args(args)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped());
        let schema = schema();
        if let Some(schema) = &schema {
            let migrated = run(&["migrate", "--citus", "--store", &schema.url()]);
            assert!(migrated.status.success(), "{migrated:?}");
            command.env("GUANXI_STORE", schema.url());
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let cookies: HashMap<String, Cookies> =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let cookies = cookies.into_iter().map(|(mid, cookies)| (mid.parse().unwrap(), cookies)).collect();
        let base = line.trim().to_owned();
        Service { child, base, operators: String::new(), cookies, _left: (Some(folder), schema) }
    }

    /// A demo in a directory that stays, which has been filled when this is there.
    pub(crate) fn demo_at(data: &str) -> Service {
        let mut command = guanxi(&["demo", "--listen", "127.0.0.1:0", "--data", data]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().to_owned();
        Service { child, base, operators: String::new(), cookies: HashMap::new(), _left: (None, None) }
    }

    /// A service of a data directory.
    pub(crate) fn serve(data: &Path) -> Service {
        let command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
        Service::started(command)
    }

    /// A service that a command starts; its log tells the address.
    pub(crate) fn started(mut command: Command) -> Service {
        let mut child =
            own_ports(&mut command).env("GUANXI_LOG_FORMAT", "json").stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let (address, operators) = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the service ended before it served");
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(address) = entry["fields"]["address"].as_str() {
                let operators = entry["fields"]["operators"].as_str().unwrap_or_default();
                break (address.to_owned(), operators.to_owned());
            }
        };
        // Somebody has to read the rest, or the service would wait to write it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let (base, cookies) = (format!("http://{address}"), HashMap::new());
        Service { child, base, operators, cookies, _left: (None, None) }
    }

    /// Asks it to stop, as `kill` does.
    pub(crate) fn terminate(&self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn member(mid: u64) -> Mid {
    Mid::new(mid).unwrap()
}

/// A client of plain HTTP. The client crate brings TLS without a provider, which nothing here needs but any `Client` asks for.
pub(crate) fn http() -> reqwest::Client {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
