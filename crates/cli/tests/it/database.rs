//! Communities that are kept in a database: made, served by several, moved there and back.

use crate::program::{Folder, Service, done, failed, guanxi, run, text};
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_client::{Client, Cookies};
use guanxi_storage::postgres::schema;
use guanxi_test_postgres::Schema;
use guanxi_types::Mid;
use std::fs;
use std::process::Output;

/// A schema with nothing in it, and a folder with the keys of its private data.
struct Place {
    schema: Schema,
    folder: Folder,
}

impl Place {
    /// None where there is no PostgreSQL.
    fn new() -> Option<Place> {
        Some(Place { schema: Schema::now()?, folder: Folder::new() })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = guanxi(args);
        command.env("GUANXI_STORE", self.schema.url()).env("GUANXI_KEYS", self.path("keys"));
        command
    }

    /// Runs the program on the database.
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// A service of the database.
    fn serve(&self) -> Service {
        Service::started(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}

#[test]
fn a_database_is_migrated_before_it_is_served() {
    let Some(place) = Place::new() else { return };
    failed(&place.run(&["serve"]), "run `guanxi migrate` first");
    let newest = schema::newest();
    assert_eq!(done(&place.run(&["migrate"])), format!("the schema was made: version {newest}\n"));
    assert_eq!(done(&place.run(&["migrate"])), format!("the schema is up to date: version {newest}\n"));
    assert!(done(&place.run(&["check"])).ends_with("everything agrees\n"));
}

#[test]
fn what_is_no_database_is_told_so_and_no_password_with_it() {
    let serve = |store: &str| run(&["serve", "--store", store]);
    failed(&serve("mysql://guanxi:Geheimnis@127.0.0.1/guanxi"), "store");
    // Nobody listens at the discard port of this machine.
    let away = serve("postgres://guanxi:Geheimnis@127.0.0.1:9/guanxi");
    failed(&away, "the database cannot be opened");
    failed(&serve("postgres://guanxi:Geheimnis@127.0.0.1:9/guanxi?sslmode=require"), "TLS");
    assert!(!text(&away.stderr).contains("Geheimnis"));
    failed(&run(&["migrate"]), "--store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_serve_one_community() {
    let Some(place) = Place::new() else { return };
    done(&place.run(&["migrate", "--citus"]));
    let cards = "{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n{\"card\":{\"mid\":2}}\n";
    fs::write(place.path("dump.jsonl"), cards).unwrap();
    done(&place.run(&["import", &place.path("dump.jsonl")]));
    let cookies: Cookies = serde_json::from_str(done(&place.run(&["member", "session", "1"]))).unwrap();
    let (one, other) = (place.serve(), place.serve());
    let follow = Modify { fid: mid(2), act: RelationAction::Follow, re_src: Source::USUAL };
    Client::new(&one.base).unwrap().logged_in(cookies.clone()).send(&follow).await.unwrap();
    let stat = Client::new(&other.base).unwrap().send(&RelationStat { vmid: mid(2) }).await.unwrap();
    assert_eq!(stat.follower, 1);
    failed(&place.run(&["keys", "rotate"]), "stop every guanxi");
    failed(&place.run(&["import", "--merge", &place.path("dump.jsonl")]), "stop every guanxi");
    done(&place.run(&["member", "revoke", "1"]));
    for base in [&one.base, &other.base] {
        assert!(Client::new(base).unwrap().logged_in(cookies.clone()).send(&follow).await.is_err());
    }
    drop((one, other));
    assert!(done(&place.run(&["check"])).ends_with("everything agrees\n"));
    assert_eq!(done(&place.run(&["keys", "rotate"])), "private data are sealed with key 2\n");
}

#[test]
fn a_community_moves_to_a_database_and_back_and_stays_what_it_was() {
    let Some(place) = Place::new() else { return };
    let demo = Service::demo_at(&place.path("demo"));
    drop(demo);
    let export = |name: &str, args: &[&str]| {
        let (file, mut all) = (place.path(name), vec!["export", "--with-pii", "--output"]);
        all.push(&file);
        all.extend(args);
        done(&run(&all));
        fs::read(&file).unwrap()
    };
    let before = export("before.jsonl", &["--data", &place.path("demo")]);
    done(&place.run(&["migrate", "--citus"]));
    done(&place.run(&["import", &place.path("before.jsonl")]));
    assert!(done(&place.run(&["check"])).ends_with("everything agrees\n"));
    done(&place.run(&["export", "--with-pii", "--output", &place.path("there.jsonl")]));
    assert!(fs::read(place.path("there.jsonl")).unwrap() == before, "it is the same there");
    done(&run(&["import", &place.path("there.jsonl"), "--data", &place.path("back")]));
    assert!(export("back.jsonl", &["--data", &place.path("back")]) == before, "and back");
}
