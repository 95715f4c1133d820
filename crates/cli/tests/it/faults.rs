//! A disk that is full: writes are refused in clear words, reads go on, and nothing acknowledged is lost.

use crate::program::{Service, member, run, text};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::api::relation::tag::create::TagCreate;
use guanxi_api::api::relation::tags::Tags;
use guanxi_client::{Client, Cookies, Error};
use guanxi_types::HttpError;
use std::fs;
use std::process::Command;

/// Serves where no file may grow beyond some bytes, as on a disk without room; or as on one with room.
fn serve(data: &str, bytes: Option<u64>) -> Service {
    let program = env!("CARGO_BIN_EXE_guanxi");
    let mut command = Command::new("sh");
    let blocks = bytes.map_or("unlimited".to_owned(), |bytes| (bytes / 512).to_string());
    let limited = format!("ulimit -f {blocks}; exec {program} serve --listen 127.0.0.1:0 --data \"$0\"");
    command.args(["-c", &limited, data]).env("GUANXI_GROUP_LIMIT", "10000");
    Service::started(command)
}

#[tokio::test]
async fn a_disk_that_is_full_at_a_page_refuses_writes_and_loses_nothing() {
    fill_up(16 * 4096).await;
}

#[tokio::test]
async fn a_disk_that_is_full_within_a_page_refuses_writes_and_loses_nothing() {
    fill_up(16 * 4096 + 1024).await;
}

async fn fill_up(room: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (dump, data) = (folder.path().join("dump.jsonl"), folder.path().join("data"));
    fs::write(&dump, "{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n").unwrap();
    let data = data.to_str().unwrap();
    assert!(run(&["import", dump.to_str().unwrap(), "--data", data]).status.success());
    let cookies: Cookies =
        serde_json::from_slice(&run(&["member", "session", "1", "--data", data]).stdout).unwrap();
    let held = fs::metadata(format!("{data}/data.mdb")).unwrap().len();

    let service = serve(data, Some(held + room));
    let client = Client::new(&service.base).unwrap().logged_in(cookies.clone());
    let mut made = 0;
    let refusal = loop {
        match client.send(&TagCreate { tag: format!("组{made}") }).await {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
        assert!(made < 100_000, "the disk was never full");
    };
    assert!(
        matches!(refusal, Error::Fault { status, .. } if status == HttpError::Unavailable.status()),
        "{refusal}"
    );
    assert!(made > 0, "there was some room");
    assert_eq!(client.send(&RelationStat { vmid: member(1) }).await.unwrap().follower, 0);
    assert_eq!(client.send(&Tags {}).await.unwrap().len(), made + 2);
    drop(service);

    let checked = run(&["check", "--data", data]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let service = serve(data, None);
    let client = Client::new(&service.base).unwrap().logged_in(cookies);
    assert_eq!(client.send(&Tags {}).await.unwrap().len(), made + 2);
    assert!(client.send(&TagCreate { tag: "有地方了".to_owned() }).await.is_ok());
}
