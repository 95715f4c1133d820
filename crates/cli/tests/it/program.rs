//! The program as a child process on free ports.

use guanxi_client::Cookies;
use guanxi_test_postgres::Schema;
use guanxi_types::Mid;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Returns a command of the program, without settings from the environment of the test.
pub(crate) fn guanxi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guanxi"));
    for (name, _) in std::env::vars_os() {
        if ["GUANXI_", "PG"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    set_test_defaults(&mut command).args(args);
    command
}

/// Sets a free operator port, and a database timeout that a loaded machine does not reach.
fn set_test_defaults(command: &mut Command) -> &mut Command {
    command.env("GUANXI_OPERATOR_LISTEN", "127.0.0.1:0").env("GUANXI_DATABASE_TIMEOUT_SECONDS", "60")
}

/// Runs the program to completion.
pub(crate) fn run(args: &[&str]) -> Output {
    guanxi(args).output().unwrap()
}

/// Creates a schema for a demo if `GUANXI_TEST_ENGINE` is `postgres`.
fn demo_schema() -> Option<Schema> {
    let is_postgres = std::env::var("GUANXI_TEST_ENGINE").is_ok_and(|engine| engine == "postgres");
    is_postgres.then(|| Schema::create_blocking().expect("GUANXI_TEST_ENGINE requires PostgreSQL"))
}

/// Returns output as text.
pub(crate) fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Returns the standard output of a command that succeeded.
pub(crate) fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    utf8(&output.stdout)
}

/// Asserts that a command failed with exit code 2 and a message on standard error.
pub(crate) fn assert_error(output: &Output, message: &str) {
    assert_exit(output, 2, message);
}

/// Asserts that a command ended with an exit code and a message on standard error.
pub(crate) fn assert_exit(output: &Output, code: i32, message: &str) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(utf8(&output.stderr).contains(message), "{} does not contain {message}", utf8(&output.stderr));
}

/// A temporary directory of one test.
pub(crate) struct TestDir(pub(crate) TempDir);

impl TestDir {
    pub(crate) fn new() -> TestDir {
        TestDir(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }
}

/// Starts a demo. Returns its URL once it is filled.
fn spawn_demo(command: &mut Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

/// A running service. Drop kills it.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) base: String,
    /// The address for operators. Empty for a demo.
    pub(crate) operators: String,
    pub(crate) cookies: HashMap<Mid, Cookies>,
    /// Resources that are deleted after the service.
    _resources: (Option<TempDir>, Option<Schema>),
}

impl Service {
    /// Starts a demo, with the cookies of its members.
    pub(crate) fn demo(args: &[&str], environment: &[(&str, &str)]) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cookies.json");
        let mut command = guanxi(&["demo", "--listen", "127.0.0.1:0", "--cookies", file.to_str().unwrap()]);
        command.env("TMPDIR", folder.path()).args(args).envs(environment.iter().copied());
        let schema = demo_schema();
        if let Some(schema) = &schema {
            let migrated = run(&["migrate", "--citus", "--database-url", &schema.url()]);
            assert!(migrated.status.success(), "{migrated:?}");
            command.env("GUANXI_DATABASE_URL", schema.url());
        }
        let (child, base) = spawn_demo(&mut command);
        let cookies: HashMap<String, Cookies> =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let cookies = cookies.into_iter().map(|(mid, cookies)| (mid.parse().unwrap(), cookies)).collect();
        Service { child, base, operators: String::new(), cookies, _resources: (Some(folder), schema) }
    }

    /// Starts a demo in a data directory, which is filled when this returns.
    pub(crate) fn demo_in(data: &str) -> Service {
        let mut command = guanxi(&["demo", "--listen", "127.0.0.1:0", "--data-dir", data]);
        let (child, base) = spawn_demo(&mut command);
        Service { child, base, operators: String::new(), cookies: HashMap::new(), _resources: (None, None) }
    }

    /// Starts a service on a data directory.
    pub(crate) fn serve(data: &Path) -> Service {
        let command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
        Service::start(command)
    }

    /// Starts a service with a command. Reads the address from its log.
    pub(crate) fn start(mut command: Command) -> Service {
        set_test_defaults(&mut command).env("GUANXI_LOG_FORMAT", "json").stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let (address, operators) = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the service ended during its start");
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(address) = entry["fields"]["address"].as_str() {
                let operators = entry["fields"]["operators"].as_str().unwrap_or_default();
                break (address.to_owned(), operators.to_owned());
            }
        };
        // The service would block on a full pipe if its log were not read.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let (base, cookies) = (format!("http://{address}"), HashMap::new());
        Service { child, base, operators, cookies, _resources: (None, None) }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // The service may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn to_mid(mid: u64) -> Mid {
    Mid::new(mid).unwrap()
}

/// Returns a client for plain HTTP. The feature `tls` of the client crate makes reqwest require a TLS provider, so
/// this installs one.
pub(crate) fn http_client() -> reqwest::Client {
    // Another test may have installed the provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
