//! A service tells that it is ready: who asks, and who started it.

use crate::program::{Folder, Service, done, failed, guanxi, text};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::Output;
use std::time::Duration;
use tokio::net::TcpSocket;

fn ask(operators: &str) -> Output {
    let mut command = guanxi(&["health"]);
    // A proxy that the environment names is not between the two.
    command.env("GUANXI_OPERATOR_LISTEN", operators).env("http_proxy", "http://127.0.0.1:9");
    command.output().unwrap()
}

fn not_ready(output: &Output, why: &str) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains(why), "{} does not say {why}", text(&output.stderr));
}

#[test]
fn a_service_is_asked_for_its_health() {
    let folder = Folder::new();
    let service = Service::serve(folder.0.path().join("data").as_path());
    assert_eq!(done(&ask(&service.operators)), "ready\n");
    failed(&ask(""), "operator_listen");
}

#[test]
fn who_is_not_there_or_not_ready_is_no_success() {
    let unready = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = unready.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        let (mut asker, _) = unready.accept().unwrap();
        let mut line = [0; 20];
        asker.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"GET /readyz HTTP/1.1");
        asker.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    not_ready(&ask(&address.to_string()), "503");
    answering.join().unwrap();
    // A port that is taken and not listened on is nobody's for as long as this lives.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    not_ready(&ask(&taken.local_addr().unwrap().to_string()), "nobody listens there");
}

#[cfg(target_os = "linux")]
#[test]
fn who_started_the_service_is_told_that_it_is_ready() {
    let folder = Folder::new();
    let socket = UnixDatagram::bind(folder.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let data = folder.path("data");
    let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
    command.env("NOTIFY_SOCKET", folder.path("notify"));
    let _service = Service::started(command);
    let mut told = [0; 64];
    let length = socket.recv(&mut told).unwrap();
    assert_eq!(text(&told[..length]).trim(), "READY=1");
}
