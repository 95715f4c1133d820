//! Communities in PostgreSQL: migration, several services, moving there and back.

use crate::program::{Service, TestDir, assert_error, guanxi, run, stdout, to_mid, utf8};
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies};
use guanxi_storage::postgres::schema;
use guanxi_test_postgres::Schema;
use guanxi_types::{RelationAction, RelationSource};
use serde_json::Value;
use std::fs;
use std::process::Output;

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

    fn command(&self, args: &[&str]) -> std::process::Command {
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
    assert_error(&serve("postgres://guanxi:Geheimnis@127.0.0.1:9/guanxi?sslmode=require"), "TLS");
    assert!(!utf8(&unreachable.stderr).contains("Geheimnis"));
    assert_error(&run(&["migrate"]), "--database-url");
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
    assert_error(&database.run(&["keys", "rotate"]), "stop every guanxi service");
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
    assert_eq!(stdout(&database.run(&["keys", "rotate"])), "private data is encrypted with key 2\n");
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
