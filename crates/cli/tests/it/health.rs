//! Readiness: `guanxi health`, and the notification of systemd.

use crate::program::{Service, TestDir, assert_error, assert_exit, guanxi, stdout, utf8};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::Output;
use std::time::Duration;
use tokio::net::TcpSocket;

fn run_health(operators: &str) -> Output {
    let mut command = guanxi(&["health"]);
    // A proxy in the environment is ignored.
    command.env("GUANXI_OPERATOR_LISTEN", operators).env("http_proxy", "http://127.0.0.1:9");
    command.output().unwrap()
}

#[test]
fn health_of_ready_service_succeeds() {
    let folder = TestDir::new();
    let service = Service::serve(folder.0.path().join("data").as_path());
    assert_eq!(stdout(&run_health(&service.operators)), "ready\n");
    assert_error(&run_health(""), "operator_listen");
}

#[test]
fn health_of_unready_or_absent_service_fails() {
    let unready = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = unready.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        let (mut client, _) = unready.accept().unwrap();
        let mut line = [0; 20];
        client.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"GET /readyz HTTP/1.1");
        client.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    assert_exit(&run_health(&address.to_string()), 1, "503");
    answering.join().unwrap();
    // A bound socket that does not listen reserves its port and refuses connections.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    assert_exit(&run_health(&reserved.local_addr().unwrap().to_string()), 1, "cannot connect");
}

#[cfg(target_os = "linux")]
#[test]
fn systemd_is_notified_of_readiness() {
    let folder = TestDir::new();
    let socket = UnixDatagram::bind(folder.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let data = folder.path("data");
    let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    command.env("NOTIFY_SOCKET", folder.path("notify"));
    let _service = Service::start(command);
    let mut message = [0; 64];
    let length = socket.recv(&mut message).unwrap();
    assert_eq!(utf8(&message[..length]).trim(), "READY=1");
}
