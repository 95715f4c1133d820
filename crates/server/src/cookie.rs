//! Cookies as clients really send them (D9).

use http::HeaderMap;
use http::header::COOKIE;
use percent_encoding::percent_decode;

/// The value of a cookie: percent-decoded, without quotes. Of a name sent twice the first counts; what has no name, or no
/// `=`, is passed over, and so is what is no UTF-8, or has a NUL in it, which no engine need keep.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(pair);
    let (_, value) = pairs.find(|(given, _)| *given == name.as_bytes())?;
    let text = percent_decode(value).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let value = text[at + 1..].trim_ascii();
    let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    Some((text[..at].trim_ascii(), bare))
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
    fn as_clients_send_them() {
        // lines, value of SESSDATA
        let cases: [(&[&str], Option<&str>); 17] = [
            (&["SESSDATA=xxx"], Some("xxx")),
            (&["SESSDATA=xxx;DedeUserID=1;"], Some("xxx")),
            (&["a=1; SESSDATA=xxx; b=2"], Some("xxx")),
            (&["a=1;SESSDATA=xxx"], Some("xxx")),
            (&["a=1", "SESSDATA=xxx"], Some("xxx")),
            (&["SESSDATA=1; SESSDATA=2"], Some("1")),
            (&["SESSDATA=; SESSDATA=2"], Some("")),
            (&["; ;=y; nameless; SESSDATA=x"], Some("x")),
            (&["SESSDATA=a%2Cb%2A"], Some("a,b*")),
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
            assert_eq!(cookie(&headers(lines), "SESSDATA").as_deref(), value, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_cookies(line: Vec<u8>, name: String) {
            if let Ok(line) = HeaderValue::from_bytes(&line) {
                cookie(&HeaderMap::from_iter([(COOKIE, line)]), &name);
            }
        }
    }
}
