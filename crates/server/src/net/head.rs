//! Facts about HTTP/1 heads that the HTTP library does not report: conflicting lengths, and the line of a parse
//! error.

use crate::http::response::ApiError;
use axum::response::IntoResponse;
use futures_util::FutureExt;
use guanxi_types::HttpError;
use http_body_util::{BodyExt, Collected};

/// A scanner of the lines of HTTP/1 heads.
///
/// The scanner gets every byte of a connection, bodies included. A line of a body may look like a header, but no
/// header of a head is missed.
#[derive(Debug, Default)]
pub(crate) struct HeadScanner {
    /// The start of an incomplete line.
    line: Vec<u8>,
    has_line: bool,
    has_content_length: bool,
    has_transfer_encoding: bool,
    /// True once a block of lines had both Content-Length and Transfer-Encoding.
    pub(crate) has_both: bool,
}

const CONTENT_LENGTH: &[u8] = b"content-length:";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding:";

impl HeadScanner {
    /// Scans the next bytes.
    pub(crate) fn scan(&mut self, mut bytes: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.line.is_empty() {
                self.scan_line(line);
            } else {
                self.buffer_line_start(line);
                let held = std::mem::take(&mut self.line);
                self.scan_line(&held);
                self.line = held;
                self.line.clear();
            }
            bytes = rest;
        }
        self.buffer_line_start(bytes);
    }

    /// Stores the start of a line, as long as the longest name that is compared.
    fn buffer_line_start(&mut self, bytes: &[u8]) {
        let room = TRANSFER_ENCODING.len() - self.line.len();
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn scan_line(&mut self, line: &[u8]) {
        let is_named =
            |name: &[u8]| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        match line.first() {
            None | Some(b'\r') => {
                self.has_line = false;
                self.has_content_length = false;
                self.has_transfer_encoding = false;
                return;
            }
            Some(b'c' | b'C') if is_named(CONTENT_LENGTH) => self.has_content_length = true,
            Some(b't' | b'T') if is_named(TRANSFER_ENCODING) => self.has_transfer_encoding = true,
            Some(_) => {}
        }
        self.has_line = true;
        self.has_both |= self.has_content_length && self.has_transfer_encoding;
    }

    /// Returns true if the first line of the current head is incomplete.
    pub(crate) fn is_in_request_line(&self) -> bool {
        !self.has_line && !self.line.is_empty()
    }
}

/// Returns the error if `written` is an error response of the HTTP library. These have no body, unlike the
/// service's responses with the same statuses.
pub(crate) fn library_error(written: &[u8], scanner: &HeadScanner) -> Option<HttpError> {
    let error = match written.strip_prefix(b"HTTP/1.1 ")?.get(..3)? {
        b"400" => HttpError::BadRequest,
        b"414" => HttpError::UriTooLong,
        b"431" if scanner.is_in_request_line() => HttpError::UriTooLong,
        b"431" => HttpError::HeadersTooLarge,
        _ => return None,
    };
    let is_bare = written.ends_with(b"\r\n\r\n") && lines(written).any(|line| line == b"content-length: 0");
    is_bare.then_some(error)
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Encodes an error response with an envelope. It has the `Date` of the library's response `replaced`.
pub(crate) fn error_response_bytes(error: HttpError, replaced: &[u8]) -> Vec<u8> {
    let (parts, body) = ApiError::Http(error).into_response().into_parts();
    let body =
        body.collect().now_or_never().and_then(Result::ok).map(Collected::to_bytes).unwrap_or_default();
    let (status, length) = (parts.status, body.len());
    let reason = status.canonical_reason().unwrap_or_default();
    let start =
        format!("HTTP/1.1 {} {reason}\r\nconnection: close\r\ncontent-length: {length}\r\n", status.as_str());
    let mut bytes = start.into_bytes();
    for (name, value) in &parts.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    for date in lines(replaced).filter(|line| line.starts_with(b"date:")) {
        bytes.extend_from_slice(date);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADS: [(&str, bool); 8] = [
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", true),
        ("POST / HTTP/1.1\r\ncontent-length: 5\r\nx: y\r\nTRANSFER-ENCODING: chunked\r\n\r\n", true),
        ("POST / HTTP/1.1\ncontent-length: 5\ntransfer-encoding: chunked\n\n", true),
        (
            "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\na=bPOST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
            false,
        ),
        ("GET /?content-length:5 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nx-content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", false),
        ("GET / HTTP/1.1\r\ncontent-length-x: 5\r\ntransfer-encoding: chunked\r\n\r\n", false),
        ("\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n", false),
    ];

    #[test]
    fn both_lengths_are_detected_in_any_parts() {
        for (head, both) in HEADS {
            for size in [1, 2, 7, 16, 17, 18, 19, head.len()] {
                let mut scanner = HeadScanner::default();
                head.as_bytes().chunks(size).for_each(|part| scanner.scan(part));
                assert_eq!(scanner.has_both, both, "{head:?} in parts of {size}");
                assert!(!scanner.is_in_request_line(), "{head:?} in parts of {size}");
            }
        }
    }

    #[test]
    fn request_line_ends_with_its_line() {
        let mut scanner = HeadScanner::default();
        scanner.scan(b"GET /aaaa");
        assert!(scanner.is_in_request_line());
        scanner.scan(b"aa HTTP/1.1\r\nhost");
        assert!(!scanner.is_in_request_line());
    }

    #[test]
    fn only_responses_of_the_library_are_replaced() {
        let mut scanner = HeadScanner::default();
        scanner.scan(b"GET /");
        let bare = |status: &str| format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\ndate: D\r\n\r\n");
        let error = |status: &str| library_error(bare(status).as_bytes(), &scanner);
        assert_eq!(error("400"), Some(HttpError::BadRequest));
        assert_eq!(error("431"), Some(HttpError::UriTooLong));
        assert_eq!(
            library_error(bare("431").as_bytes(), &HeadScanner::default()),
            Some(HttpError::HeadersTooLarge)
        );
        assert_eq!((error("200"), error("404"), error("503")), (None, None, None));
        assert_eq!(library_error(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 12\r\n\r\n", &scanner), None);
        let response =
            String::from_utf8(error_response_bytes(HttpError::HeadersTooLarge, bare("431").as_bytes()))
                .unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{head}");
        assert!(
            head.contains("\r\ndate: D") && head.contains(&format!("content-length: {}", body.len())),
            "{head}"
        );
        assert!(head.contains("application/json"), "{head}");
        assert!(body.starts_with(r#"{"code":-431,"#), "{body}");
    }

    proptest! {
        #[test]
        fn scan_does_not_depend_on_parts(bytes: Vec<u8>, at: prop::sample::Index) {
            let (mut whole, mut parts) = (HeadScanner::default(), HeadScanner::default());
            whole.scan(&bytes);
            let (first, second) = bytes.split_at(at.index(bytes.len() + 1));
            parts.scan(first);
            parts.scan(second);
            prop_assert_eq!(format!("{whole:?}"), format!("{parts:?}"));
        }
    }
}
