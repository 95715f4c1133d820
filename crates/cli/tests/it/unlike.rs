//! Members' commands where the service is away, in trouble, or means no good.

use crate::members::{Desk, ended};
use crate::program::{done, text};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// A service that gives everybody the same answer.
fn service(status: &'static str, body: &'static str) -> Desk {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the test's process.
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
    Desk::at(&url)
}

#[test]
fn a_service_that_is_away_or_in_trouble() {
    // Nobody but the system may listen there, and it does not.
    ended(&Desk::at("http://127.0.0.1:1").run(&["whoami"]), 5, "the service cannot be reached");
    let busy = service("503 Service Unavailable", r#"{"code":-503,"message":"服务暂不可用","ttl":1}"#);
    ended(&busy.run(&["show", "1"]), 5, "服务暂不可用 (HTTP 503)");
    let broken = service("500 Internal Server Error", "");
    ended(&broken.run(&["follow", "1", "2"]), 5, "It may have been done all the same");
    ended(&service("200 OK", "<html>").run(&["whoami"]), 5, "the answer is not what was asked for");
    ended(&Desk::at("example.cn").run(&["whoami"]), 2, "is no address of a service");
}

const ACCOUNT: &str = r#"{"code":0,"message":"0","ttl":1,"data":{"mid":1,
"uname":"\u001b[2J小\u202e甲\u0007","userid":"","sign":"a\n\u009b31mb","birthday":"","sex":"","nick_free":false,"rank":""}}"#;

#[test]
fn what_others_write_does_nothing_to_a_terminal() {
    let desk = service("200 OK", ACCOUNT);
    let acts =
        |text: &str| text.chars().any(|letter| letter.is_control() && letter != '\n' || letter == '\u{202e}');
    let shown = desk.run(&["whoami"]);
    assert!(!acts(done(&shown)), "{shown:?}");
    assert!(done(&shown).contains("name  �[2J小�甲�\n"), "{}", done(&shown));
    let told = desk.run(&["whoami", "--json"]);
    assert!(!acts(done(&told)), "{told:?}");
    assert!(ACCOUNT.replace('\n', "").contains(done(&told).trim_end()), "{}", done(&told));
    let refusing = service("200 OK", r#"{"code":1,"message":"\u001b]0;x\u0007","ttl":1}"#);
    let refused = refusing.run(&["whoami"]);
    ended(&refused, 3, "�]0;x� (1)");
    assert!(!acts(text(&refused.stderr)), "{refused:?}");
}
