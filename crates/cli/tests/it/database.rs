//! Communities in PostgreSQL: migration, several services, moving there and back.

use crate::program::{Service, TestDir, assert_error, guanxi, run, stdout, to_mid, utf8};
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies};
use guanxi_storage::postgres::schema;
use guanxi_test_postgres::{Schema, TcpServer};
use guanxi_types::{RelationAction, RelationSource};
use rcgen::generate_simple_self_signed;
use serde_json::Value;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio::time::timeout;

/// An empty schema, and a directory with its key file.
struct Database {
    schema: Schema,
    folder: TestDir,
}

impl Database {
    /// Returns `None` without PostgreSQL.
    fn new() -> Option<Database> {
        Some(Database { schema: Schema::create_blocking()?, folder: TestDir::new() })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = guanxi(args);
        command.env("GUANXI_DATABASE_URL", self.schema.url()).env("GUANXI_KEY_FILE", self.path("keys"));
        command
    }

    /// Runs the program with this database.
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Starts a service on this database.
    fn serve(&self) -> Service {
        Service::start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

#[test]
fn serve_fails_before_migration() {
    let Some(database) = Database::new() else { return };
    assert_error(&database.run(&["serve"]), "run `guanxi migrate` first");
    let newest = schema::required_version();
    assert_eq!(stdout(&database.run(&["migrate"])), format!("created schema version {newest}\n"));
    assert_eq!(stdout(&database.run(&["migrate"])), format!("schema version {newest} is up to date\n"));
    assert!(stdout(&database.run(&["check"])).ends_with("everything agrees\n"));
}

#[test]
fn invalid_database_url_is_reported_without_password() {
    let serve = |store: &str| run(&["serve", "--database-url", store]);
    assert_error(&serve("mysql://guanxi:Geheimnis@127.0.0.1/guanxi"), "database_url");
    // No server listens on the discard port.
    let unreachable = serve("postgres://guanxi:Geheimnis@127.0.0.1:9/guanxi");
    assert_error(&unreachable, "the database cannot be opened");
    assert!(!utf8(&unreachable.stderr).contains("Geheimnis"));
    assert_error(&run(&["migrate"]), "--database-url");
    assert_error(&serve("postgres:///guanxi?sslmode=verify_full"), "verify-full");
}

#[tokio::test]
async fn database_with_tls_is_reached_by_variables() {
    let Some(server) = TcpServer::start() else { return };
    let folder = TestDir::new();
    let [own, other] = [(), ()].map(|()| generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    let [own_roots, other_roots] =
        [("own", &own), ("other", &other)].map(|(name, own)| folder.write(name, &own.cert.pem()));
    server.write_file("server.crt", &own.cert.pem()).await;
    server.write_file("server.key", &own.signing_key.serialize_pem()).await;
    server.write_file("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust").await;
    server.configure(&[("ssl", "on")]).await;
    let run = |args: &[&str], mode: &str, roots: &str| {
        let mut command = guanxi(args);
        command.env("GUANXI_DATABASE_URL", "postgres:///postgres").env("PGPORT", server.port().to_string());
        command.envs([("PGHOST", "localhost"), ("PGHOSTADDR", "127.0.0.1"), ("PGUSER", "postgres")]);
        command.env_remove("SSL_CERT_DIR").envs([("SSL_CERT_FILE", roots), ("PGSSLMODE", mode)]);
        command.env("PGSSLROOTCERT", if mode == "verify-full" { "system" } else { "" }).output().unwrap()
    };
    let encrypted = run(&["serve"], "prefer", &other_roots);
    assert_error(&encrypted, "connections to the database use TLS");
    assert_error(&encrypted, "run `guanxi migrate` first");
    assert_error(
        &run(&["migrate"], "verify-full", &other_roots),
        "sslmode=verify-full: invalid peer certificate",
    );
    stdout(&run(&["migrate"], "verify-full", &own_roots));
    server.write_file("pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 trust").await;
    server.configure(&[("ssl", "off")]).await;
    assert_error(&run(&["serve"], "prefer", &own_roots), "connections to the database use no TLS");
    assert_error(&run(&["serve"], "verify-full", &own_roots), "server does not support TLS");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_share_one_database() {
    let Some(database) = Database::new() else { return };
    stdout(&database.run(&["migrate", "--citus"]));
    let cards = "{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n{\"card\":{\"mid\":2}}\n";
    fs::write(database.path("dump.jsonl"), cards).unwrap();
    stdout(&database.run(&["import", &database.path("dump.jsonl")]));
    let cookies: Cookies = serde_json::from_str(stdout(&database.run(&["member", "session", "1"]))).unwrap();
    let (one, other) = (database.serve(), database.serve());
    let follow =
        ModifyRelation { fid: to_mid(2), act: RelationAction::Follow, re_src: RelationSource::DEFAULT };
    Client::new(&one.base).unwrap().with_cookies(cookies.clone()).send(&follow).await.unwrap();
    let stat =
        Client::new(&other.base).unwrap().send(&GetRelationCounters { vmid: to_mid(2) }).await.unwrap();
    assert_eq!(stat.follower, 1);
    let prepared = database.run(&["keys", "prepare"]);
    assert!(stdout(&prepared).ends_with("has key 2, which the next rotation uses\n"), "{prepared:?}");
    assert_eq!(stdout(&database.run(&["keys", "rotate"])), "private data is encrypted with key 2\n");
    assert_error(
        &database.run(&["import", "--merge", &database.path("dump.jsonl")]),
        "stop every guanxi service",
    );
    stdout(&database.run(&["member", "revoke", "1"]));
    for base in [&one.base, &other.base] {
        assert!(Client::new(base).unwrap().with_cookies(cookies.clone()).send(&follow).await.is_err());
    }
    drop((one, other));
    assert!(stdout(&database.run(&["check"])).ends_with("everything agrees\n"));
    assert_eq!(stdout(&database.run(&["keys", "rotate"])), "private data is encrypted with key 3\n");
}

/// The time that no program takes to end, even on a slow machine.
const LONG: Duration = Duration::from_secs(30);

/// A migrated database with a locked table. `check` and `export` wait for the lock.
struct LockedDatabase {
    database: Database,
    /// Holds the lock, and counts the statements that wait for it.
    client: guanxi_test_postgres::Client,
}

impl LockedDatabase {
    async fn new() -> Option<LockedDatabase> {
        let database = Database::new()?;
        stdout(&database.run(&["migrate"]));
        let client = database.schema.client().await;
        client.batch_execute("begin; lock table relation in access exclusive mode").await.unwrap();
        Some(LockedDatabase { database, client })
    }

    /// Waits until so many statements wait for the lock.
    async fn wait_for_statements(&self, count: i64) {
        let waiting = "select count(*) from pg_locks where relation = 'relation'::regclass and not granted";
        let waited = timeout(LONG, async {
            while self.client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) != count {
                tokio::task::yield_now().await;
            }
        });
        waited.await.expect("the statement begins and ends in time");
    }
}

#[tokio::test]
async fn stopped_scan_leaves_no_statement_and_no_file() {
    let Some(locked) = LockedDatabase::new().await else { return };
    let file = locked.database.path("dump.jsonl");
    for args in [&["check"][..], &["export", "--output", &file]] {
        for signal in ["INT", "TERM", "KILL"] {
            let mut command = locked.database.command(args);
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            locked.wait_for_statements(1).await;
            assert!(
                Command::new("kill")
                    .args(["-s", signal, &child.id().to_string()])
                    .status()
                    .unwrap()
                    .success()
            );
            let output = child.wait_with_output().unwrap();
            // A killed program cannot cancel its statement. The server detects that the program is gone.
            if signal != "KILL" {
                assert_error(&output, "stopped by a signal");
                assert!(!fs::exists(format!("{file}.part")).unwrap());
            }
            locked.wait_for_statements(0).await;
        }
    }
}

#[tokio::test]
async fn scan_beyond_its_time_limit_fails() {
    let Some(locked) = LockedDatabase::new().await else { return };
    let file = locked.database.path("dump.jsonl");
    for args in [&["check"][..], &["export", "--output", &file]] {
        let mut command = locked.database.command(args);
        let output = command.env("GUANXI_DATABASE_SCAN_TIMEOUT_SECONDS", "1").output().unwrap();
        assert_error(&output, "the database timed out");
        locked.wait_for_statements(0).await;
    }
    assert!(!fs::exists(format!("{file}.part")).unwrap());
}

#[test]
fn moving_to_a_database_and_back_preserves_the_community() {
    let Some(database) = Database::new() else { return };
    let demo = Service::demo_in(&database.path("demo"));
    drop(demo);
    let export = |name: &str, args: &[&str]| {
        let (file, mut all) = (database.path(name), vec!["export", "--with-pii", "--output"]);
        all.push(&file);
        all.extend(args);
        stdout(&run(&all));
        fs::read(&file).unwrap()
    };
    let before = export("before.jsonl", &["--data-dir", &database.path("demo")]);
    stdout(&database.run(&["migrate", "--citus"]));
    stdout(&database.run(&["import", &database.path("before.jsonl")]));
    assert!(stdout(&database.run(&["check"])).ends_with("everything agrees\n"));
    stdout(&database.run(&["export", "--with-pii", "--output", &database.path("there.jsonl")]));
    assert!(fs::read(database.path("there.jsonl")).unwrap() == before, "export from the database");
    stdout(&run(&["import", &database.path("there.jsonl"), "--data-dir", &database.path("back")]));
    assert!(
        export("back.jsonl", &["--data-dir", &database.path("back")]) == before,
        "export after moving back"
    );
}

#[tokio::test]
async fn filled_database_passes_the_check_and_has_sessions() {
    let Some(database) = Database::new() else { return };
    stdout(&database.run(&["migrate", "--citus"]));
    let file = database.path("community.json");
    let size = ["--members", "2000", "--edges", "20000", "--sessions", "70", "--community", &file];
    let filled = database.run(&[&["bench", "fill"][..], &size].concat());
    assert!(stdout(&filled).starts_with("2,000 members and "), "{filled:?}");
    assert!(stdout(&database.run(&["check"])).ends_with("everything agrees\n"));
    let community: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let session = &community["sessions"][69];
    let cookies = Cookies {
        sessdata: session["token"].as_str().unwrap().to_owned(),
        bili_jct: String::new(),
        dede_user_id: session["mid"].to_string(),
        buvid3: String::new(),
    };
    let service = database.serve();
    let client = Client::new(&service.base).unwrap().with_cookies(cookies);
    assert_eq!(client.send(&GetAccount {}).await.unwrap().mid.to_string(), session["mid"].to_string());
}
