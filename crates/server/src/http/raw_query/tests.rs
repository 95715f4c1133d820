use super::*;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

/// Returns the bytes that are read if `bytes` arrive in parts of a length.
fn rewrite(bytes: &[u8], part_length: usize) -> String {
    let mut stream = RawQueryStream::new(());
    let read = bytes
        .chunks(part_length.max(1))
        .flat_map(|part| stream.rewrite(part).unwrap_or_else(|| part.to_vec()));
    String::from_utf8_lossy(&read.collect::<Vec<u8>>()).into_owned()
}

/// Returns the text that is read, and asserts that it does not depend on the parts in which the bytes arrive. The
/// HTTP library reads the first bytes of a connection separately.
fn rewrite_in_any_parts(text: &str) -> String {
    let at_once = rewrite(text.as_bytes(), usize::MAX);
    for parts in [1, 7, 24, 64] {
        assert_eq!(rewrite(text.as_bytes(), parts), at_once, "in parts of {parts}");
    }
    at_once
}

#[test]
fn raw_characters_in_a_query_are_escaped() {
    let cases = [
        ("GET /a?q=\"<>\" HTTP/1.1\r\n\r\n", "GET /a?q=%22%3C%3E%22 HTTP/1.1\r\n\r\n"),
        ("GET /a?{}|\\^` HTTP/1.1\r\n\r\n", "GET /a?{}|\\^` HTTP/1.1\r\n\r\n"),
        ("GET /\"a HTTP/1.1\r\n\r\n", "GET /\"a HTTP/1.1\r\n\r\n"),
        ("GET /a?b HTTP/1.1\r\nx: ?\"<\r\n\r\n", "GET /a?b HTTP/1.1\r\nx: ?\"<\r\n\r\n"),
        ("\r\nGET /a?< HTTP/1.1\r\n\r\n", "\r\nGET /a?%3C HTTP/1.1\r\n\r\n"),
    ];
    for (sent, expected) in cases {
        assert_eq!(rewrite_in_any_parts(sent), expected);
    }
}

#[test]
fn each_request_of_a_connection_is_rewritten() {
    let get = "GET /a?< HTTP/1.1\r\nhost: a\r\n\r\n";
    let post = "POST /a?< HTTP/1.1\r\nContent-Length: 14\r\n\r\nGET /?\"< HTTP/";
    let sent = [get, post, get, post, get].concat();
    let (escaped, posted) = (get.replace('<', "%3C"), post.replacen('<', "%3C", 1));
    assert_eq!(rewrite_in_any_parts(&sent), [&*escaped, &*posted, &*escaped, &*posted, &*escaped].concat());
}

/// The bytes after a head with unusual framing look like a request, but may be its body.
#[test]
fn unusual_framing_disables_rewriting() {
    let heads = [
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length : 0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0, 9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length:\r\n 9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 00000000000000000000000000000000000000000000000000000000000000009\r\n\r\n",
        "POST / HTTP/1.1\nContent-Length: 9\n\n",
        "POST / HTTP/1.1\r\nx: y\n\r\n",
        "PRI * HTTP/2.0\r\n\r\n",
        "GET /\r\n\r\n",
    ];
    for head in heads {
        let sent = format!("{head}GET /?\"<> HTTP/1.1\r\n\r\n");
        for parts in [usize::MAX, 1, 7, 64] {
            assert_eq!(rewrite(sent.as_bytes(), parts), sent, "{head} in {parts}");
        }
    }
}

#[test]
fn content_length_is_read_from_any_parts() {
    let sent = "GET /?< HTTP/1.1\r\n".to_owned();
    let head = format!("x: {}\r\nCONTENT-LENGTH: 8\r\ny: z\r\n\r\n", "long".repeat(40));
    let (body, next) = ("?<<<<<>\n", "GET /?< HTTP/1.1\r\n\r\n");
    for cut in 0..head.len() {
        let mut stream = RawQueryStream::new(());
        let first = format!("{sent}{}", &head[..cut]);
        let second = format!("{}{body}{next}", &head[cut..]);
        let read = [first, second].map(|part| {
            stream.rewrite(part.as_bytes()).map_or(part, |bytes| String::from_utf8(bytes).unwrap())
        });
        let expected = format!("GET /?%3C HTTP/1.1\r\n{head}{body}GET /?%3C HTTP/1.1\r\n\r\n");
        assert_eq!(read.concat(), expected, "cut at {cut}");
    }
}

#[tokio::test]
async fn reader_with_a_small_buffer_reads_everything() {
    let (mut far, near) = duplex(1 << 16);
    let mut stream = RawQueryStream::new(near);
    let query = "\"<>".repeat(1_000);
    far.write_all(format!("GET /?{query} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    drop(far);
    let (mut read, mut some) = (Vec::new(), [0; 7]);
    while let count @ 1.. = stream.read(&mut some).await.unwrap() {
        read.extend_from_slice(&some[..count]);
    }
    let expected = format!("GET /?{} HTTP/1.1\r\n\r\n", "%22%3C%3E".repeat(1_000));
    assert_eq!(String::from_utf8(read).unwrap(), expected);
}

proptest! {
    #[test]
    fn other_bytes_are_unchanged(text in "[ -!#-;=?-~\r\n]{0,300}", parts in 1usize..50) {
        prop_assert_eq!(rewrite(text.as_bytes(), parts), text);
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes: Vec<u8>, parts in 1usize..50) {
        rewrite(&bytes, parts);
    }
}
