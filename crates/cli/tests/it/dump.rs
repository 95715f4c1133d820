//! Export, import, merge and backup, during service and after kills.

use crate::program::{Service, TestDir, assert_error, guanxi, run, stdout, to_mid, utf8};
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies};
use guanxi_storage::dump::{self, ImportProgress};
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::{RelationAction, RelationSource};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns a dump of members, each with a phone number and three equal coin entries.
fn dump_of(count: u64) -> String {
    let mut lines = vec!["{\"guanxi_dump\":1}\n".to_owned()];
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

/// Opens a session while the service is stopped.
fn session(data: &str, mid: u64) -> Cookies {
    serde_json::from_slice(&run(&["member", "session", &mid.to_string(), "--data-dir", data]).stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_during_writes_is_consistent() {
    const MEMBERS: u64 = 3000;
    let folder = TestDir::new();
    let (dump, data) = (folder.write("dump.jsonl", &dump_of(MEMBERS)), folder.path("data"));
    stdout(&run(&["import", &dump, "--data-dir", &data]));
    let cookies = session(&data, 1);
    let service = Service::serve(Path::new(&data));
    let client = Client::new(&service.base).unwrap().with_cookies(cookies);
    let (stop, written) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let writing = {
        let (stop, written) = (Arc::clone(&stop), Arc::clone(&written));
        tokio::spawn(async move {
            for fid in (2..=MEMBERS).cycle() {
                if stop.load(Ordering::Relaxed) == 1 {
                    break;
                }
                let act = if fid % 3 == 0 { RelationAction::Unfollow } else { RelationAction::Follow };
                let modify = ModifyRelation { fid: to_mid(fid), act, re_src: RelationSource::DEFAULT };
                // A rejection at the following limit is fine.
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
    let output = run(&["export", "--data-dir", &data, "--with-pii", "--output", &exported]);
    let summary = utf8(&output.stderr);
    assert!(summary.starts_with("exported ") && summary.ends_with(" rows\n"), "{output:?}");
    assert_eq!(stdout(&output), "");
    while written.load(Ordering::Relaxed) < before + 5 {
        tokio::task::yield_now().await;
    }
    stop.store(1, Ordering::Relaxed);
    writing.await.unwrap();
    assert_eq!(fs::metadata(&exported).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::exists(folder.path("exported.jsonl.zst.part")).unwrap());
    stdout(&run(&["check", "--data-dir", &data]));
    drop(service);

    // The export is a snapshot, so the imported community passes the check.
    let moved = folder.path("moved");
    stdout(&run(&["import", &exported, "--data-dir", &moved]));
    assert!(stdout(&run(&["check", "--data-dir", &moved])).contains("everything agrees"));
    let again = folder.path("again.jsonl.zst");
    stdout(&run(&["export", "--data-dir", &moved, "--with-pii", "--output", &again]));
    assert_eq!(fs::read(again).unwrap(), fs::read(exported).unwrap(), "exports before and after the import");
}

#[test]
fn private_data_is_exported_with_flag_only() {
    let folder = TestDir::new();
    let rows =
        dump_of(2) + "{\"password\":{\"mid\":1,\"phc\":\"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA\"}}\n";
    stdout(&run(&["import", &folder.write("dump.jsonl", &rows), "--data-dir", &folder.path("data")]));
    let export = |args: &[&str]| {
        let output = guanxi(&["export", "--data-dir", &folder.path("data")]).args(args).output().unwrap();
        stdout(&output).to_owned()
    };
    let (public, all) = (export(&[]), export(&["--with-pii"]));
    for (private, is_omitted) in [("15000000001", true), ("argon2id", true), ("gx_1", false)] {
        assert!(all.contains(private), "{all}");
        assert_eq!(public.contains(private), !is_omitted, "{public}");
    }
    fs::remove_file(folder.path("data/guanxi.keys")).unwrap();
    assert_eq!(export(&[]), public, "public export without the key file");
    let output =
        run(&["export", "--data-dir", &folder.path("data"), "--with-pii", "--output", &folder.path("all")]);
    assert_error(&output, "guanxi.keys");
    for name in ["all", "all.part"] {
        assert!(!fs::exists(folder.path(name)).unwrap(), "{name} was not deleted");
    }
}

#[test]
fn documented_example_dump_is_valid() {
    let (_, document) =
        include_str!("../../../../docs/design/dump-format.md").split_once("\n## Example\n").unwrap();
    let (_, example) = document.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let folder = TestDir::new();
    stdout(&run(&["import", &folder.write("dump.jsonl", example), "--data-dir", &folder.path("data")]));
    assert!(stdout(&run(&["check", "--data-dir", &folder.path("data")])).contains("everything agrees"));
    let exported = run(&["export", "--data-dir", &folder.path("data"), "--with-pii"]);
    let rows = |dump: &str| dump::read_rows(dump.as_bytes()).map(|row| row.unwrap().1).collect::<Vec<Row>>();
    let exported = rows(stdout(&exported));
    for row in rows(example) {
        assert!(exported.contains(&row), "{row:?}");
    }
}

/// Starts an import with a part of a dump, and waits until its progress is stored.
async fn start_partial_import(text: &str, data: &str, args: &[&str]) -> (Child, ImportProgress) {
    let mut command = guanxi(&["import", "-", "--data-dir", data]);
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let input = child.stdin.as_mut().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    input.flush().unwrap();
    loop {
        assert_eq!(child.try_wait().unwrap(), None, "the import waits for more input");
        if let Ok(store) = EmbeddedStore::open_read_only(Path::new(data))
            && let Some(progress) = store.import_progress().await.unwrap()
        {
            return (child, progress);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn killed_import_is_resumed() {
    let folder = TestDir::new();
    let (dump, data) = (dump_of(5000), folder.path("data"));
    let file = folder.write("dump.jsonl", &dump);
    let (mut child, progress) = start_partial_import(&dump[..dump.len() * 4 / 5], &data, &[]).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(progress.rows >= 10_000, "{progress:?}");

    for command in ["serve", "check", "export"] {
        assert_error(&run(&[command, "--data-dir", &data]), "repeat `guanxi import` with the same dump");
    }
    let other = folder.write("other.jsonl", &dump.replace("m1\"", "n1\""));
    assert_error(&run(&["import", &other, "--data-dir", &data]), "not the first of this dump");
    assert_error(&run(&["import", "--merge", &file, "--data-dir", &data]), "without --merge");
    let output = run(&["import", &file, "--data-dir", &data]);
    assert!(utf8(&output.stderr).starts_with("resuming at line "), "{output:?}");
    stdout(&output);
    assert!(stdout(&run(&["check", "--data-dir", &data])).contains("coin entries         15000"));
    let exported = run(&["export", "--data-dir", &data, "--with-pii"]);
    let exported_rows =
        stdout(&exported).lines().filter(|line| line.contains("\"coin\"") || line.contains("\"account\""));
    assert_eq!(exported_rows.count(), 20_000);
}

#[tokio::test]
async fn killed_merge_is_resumed_without_duplicates() {
    let folder = TestDir::new();
    let (dump, data) = (dump_of(5000), folder.path("data"));
    let file = folder.write("dump.jsonl", &dump);
    stdout(&run(&["import", &folder.write("some.jsonl", &dump_of(9)), "--data-dir", &data]));
    assert_error(&run(&["import", &file, "--data-dir", &data]), "already contains a community");
    let (mut child, _) = start_partial_import(&dump[..dump.len() * 4 / 5], &data, &["--merge"]).await;
    child.kill().unwrap();
    child.wait().unwrap();

    assert_error(&run(&["serve", "--data-dir", &data]), "contains an incomplete import");
    assert_error(&run(&["import", &file, "--data-dir", &data]), "with --merge");
    for _ in 0..2 {
        stdout(&run(&["import", "--merge", &file, "--data-dir", &data]));
        assert!(stdout(&run(&["check", "--data-dir", &data])).contains("coin entries         15000"));
    }
}

#[test]
fn compressed_dump_is_detected_by_content() {
    let folder = TestDir::new();
    stdout(&run(&["import", &folder.write("dump.jsonl", &dump_of(3)), "--data-dir", &folder.path("one")]));
    let plain = run(&["export", "--data-dir", &folder.path("one"), "--with-pii"]);
    let compressed = run(&["export", "--data-dir", &folder.path("one"), "--with-pii", "--zstd"]);
    assert!(compressed.stdout.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    fs::write(folder.path("dump.txt"), &compressed.stdout).unwrap();
    stdout(&run(&["import", &folder.path("dump.txt"), "--data-dir", &folder.path("two")]));
    assert_eq!(run(&["export", "--data-dir", &folder.path("two"), "--with-pii"]).stdout, plain.stdout);

    fs::write(folder.path("cut"), &compressed.stdout[..compressed.stdout.len() / 2]).unwrap();
    assert_error(&run(&["import", &folder.path("cut"), "--data-dir", &folder.path("three")]), "line ");
}

#[tokio::test]
async fn backup_during_service_can_be_served() {
    let folder = TestDir::new();
    let (data, copy, without_keys) = (folder.path("data"), folder.path("copy"), folder.path("bare"));
    stdout(&run(&["import", &folder.write("dump.jsonl", &dump_of(3)), "--data-dir", &data]));
    let cookies = session(&data, 1);
    let service = Service::serve(Path::new(&data));
    let client = Client::new(&service.base).unwrap().with_cookies(cookies);
    let follow = |fid| ModifyRelation {
        fid: to_mid(fid),
        act: RelationAction::Follow,
        re_src: RelationSource::DEFAULT,
    };
    client.send(&follow(2)).await.unwrap();
    let output = run(&["backup", "--data-dir", &data, "--with-keys", &copy]);
    assert!(stdout(&output).starts_with("copied "), "{output:?}");
    stdout(&run(&["backup", "--data-dir", &data, &without_keys]));
    assert_error(&run(&["backup", "--data-dir", &data, &copy]), "is not empty");
    assert_error(&run(&["backup", "--data-dir", &data, &data]), "is not empty");
    client.send(&follow(3)).await.unwrap();

    let copied = Service::serve(Path::new(&copy));
    let client = Client::new(&copied.base).unwrap();
    assert_eq!(client.send(&GetRelationCounters { vmid: to_mid(2) }).await.unwrap().follower, 1);
    assert_eq!(
        client.send(&GetRelationCounters { vmid: to_mid(3) }).await.unwrap().follower,
        0,
        "a write after the backup"
    );
    drop((service, copied));
    stdout(&run(&["check", "--data-dir", &copy]));
    let mode = |name: &str| fs::metadata(Path::new(&copy).join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data.mdb"), mode("guanxi.keys")), (0o600, 0o600));

    // Without the key file the backup is complete, but private data is unreadable.
    assert_error(&run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &without_keys]), "guanxi.keys");
    let keys = Path::new(&data).join("guanxi.keys");
    let with_key_file = |command: &str| {
        guanxi(&[command, "--data-dir", &without_keys]).env("GUANXI_KEY_FILE", &keys).output().unwrap()
    };
    stdout(&with_key_file("check"));
    let mut export = guanxi(&["export", "--data-dir", &without_keys, "--with-pii"]);
    assert!(stdout(&export.env("GUANXI_KEY_FILE", &keys).output().unwrap()).contains("15000000001"));
}

/// Returns a compressed dump that is far smaller than its content.
fn zip_bomb(window: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 19).unwrap();
    encoder.window_log(window).unwrap();
    let text = "x".repeat(900_000);
    encoder.write_all(b"{\"guanxi_dump\":1}\n").unwrap();
    for mid in 1..=200 {
        let line = format!("{{\"profile\":{{\"mid\":{mid},\"description\":\"{text}\"}}}}\n");
        encoder.write_all(line.as_bytes()).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn import_rejects_decompression_bombs() {
    let folder = TestDir::new();
    let (small, wide) = (zip_bomb(20), zip_bomb(27));
    assert!(small.len() < 200_000, "compressed size: {}", small.len());
    for (name, bytes, message) in [
        ("small", small, "line 2: profile.description: not a text of at most 2000 characters"),
        ("wide", wide, "line 1: Frame requires too much memory for decoding"),
    ] {
        fs::write(folder.path(name), bytes).unwrap();
        let data = folder.path(&format!("{name}.data"));
        assert_error(&run(&["import", &folder.path(name), "--data-dir", &data]), message);
    }
}
