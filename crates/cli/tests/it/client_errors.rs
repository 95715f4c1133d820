//! Member commands against services that are unreachable, fail, or send unsafe texts.

use crate::members::MemberCli;
use crate::program::{assert_exit, stdout, utf8};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Starts a service that sends the same response to every request.
fn fake_service(status: &'static str, body: &'static str) -> MemberCli {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The thread ends with the process.
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines();
            let head = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
            assert!(head.count() > 0);
            let length = body.len();
            let _ = write!(
                connection,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    MemberCli::new(&url)
}

#[test]
fn unreachable_or_failing_service_exits_with_5() {
    // Port 1 is privileged and unused.
    assert_exit(&MemberCli::new("http://127.0.0.1:1").run(&["whoami"]), 5, "the service cannot be reached");
    let busy = fake_service("503 Service Unavailable", r#"{"code":-503,"message":"服务暂不可用","ttl":1}"#);
    assert_exit(&busy.run(&["show", "1"]), 5, "服务暂不可用 (HTTP 503)");
    let failing = fake_service("500 Internal Server Error", "");
    assert_exit(&failing.run(&["follow", "1", "2"]), 5, "The change may have been made nevertheless");
    assert_exit(&fake_service("200 OK", "<html>").run(&["whoami"]), 5, "the response is invalid");
    assert_exit(&MemberCli::new("example.cn").run(&["whoami"]), 2, "is not the URL of a service");
}

const ACCOUNT: &str = r#"{"code":0,"message":"0","ttl":1,"data":{"mid":1,
"uname":"\u001b[2J小\u202e甲\u0007","userid":"","sign":"a\n\u009b31mb","birthday":"","sex":"","nick_free":false,"rank":""}}"#;

#[test]
fn unsafe_texts_are_neutralized() {
    let cli = fake_service("200 OK", ACCOUNT);
    let is_unsafe = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
    let has_unsafe_character = |text: &str| text.chars().any(is_unsafe);
    let shown = cli.run(&["whoami"]);
    assert!(!has_unsafe_character(stdout(&shown)), "{shown:?}");
    assert!(stdout(&shown).contains("name  �[2J小�甲�\n"), "{}", stdout(&shown));
    let json = cli.run(&["whoami", "--json"]);
    assert!(!has_unsafe_character(stdout(&json)), "{json:?}");
    assert!(ACCOUNT.replace('\n', "").contains(stdout(&json).trim_end()), "{}", stdout(&json));
    let rejecting = fake_service("200 OK", r#"{"code":1,"message":"\u001b]0;x\u0007","ttl":1}"#);
    let rejected = rejecting.run(&["whoami"]);
    assert_exit(&rejected, 3, "�]0;x� (1)");
    assert!(!has_unsafe_character(utf8(&rejected.stderr)), "{rejected:?}");
}
