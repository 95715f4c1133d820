//! Request cookies, parsed leniently as clients send them (D9).
//!
//! The crate `cookie` does not fit. It decodes names too, so `SESS%44ATA` would count as `SESSDATA`. It reads text
//! only, so one byte of another cookie that is not UTF-8 would hide the session.

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr;
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// Returns the value of a cookie, percent-decoded and without quotes.
///
/// The first cookie of a name counts. Pairs without a name or `=` are skipped. A value that is not UTF-8 or has a
/// NUL, which PostgreSQL cannot store, counts as absent.
pub fn request_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(parse_pair);
    let (_, value) = pairs.find(|(key, _)| *key == name.as_bytes())?;
    let is_escaped = memchr(b'%', value).is_some();
    let text =
        if is_escaped { percent_decode(value).decode_utf8() } else { str::from_utf8(value).map(Cow::from) };
    let text = text.ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}

fn parse_pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let value = text[equals + 1..].trim_ascii();
    let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    Some((text[..equals].trim_ascii(), bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap())).collect()
    }

    #[test]
    fn cookie_syntax_is_lenient() {
        // lines, value of SESSDATA
        let cases: [(&[&str], Option<&str>); 20] = [
            (&["SESSDATA=xxx"], Some("xxx")),
            (&["SESSDATA=xxx;DedeUserID=1;"], Some("xxx")),
            (&["a=1; SESSDATA=xxx; b=2"], Some("xxx")),
            (&["a=1;SESSDATA=xxx"], Some("xxx")),
            (&["a=1", "SESSDATA=xxx"], Some("xxx")),
            (&["SESSDATA=1; SESSDATA=2"], Some("1")),
            (&["SESSDATA=; SESSDATA=2"], Some("")),
            (&["; ;=y; nameless; SESSDATA=x"], Some("x")),
            (&["SESSDATA=a%2Cb%2A"], Some("a,b*")),
            (&["SESS%44ATA=a; SESSDATA=x"], Some("x")),
            (&["SESSDATA=%22x%22"], Some("\"x\"")),
            (&["SESSDATA=%ff; SESSDATA=x"], None),
            (&["SESSDATA=a%00b"], None),
            (&["SESSDATA=a=b=="], Some("a=b==")),
            (&["SESSDATA=\"x y\""], Some("x y")),
            (&[" SESSDATA = x "], Some("x")),
            (&["SESSDATA=100%"], Some("100%")),
            (&["sessdata=x"], None),
            (&["SESSDATA"], None),
            (&[], None),
        ];
        for (lines, value) in cases {
            assert_eq!(request_cookie(&headers(lines), "SESSDATA").as_deref(), value, "{lines:?}");
        }
    }

    #[test]
    fn cookie_is_read_beside_one_that_is_not_utf8() {
        let line = HeaderValue::from_bytes(b"theme=\xff; SESSDATA=x").unwrap();
        let headers = HeaderMap::from_iter([(COOKIE, line)]);
        assert_eq!(request_cookie(&headers, "SESSDATA").as_deref(), Some("x"));
        assert_eq!(request_cookie(&headers, "theme"), None);
    }

    proptest! {
        #[test]
        fn arbitrary_cookie_headers_do_not_panic(line: Vec<u8>, name: String) {
            if let Ok(line) = HeaderValue::from_bytes(&line) {
                request_cookie(&HeaderMap::from_iter([(COOKIE, line)]), &name);
            }
        }
    }
}
