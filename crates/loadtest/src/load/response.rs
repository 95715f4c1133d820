//! An incremental parser of HTTP/1.1 responses: status, body length and the first bytes of the body.

use memchr::memmem;

/// The number of stored bytes from the start of a body.
const PREFIX_LENGTH: usize = 24;

/// The largest accepted response head, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// The largest accepted number of response headers.
const MAX_HEADERS: usize = 32;

/// A complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The length of the body in bytes.
    pub length: usize,
    /// True if the service closes the connection after this response.
    pub closes_connection: bool,
    prefix: [u8; PREFIX_LENGTH],
}

impl Response {
    /// Returns the `code` of the body's envelope, or `None` if the body is no envelope.
    pub fn code(&self) -> Option<i32> {
        let rest = self.prefix[..self.length.min(PREFIX_LENGTH)].strip_prefix(br#"{"code":"#)?;
        let end = rest.iter().position(|byte| *byte == b',')?;
        std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
    }
}

/// The error for bytes that are no valid response, or that follow a complete one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidResponse;

/// Parses one response after another from any split of the bytes. Requires `content-length`, rejects chunked
/// bodies.
#[derive(Debug, Default)]
pub struct ResponseReader {
    /// The received part of an incomplete head.
    head: Vec<u8>,
    body: Option<PartialBody>,
}

#[derive(Debug)]
struct PartialBody {
    response: Response,
    received_bytes: usize,
}

impl ResponseReader {
    /// Parses received bytes. Returns the response once it is complete. Rejects bytes after the response, since
    /// only one request is in flight.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Response>, InvalidResponse> {
        if let Some(body) = self.body.take() {
            return self.append_body(body, bytes);
        }
        if self.head.is_empty() {
            return self.parse_head(bytes);
        }
        let mut head = std::mem::take(&mut self.head);
        head.extend_from_slice(bytes);
        self.parse_head(&head)
    }

    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<Response>, InvalidResponse> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
            if bytes.len() > MAX_HEAD_BYTES {
                return Err(InvalidResponse);
            }
            self.head.extend_from_slice(bytes);
            return Ok(None);
        };
        let (head, rest) = bytes.split_at(end + 4);
        self.append_body(PartialBody { response: parse_headers(head)?, received_bytes: 0 }, rest)
    }

    fn append_body(
        &mut self,
        mut body: PartialBody,
        bytes: &[u8],
    ) -> Result<Option<Response>, InvalidResponse> {
        let filled = body.received_bytes.min(PREFIX_LENGTH);
        let added = bytes.len().min(PREFIX_LENGTH - filled);
        body.response.prefix[filled..filled + added].copy_from_slice(&bytes[..added]);
        body.received_bytes += bytes.len();
        match body.received_bytes.cmp(&body.response.length) {
            std::cmp::Ordering::Less => {
                self.body = Some(body);
                Ok(None)
            }
            std::cmp::Ordering::Equal => Ok(Some(body.response)),
            std::cmp::Ordering::Greater => Err(InvalidResponse),
        }
    }
}

/// Parses a complete head.
fn parse_headers(head: &[u8]) -> Result<Response, InvalidResponse> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    if !response.parse(head).is_ok_and(|parsed| parsed.is_complete()) {
        return Err(InvalidResponse);
    }
    let status = response.code.ok_or(InvalidResponse)?;
    let (mut length, mut closes_connection) = (None, response.version == Some(0));
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(header.value).map_err(|_| InvalidResponse)?;
            length = Some(text.trim().parse().map_err(|_| InvalidResponse)?);
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes_connection = header.value.eq_ignore_ascii_case(b"close");
        }
    }
    let length = if status == 204 || status == 304 { 0 } else { length.ok_or(InvalidResponse)? };
    Ok(Response { status, length, closes_connection, prefix: [0; PREFIX_LENGTH] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &str, headers: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
    }

    #[test]
    fn response_is_parsed_from_any_split() {
        let body = format!(r#"{{"code":22003,"message":"{}"}}"#, "字".repeat(20));
        let whole = response(&body, "content-type: application/json\r\n");
        let expected = ResponseReader::default().feed(&whole).unwrap().unwrap();
        assert_eq!((expected.status, expected.length, expected.code()), (200, body.len(), Some(22003)));
        for first in 1..whole.len() {
            let mut reader = ResponseReader::default();
            assert_eq!(reader.feed(&whole[..first]), Ok(None), "the first {first}");
            assert_eq!(reader.feed(&whole[first..]), Ok(Some(expected)), "after the first {first}");
        }
        let mut reader = ResponseReader::default();
        let mut count = 0;
        for byte in whole.iter().chain(&whole) {
            count += usize::from(reader.feed(&[*byte]).unwrap() == Some(expected));
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn code_is_read_from_the_envelope() {
        // body -> code
        let cases = [
            (r#"{"code":0,"message":"0","ttl":1}"#, Some(0)),
            (r#"{"code":-101,"message":"账号未登录"}"#, Some(-101)),
            (r#"{"code":0"#, None),
            ("ok", None),
            ("", None),
        ];
        for (body, code) in cases {
            assert_eq!(
                ResponseReader::default().feed(&response(body, "")).unwrap().unwrap().code(),
                code,
                "{body}"
            );
        }
    }

    #[test]
    fn invalid_response_is_rejected() {
        let two = [response("a", ""), response("b", "")].concat();
        let endless = vec![b'a'; MAX_HEAD_BYTES + 1];
        for bytes in [&two[..], b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0\r\n\r\n", &endless] {
            assert_eq!(ResponseReader::default().feed(bytes), Err(InvalidResponse));
        }
    }

    #[test]
    fn connection_close_is_detected() {
        let closes = |bytes: &[u8]| ResponseReader::default().feed(bytes).unwrap().unwrap().closes_connection;
        assert!(closes(&response("a", "Connection: close\r\n")) && !closes(&response("a", "")));
        assert!(closes(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }
}
