//! Properties of the parsers of untrusted bytes.
//!
//! `fuzz/` searches inputs that violate them, and the tests here check its seeds. A function panics if a property
//! does not hold.

pub use crate::geoip::fuzzing::xdb;
use crate::http::cookies::request_cookie;
pub use crate::http::params::fuzzing::{form, multipart};
pub use crate::http::raw_query::fuzzing::raw_query;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

const COOKIE_NAME: &str = "SESSDATA";

/// Parses arbitrary bytes as the lines of a `Cookie` header.
///
/// The first cookie of a name counts. Cookies of other names and the division into lines change nothing. A value is
/// not longer than the input, and has no NUL.
///
/// # Panics
///
/// Panics if a property does not hold.
pub fn cookies(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let Some(headers) = headers(&lines) else { return };
    let value = request_cookie(&headers, COOKIE_NAME);
    assert!(value.as_ref().is_none_or(|value| value.len() <= data.len() && !value.contains('\0')));
    assert_eq!(session_cookie(&[&lines.join(&b"; "[..])]), value);
    let others =
        [&[&b"a=1; other=2; sessdata=3; SESSDATA "[..]], &lines[..], &[&b"=4; SESSDAT=5"[..]]].concat();
    assert_eq!(session_cookie(&others), value);
    let sent = [&lines[..], &[&b"SESSDATA=last"[..]]].concat();
    match &value {
        Some(_) => assert_eq!(session_cookie(&sent), value),
        // The cookie is absent, or its first value is invalid.
        None => assert!(session_cookie(&sent).is_none_or(|value| value == "last")),
    }
    let sent = [&[&b"SESSDATA=first"[..]], &lines[..]].concat();
    assert_eq!(session_cookie(&sent).as_deref(), Some("first"));
    let quoted = [&b"SESSDATA=\"first\""[..], &lines.join(&b';')].join(&b';');
    assert_eq!(session_cookie(&[&quoted]).as_deref(), Some("first"));
}

fn headers(lines: &[&[u8]]) -> Option<HeaderMap> {
    lines.iter().map(|line| Some((COOKIE, HeaderValue::from_bytes(line).ok()?))).collect()
}

fn session_cookie(lines: &[&[u8]]) -> Option<String> {
    request_cookie(&headers(lines).expect("parts of valid headers are valid"), COOKIE_NAME)
}

#[cfg(test)]
mod tests {
    #[test]
    fn fuzz_seeds_hold_their_properties() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 5] = [
            ("cookies", super::cookies),
            ("form", super::form),
            ("multipart", super::multipart),
            ("raw_query", super::raw_query),
            ("xdb", super::xdb),
        ];
        for (name, target) in targets {
            let seeds = format!("{}/../../fuzz/seeds/{name}", env!("CARGO_MANIFEST_DIR"));
            let seeds: Vec<_> = std::fs::read_dir(seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed).unwrap());
            }
        }
    }
}
