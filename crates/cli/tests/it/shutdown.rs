//! Graceful shutdown: requests in flight are answered, and the store is closed.

use crate::program::{Service, guanxi};
use guanxi_storage::EmbeddedStore;
use guanxi_storage::embedded::Options;
use std::io::{Read, Write};
use std::net::TcpStream;

fn connect(service: &Service) -> TcpStream {
    TcpStream::connect(service.base.strip_prefix("http://").unwrap()).unwrap()
}

#[test]
fn shutdown_answers_request_in_flight_and_closes_store() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut service = Service::serve(&data);
    let mut slow = connect(&service);
    write!(
        slow,
        "POST /x/relation/modify HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    // The service waits for the body, so the request is in flight at the signal.
    let mut start = [0; 25];
    slow.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");
    service.terminate();
    slow.write_all(b"fid=1").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with(r#"{"code":-101,"message":"账号未登录","ttl":1}"#), "{answer}");
    assert!(service.child.wait().unwrap().success());
    EmbeddedStore::open(&data, Options::default()).unwrap();
}

#[test]
fn shutdown_does_not_wait_for_idle_connections() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.path().to_str().unwrap()]);
    command.env("GUANXI_SHUTDOWN_GRACE_SECONDS", "600");
    let mut service = Service::start(command);
    let mut idle = connect(&service);
    write!(idle, "GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    service.terminate();
    assert!(service.child.wait().unwrap().success());
}

#[test]
fn demo_deletes_its_temporary_directory() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::demo(&[], &[("TMPDIR", folder.path().to_str().unwrap())]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    service.terminate();
    assert!(service.child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
