//! An answer is read: its status, how long its body is, and how that begins.

use memchr::memmem;

/// How many bytes at the start of a body are kept.
const KEPT: usize = 24;

/// The largest head of an answer.
const MOST_HEAD: usize = 16 << 10;

/// The most headers of an answer.
const MOST_HEADERS: usize = 32;

/// A whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// How many bytes its body has.
    pub length: usize,
    /// Whether the service closes the connection behind it.
    pub last: bool,
    start: [u8; KEPT],
}

impl Answer {
    /// The `code` of an envelope; none if the body is none.
    pub fn code(&self) -> Option<i32> {
        let rest = self.start[..self.length.min(KEPT)].strip_prefix(br#"{"code":"#)?;
        let end = rest.iter().position(|byte| *byte == b',')?;
        std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
    }
}

/// What came is no answer, or not to what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonsense;

/// Reads one answer after another, however their bytes come apart. Bodies have a `content-length`; one in chunks is not read.
#[derive(Debug, Default)]
pub struct Reader {
    /// What there is of a head that is not whole.
    head: Vec<u8>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Body {
    answer: Answer,
    come: usize,
}

impl Reader {
    /// Takes what has come; an answer if that was the rest of it. More than one answer is nonsense: nothing else was asked.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Option<Answer>, Nonsense> {
        if let Some(body) = self.body.take() {
            return self.go_on(body, bytes);
        }
        if self.head.is_empty() {
            return self.begin(bytes);
        }
        let mut head = std::mem::take(&mut self.head);
        head.extend_from_slice(bytes);
        self.begin(&head)
    }

    fn begin(&mut self, bytes: &[u8]) -> Result<Option<Answer>, Nonsense> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
            if bytes.len() > MOST_HEAD {
                return Err(Nonsense);
            }
            self.head.extend_from_slice(bytes);
            return Ok(None);
        };
        let (head, rest) = bytes.split_at(end + 4);
        self.go_on(Body { answer: read(head)?, come: 0 }, rest)
    }

    fn go_on(&mut self, mut body: Body, bytes: &[u8]) -> Result<Option<Answer>, Nonsense> {
        let kept = body.come.min(KEPT);
        let more = bytes.len().min(KEPT - kept);
        body.answer.start[kept..kept + more].copy_from_slice(&bytes[..more]);
        body.come += bytes.len();
        match body.come.cmp(&body.answer.length) {
            std::cmp::Ordering::Less => {
                self.body = Some(body);
                Ok(None)
            }
            std::cmp::Ordering::Equal => Ok(Some(body.answer)),
            std::cmp::Ordering::Greater => Err(Nonsense),
        }
    }
}

/// A whole head.
fn read(head: &[u8]) -> Result<Answer, Nonsense> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    if !response.parse(head).is_ok_and(|parsed| parsed.is_complete()) {
        return Err(Nonsense);
    }
    let status = response.code.ok_or(Nonsense)?;
    let (mut length, mut last) = (None, response.version == Some(0));
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(header.value).map_err(|_| Nonsense)?;
            length = Some(text.trim().parse().map_err(|_| Nonsense)?);
        } else if header.name.eq_ignore_ascii_case("connection") {
            last = header.value.eq_ignore_ascii_case(b"close");
        }
    }
    let length = if status == 204 || status == 304 { 0 } else { length.ok_or(Nonsense)? };
    Ok(Answer { status, length, last, start: [0; KEPT] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str, more: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{more}\r\n{body}", body.len()).into_bytes()
    }

    #[test]
    fn an_answer_is_the_same_however_it_comes_apart() {
        let body = format!(r#"{{"code":22003,"message":"{}"}}"#, "字".repeat(20));
        let whole = answer(&body, "content-type: application/json\r\n");
        let expected = Reader::default().take(&whole).unwrap().unwrap();
        assert_eq!((expected.status, expected.length, expected.code()), (200, body.len(), Some(22003)));
        for first in 1..whole.len() {
            let mut reader = Reader::default();
            assert_eq!(reader.take(&whole[..first]), Ok(None), "the first {first}");
            assert_eq!(reader.take(&whole[first..]), Ok(Some(expected)), "after the first {first}");
        }
        let mut reader = Reader::default();
        let mut answers = 0;
        for byte in whole.iter().chain(&whole) {
            answers += usize::from(reader.take(&[*byte]).unwrap() == Some(expected));
        }
        assert_eq!(answers, 2);
    }

    #[test]
    fn what_codes_are() {
        // body -> code
        let cases = [
            (r#"{"code":0,"message":"0","ttl":1}"#, Some(0)),
            (r#"{"code":-101,"message":"账号未登录"}"#, Some(-101)),
            (r#"{"code":0"#, None),
            ("ok", None),
            ("", None),
        ];
        for (body, code) in cases {
            assert_eq!(Reader::default().take(&answer(body, "")).unwrap().unwrap().code(), code, "{body}");
        }
    }

    #[test]
    fn what_is_no_answer_is_said_to_be_none() {
        let two = [answer("a", ""), answer("b", "")].concat();
        let endless = vec![b'a'; MOST_HEAD + 1];
        for bytes in [&two[..], b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0\r\n\r\n", &endless] {
            assert_eq!(Reader::default().take(bytes), Err(Nonsense));
        }
    }

    #[test]
    fn the_last_of_a_connection_says_so() {
        let read = |bytes: &[u8]| Reader::default().take(bytes).unwrap().unwrap().last;
        assert!(read(&answer("a", "Connection: close\r\n")) && !read(&answer("a", "")));
        assert!(read(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }
}
