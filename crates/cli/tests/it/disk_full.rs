//! A full disk: writes are rejected, reads succeed, and no acknowledged write is lost.

use crate::program::{Service, run, to_mid, utf8};
use guanxi_api::groups::create_group::CreateGroup;
use guanxi_api::groups::list_groups::ListGroups;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_client::{Client, Cookies, Error};
use guanxi_types::HttpError;
use std::fs;
use std::process::Command;

/// Starts a service. A file size limit in bytes simulates a full disk.
fn serve(data: &str, bytes: Option<u64>) -> Service {
    let program = env!("CARGO_BIN_EXE_guanxi");
    let mut command = Command::new("sh");
    let blocks = bytes.map_or("unlimited".to_owned(), |bytes| (bytes / 512).to_string());
    let limited = format!("ulimit -f {blocks}; exec {program} serve --listen 127.0.0.1:0 --data-dir \"$0\"");
    command.args(["-c", &limited, data]).env("GUANXI_GROUP_LIMIT", "10000");
    Service::start(command)
}

#[tokio::test]
async fn disk_full_at_page_boundary_rejects_writes() {
    fill_disk(16 * 4096).await;
}

#[tokio::test]
async fn disk_full_within_page_rejects_writes() {
    fill_disk(16 * 4096 + 1024).await;
}

async fn fill_disk(free_bytes: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (dump, data) = (folder.path().join("dump.jsonl"), folder.path().join("data"));
    fs::write(&dump, "{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n").unwrap();
    let data = data.to_str().unwrap();
    assert!(run(&["import", dump.to_str().unwrap(), "--data-dir", data]).status.success());
    let cookies: Cookies =
        serde_json::from_slice(&run(&["member", "session", "1", "--data-dir", data]).stdout).unwrap();
    let initial_bytes = fs::metadata(format!("{data}/data.mdb")).unwrap().len();

    let service = serve(data, Some(initial_bytes + free_bytes));
    let client = Client::new(&service.base).unwrap().with_cookies(cookies.clone());
    let mut created = 0;
    let rejection = loop {
        match client.send(&CreateGroup { tag: format!("组{created}") }).await {
            Ok(_) => created += 1,
            Err(rejection) => break rejection,
        }
        assert!(created < 100_000, "the disk was never full");
    };
    assert!(
        matches!(rejection, Error::Http { status, .. } if status == HttpError::Unavailable.status()),
        "{rejection}"
    );
    assert!(created > 0, "the first write failed");
    assert_eq!(client.send(&GetRelationCounters { vmid: to_mid(1) }).await.unwrap().follower, 0);
    assert_eq!(client.send(&ListGroups {}).await.unwrap().len(), created + 2);
    drop(service);

    let checked = run(&["check", "--data-dir", data]);
    assert!(checked.status.success(), "{}", utf8(&checked.stdout));
    let service = serve(data, None);
    let client = Client::new(&service.base).unwrap().with_cookies(cookies);
    assert_eq!(client.send(&ListGroups {}).await.unwrap().len(), created + 2);
    assert!(client.send(&CreateGroup { tag: "有地方了".to_owned() }).await.is_ok());
}
