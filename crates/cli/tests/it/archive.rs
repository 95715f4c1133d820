//! The archive of a service, and restores from it.

use crate::kill::{Relations, create_community, serve_and_kill};
use crate::program::{Service, TestDir, assert_error, guanxi, run, stdout};
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies};
use guanxi_types::{RelationAction, RelationSource};
use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The default number of kills. `GUANXI_TEST_KILLS` sets another one.
const KILLS: usize = 8;

/// Waits until a line is in the metrics of a service.
async fn metric(service: &Service, line: &str) {
    let is_there = async {
        while !has_metric(service, line).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), is_there).await.unwrap_or_else(|_| panic!("no {line}"));
}

async fn has_metric(service: &Service, line: &str) -> bool {
    let url = format!("http://{}/metrics", service.operators);
    let text = crate::program::http_client().get(url).send().await.unwrap().text().await.unwrap();
    text.lines().any(|found| found == line)
}

async fn follow(service: &Service, cookies: &Cookies, fid: u64) {
    let client = Client::new(&service.base).unwrap().with_cookies(cookies.clone());
    let (fid, act) = (crate::program::to_mid(fid), RelationAction::Follow);
    client.send(&ModifyRelation { fid, act, re_src: RelationSource::DEFAULT }).await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "an archive has the times of the system's clock")]
fn now() -> String {
    Timestamp::now().to_string()
}

fn dump_of(data: &str) -> String {
    stdout(&run(&["export", "--data-dir", data])).to_owned()
}

#[tokio::test]
async fn archived_instant_is_restored_as_in_the_guide() {
    let folder = TestDir::new();
    let [data, key, archive, config] =
        ["data", "archive.keys", "archive", "guanxi.toml"].map(|name| folder.path(name));
    let cookies = create_community(Path::new(&data)).await;
    stdout(&run(&["keys", "archive", &key]));
    let settings = format!(
        "data_dir = {data:?}\nkey_file = {:?}\narchive_url = {archive:?}\narchive_key_file = {key:?}\n",
        folder.path("guanxi.keys")
    );
    fs::write(&config, settings).unwrap();
    let serve = || Service::start(guanxi(&["serve", "--listen", "127.0.0.1:0", "--config", &config]));
    let service = serve();
    metric(&service, "guanxi_archive_lag_seconds 0.0").await;
    follow(&service, &cookies[0], 2).await;
    metric(&service, "guanxi_archive_lag_seconds 0.0").await;
    let instant = now();
    let before = dump_of(&data);
    while now() == instant {}
    follow(&service, &cookies[0], 3).await;
    let mut service = service;
    service.terminate();
    assert!(service.child.wait().unwrap().success());
    let after = dump_of(&data);

    let list = run(&["restore", "--list", "--config", &config]);
    assert!(stdout(&list).contains("timeline 1   base copy 20"), "{list:?}");
    let restored = folder.path("restored");
    let output = run(&["restore", "--config", &config, "--at", &instant, "--to", &restored]);
    assert!(stdout(&output).starts_with(&format!("restored {restored} from timeline 1: LSN ")), "{output:?}");
    assert!(stdout(&run(&["check", "--data-dir", &restored])).contains("everything agrees"));
    assert_eq!(dump_of(&restored), before);
    assert_error(&run(&["restore", "--config", &config, "--to", &restored]), "is not empty");
    let newest = folder.path("newest");
    let flags = ["restore", "--from", &archive, "--archive-key-file", &key, "--to", &newest];
    stdout(&run(&flags));
    assert_eq!(dump_of(&newest), after);

    // The restored directory takes the place of the old one, in the same archive.
    fs::rename(&data, folder.path("data.old")).unwrap();
    fs::rename(&restored, &data).unwrap();
    let service = serve();
    follow(&service, &cookies[0], 4).await;
    metric(&service, "guanxi_archive_lag_seconds 0.0").await;
    let mut service = service;
    service.terminate();
    assert!(service.child.wait().unwrap().success());
    let list = run(&["restore", "--list", "--config", &config]);
    assert!(stdout(&list).contains("timeline 2   base copy 20"), "{list:?}");
    let old = folder.path("old");
    stdout(&run(&["restore", "--config", &config, "--timeline", "1", "--to", &old]));
    assert_eq!(dump_of(&old), after);

    assert_error(&run(&["restore", "--from", &archive, "--list"]), "archive_key_file");
    let other = folder.path("other");
    let mut stranger = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &other]);
    stranger.env("GUANXI_ARCHIVE_URL", &archive).env("GUANXI_ARCHIVE_KEY_FILE", &key);
    assert_error(&stranger.output().unwrap(), "belongs to another community");
}

#[test]
fn invalid_archive_is_an_error_of_the_start() {
    let folder = TestDir::new();
    let serve = |url: &str, key: &str| {
        let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &folder.path("data")]);
        command.env("GUANXI_ARCHIVE_URL", url);
        if !key.is_empty() {
            command.env("GUANXI_ARCHIVE_KEY_FILE", key);
        }
        command.output().unwrap()
    };
    assert_error(&serve("ftp://example.cn/archive", ""), "is neither a folder");
    assert_error(&serve("s3://", ""), "has no bucket");
    assert_error(
        &serve(&folder.path("archive"), &folder.path("no.keys")),
        "create one with `guanxi keys archive`",
    );
    assert_error(&run(&["restore", "--list"]), "archive_url");
    assert_error(&run(&["restore", "--list", "--from", &folder.path("nothing")]), "nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_service_archives_true_states() {
    let kills = std::env::var("GUANXI_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = TestDir::new();
    let [data, archive] = ["data", "archive"].map(|name| folder.path(name));
    let cookies = create_community(Path::new(&data)).await;
    let mut relations = Relations::new();
    let mut states: Vec<(u64, String)> = Vec::new();
    let restore = |lsn: Option<u64>, to: &str| {
        let lsn = lsn.map(|lsn| lsn.to_string());
        let lsn_flag = lsn.as_ref().map_or(vec![], |lsn| vec!["--lsn", lsn]);
        let output = run(&[&["restore", "--from", &archive, "--to", to][..], &lsn_flag].concat());
        let text = stdout(&output).to_owned();
        assert!(stdout(&run(&["check", "--data-dir", to])).contains("everything agrees"));
        let number = text.split("LSN ").nth(1).and_then(|rest| rest.split([',', '\n']).next()).unwrap();
        (number.parse::<u64>().unwrap(), dump_of(to))
    };
    let serve = || {
        let mut serve = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
        serve.env("GUANXI_ARCHIVE_URL", &archive);
        Service::start(serve)
    };
    // The first base copy.
    metric(&serve(), "guanxi_archive_lag_seconds 0.0").await;
    for kill in 0..kills {
        let environment = [("GUANXI_ARCHIVE_URL", &archive[..]), ("GUANXI_ARCHIVE_INTERVAL_MS", "10")];
        relations =
            serve_and_kill(Path::new(&data), &environment, &cookies, &relations, 20 + kill * 37 % 400).await;
        if kill % 4 == 3 {
            let state = restore(None, &folder.path(&format!("killed{kill}")));
            let last_lsn = states.last().map_or(0, |(lsn, _)| *lsn);
            assert!(state.0 >= last_lsn, "{} after {last_lsn}", state.0);
            states.push(state);
        }
    }
    // A clean stop archives everything. Each earlier state is a part of the same history.
    let mut service = serve();
    metric(&service, "guanxi_archive_lag_seconds 0.0").await;
    service.terminate();
    assert!(service.child.wait().unwrap().success());
    assert_eq!(restore(None, &folder.path("all")).1, dump_of(&data));
    for (at, (lsn, dump)) in states.iter().enumerate() {
        let (restored, found) = restore(Some(*lsn), &folder.path(&format!("again{at}")));
        assert!((restored, &found) == (*lsn, dump), "the state of LSN {lsn} changed");
    }
}
