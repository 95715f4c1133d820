//! Communities that are exported, imported, merged and copied, while they are served and while they are killed.

use crate::program::{Folder, Service, done, failed, guanxi, member, run, text};
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_client::{Client, Cookies};
use guanxi_storage::dump::{self, Progress};
use guanxi_storage::{EmbeddedStore, Row, Store};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A dump of some members, of whom each has a phone, and coins thrice in one second.
fn members(count: u64) -> String {
    let mut lines = vec!["{\"guanxi_dump\":2}\n".to_owned()];
    lines.extend((1..=count).map(|mid| format!("{{\"card\":{{\"mid\":{mid},\"uname\":\"m{mid}\"}}}}\n")));
    lines.extend((1..=count).map(|mid| {
        format!("{{\"account\":{{\"mid\":{mid},\"userid\":\"gx_{mid}\",\"tel\":\"15{mid:09}\",\"tel_verified\":true}}}}\n")
    }));
    let coin = |mid| {
        format!("{{\"coin\":{{\"mid\":{mid},\"time\":100,\"delta\":0.5,\"reason\":\"x\"}}}}\n").repeat(3)
    };
    lines.extend((1..=count).map(coin));
    lines.concat()
}

/// A member's session, made while nobody serves.
fn session(data: &str, mid: u64) -> Cookies {
    serde_json::from_slice(&run(&["member", "session", &mid.to_string(), "--data", data]).stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_is_exported_while_it_is_served_and_written() {
    const MEMBERS: u64 = 3000;
    let folder = Folder::new();
    let (dump, data) = (folder.write("dump.jsonl", &members(MEMBERS)), folder.path("data"));
    done(&run(&["import", &dump, "--data", &data]));
    let cookies = session(&data, 1);
    let service = Service::serve(Path::new(&data));
    let client = Client::new(&service.base).unwrap().logged_in(cookies);
    let (stop, written) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let writing = {
        let (stop, written) = (Arc::clone(&stop), Arc::clone(&written));
        tokio::spawn(async move {
            for fid in (2..=MEMBERS).cycle() {
                if stop.load(Ordering::Relaxed) == 1 {
                    break;
                }
                let act = if fid % 3 == 0 { RelationAction::Unfollow } else { RelationAction::Follow };
                let modify = Modify { fid: member(fid), act, re_src: Source::USUAL };
                // A limit that is reached is an answer too.
                let _ = client.send(&modify).await;
                written.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    while written.load(Ordering::Relaxed) < 20 {
        tokio::task::yield_now().await;
    }
    let before = written.load(Ordering::Relaxed);
    let exported = folder.path("exported.jsonl.zst");
    let output = run(&["export", "--data", &data, "--with-pii", "--output", &exported]);
    assert!(text(&output.stderr).ends_with(" rows were written\n"), "{output:?}");
    assert_eq!(done(&output), "");
    while written.load(Ordering::Relaxed) < before + 5 {
        tokio::task::yield_now().await;
    }
    stop.store(1, Ordering::Relaxed);
    writing.await.unwrap();
    assert_eq!(fs::metadata(&exported).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::exists(folder.path("exported.jsonl.zst.part")).unwrap());
    done(&run(&["check", "--data", &data]));
    drop(service);

    // It is one moment's, so it is a community in which everything agrees.
    let moved = folder.path("moved");
    done(&run(&["import", &exported, "--data", &moved]));
    assert!(done(&run(&["check", "--data", &moved])).contains("everything agrees"));
    let again = folder.path("again.jsonl.zst");
    done(&run(&["export", "--data", &moved, "--with-pii", "--output", &again]));
    assert_eq!(fs::read(again).unwrap(), fs::read(exported).unwrap(), "nothing was lost on the way");
}

#[test]
fn what_is_private_is_exported_only_if_it_is_asked_for() {
    let folder = Folder::new();
    let rows =
        members(2) + "{\"password\":{\"mid\":1,\"phc\":\"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA\"}}\n";
    done(&run(&["import", &folder.write("dump.jsonl", &rows), "--data", &folder.path("data")]));
    let export = |args: &[&str]| {
        let output = guanxi(&["export", "--data", &folder.path("data")]).args(args).output().unwrap();
        done(&output).to_owned()
    };
    let (public, all) = (export(&[]), export(&["--with-pii"]));
    for (private, stands) in [("15000000001", true), ("argon2id", true), ("gx_1", false)] {
        assert!(all.contains(private), "{all}");
        assert_eq!(public.contains(private), !stands, "{public}");
    }
    fs::remove_file(folder.path("data/guanxi.keys")).unwrap();
    assert_eq!(export(&[]), public, "nothing was opened");
    let output =
        run(&["export", "--data", &folder.path("data"), "--with-pii", "--output", &folder.path("all")]);
    failed(&output, "guanxi.keys");
    for name in ["all", "all.part"] {
        assert!(!fs::exists(folder.path(name)).unwrap(), "{name} is left behind");
    }
}

#[test]
fn the_example_of_the_document_is_a_community() {
    let (_, document) = include_str!("../../../../docs/dump.md").split_once("\n## Example\n").unwrap();
    let (_, example) = document.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let folder = Folder::new();
    done(&run(&["import", &folder.write("dump.jsonl", example), "--data", &folder.path("data")]));
    assert!(done(&run(&["check", "--data", &folder.path("data")])).contains("everything agrees"));
    let exported = run(&["export", "--data", &folder.path("data"), "--with-pii"]);
    let rows = |dump: &str| dump::read(dump.as_bytes()).map(|row| row.unwrap().1).collect::<Vec<Row>>();
    let exported = rows(done(&exported));
    for row in rows(example) {
        assert!(exported.contains(&row), "{row:?}");
    }
}

/// An import that was given some of a dump, and of it has kept how far it came.
async fn import_of(text: &str, data: &str, args: &[&str]) -> (Child, Progress) {
    let mut command = guanxi(&["import", "-", "--data", data]);
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let input = child.stdin.as_mut().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    input.flush().unwrap();
    loop {
        assert_eq!(child.try_wait().unwrap(), None, "it waits for more");
        if let Ok(store) = EmbeddedStore::open_to_read(Path::new(data))
            && let Some(progress) = store.loading().await.unwrap()
        {
            return (child, progress);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    let folder = Folder::new();
    let (dump, data) = (members(5000), folder.path("data"));
    let file = folder.write("dump.jsonl", &dump);
    let (mut child, progress) = import_of(&dump[..dump.len() * 4 / 5], &data, &[]).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(progress.rows >= 10_000, "{progress:?}");

    for command in ["serve", "check", "export"] {
        failed(&run(&[command, "--data", &data]), "give `guanxi import` the same dump");
    }
    let other = folder.write("other.jsonl", &dump.replace("m1\"", "n1\""));
    failed(&run(&["import", &other, "--data", &data]), "not the first of this dump");
    failed(&run(&["import", "--merge", &file, "--data", &data]), "without --merge");
    let output = run(&["import", &file, "--data", &data]);
    assert!(text(&output.stderr).starts_with("going on from line "), "{output:?}");
    done(&output);
    assert!(done(&run(&["check", "--data", &data])).contains("coin entries         15000"));
    let exported = run(&["export", "--data", &data, "--with-pii"]);
    let kept =
        done(&exported).lines().filter(|line| line.contains("\"coin\"") || line.contains("\"account\""));
    assert_eq!(kept.count(), 20_000);
}

#[tokio::test]
async fn a_merge_that_is_killed_goes_on_and_adds_nothing_twice() {
    let folder = Folder::new();
    let (dump, data) = (members(5000), folder.path("data"));
    let file = folder.write("dump.jsonl", &dump);
    done(&run(&["import", &folder.write("some.jsonl", &members(9)), "--data", &data]));
    failed(&run(&["import", &file, "--data", &data]), "already holds a community");
    let (mut child, _) = import_of(&dump[..dump.len() * 4 / 5], &data, &["--merge"]).await;
    child.kill().unwrap();
    child.wait().unwrap();

    failed(&run(&["serve", "--data", &data]), "was not filled to the end");
    failed(&run(&["import", &file, "--data", &data]), "with --merge");
    for _ in 0..2 {
        done(&run(&["import", "--merge", &file, "--data", &data]));
        assert!(done(&run(&["check", "--data", &data])).contains("coin entries         15000"));
    }
}

#[test]
fn a_compressed_dump_is_known_by_how_it_begins() {
    let folder = Folder::new();
    done(&run(&["import", &folder.write("dump.jsonl", &members(3)), "--data", &folder.path("one")]));
    let plain = run(&["export", "--data", &folder.path("one"), "--with-pii"]);
    let compressed = run(&["export", "--data", &folder.path("one"), "--with-pii", "--zstd"]);
    assert!(compressed.stdout.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    fs::write(folder.path("dump.txt"), &compressed.stdout).unwrap();
    done(&run(&["import", &folder.path("dump.txt"), "--data", &folder.path("two")]));
    assert_eq!(run(&["export", "--data", &folder.path("two"), "--with-pii"]).stdout, plain.stdout);

    fs::write(folder.path("cut"), &compressed.stdout[..compressed.stdout.len() / 2]).unwrap();
    failed(&run(&["import", &folder.path("cut"), "--data", &folder.path("three")]), "line ");
}

#[tokio::test]
async fn a_backup_that_is_made_while_it_is_served_can_be_served() {
    let folder = Folder::new();
    let (data, copy, bare) = (folder.path("data"), folder.path("copy"), folder.path("bare"));
    done(&run(&["import", &folder.write("dump.jsonl", &members(3)), "--data", &data]));
    let cookies = session(&data, 1);
    let service = Service::serve(Path::new(&data));
    let client = Client::new(&service.base).unwrap().logged_in(cookies);
    let follow = |fid| Modify { fid: member(fid), act: RelationAction::Follow, re_src: Source::USUAL };
    client.send(&follow(2)).await.unwrap();
    let said = run(&["backup", "--data", &data, "--with-keys", &copy]);
    assert!(done(&said).starts_with(&format!("{copy} has a copy of ")), "{said:?}");
    done(&run(&["backup", "--data", &data, &bare]));
    failed(&run(&["backup", "--data", &data, &copy]), "is not empty");
    failed(&run(&["backup", "--data", &data, &data]), "is not empty");
    client.send(&follow(3)).await.unwrap();

    let copied = Service::serve(Path::new(&copy));
    let client = Client::new(&copied.base).unwrap();
    assert_eq!(client.send(&RelationStat { vmid: member(2) }).await.unwrap().follower, 1);
    assert_eq!(client.send(&RelationStat { vmid: member(3) }).await.unwrap().follower, 0, "that came later");
    drop((service, copied));
    done(&run(&["check", "--data", &copy]));
    let mode = |name: &str| fs::metadata(Path::new(&copy).join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data.mdb"), mode("guanxi.keys")), (0o600, 0o600));

    // Without the keys it is whole, and what is private stays shut.
    failed(&run(&["serve", "--data", &bare]), "guanxi.keys");
    let keys = Path::new(&data).join("guanxi.keys");
    let with =
        |command: &str| guanxi(&[command, "--data", &bare]).env("GUANXI_KEYS", &keys).output().unwrap();
    done(&with("check"));
    let mut export = guanxi(&["export", "--data", &bare, "--with-pii"]);
    assert!(done(&export.env("GUANXI_KEYS", &keys).output().unwrap()).contains("15000000001"));
}

/// A dump of many long lines that is far smaller than what it unpacks to.
fn bomb(window: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 19).unwrap();
    encoder.window_log(window).unwrap();
    let text = "x".repeat(900_000);
    encoder.write_all(b"{\"guanxi_dump\":2}\n").unwrap();
    for mid in 1..=200 {
        let line = format!("{{\"profile\":{{\"mid\":{mid},\"description\":\"{text}\"}}}}\n");
        encoder.write_all(line.as_bytes()).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn import_refuses_a_dump_that_unpacks_to_more_than_it_may() {
    let folder = Folder::new();
    let (small, wide) = (bomb(20), bomb(27));
    assert!(small.len() < 200_000, "it is a bomb: {}", small.len());
    for (name, bytes, said) in [
        ("small", small, "line 2: profile.description: not a text of at most 2000 characters"),
        ("wide", wide, "line 1: Frame requires too much memory for decoding"),
    ] {
        fs::write(folder.path(name), bytes).unwrap();
        let data = folder.path(&format!("{name}.data"));
        failed(&run(&["import", &folder.path(name), "--data", &data]), said);
    }
}
