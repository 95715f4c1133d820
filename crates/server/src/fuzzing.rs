//! Properties of what this crate reads that may be any bytes. `fuzz/` looks for inputs that break them, and the tests here
//! hold them over its seeds. A function panics where a property does not hold.

use crate::cookie::cookie;
pub use crate::form::fuzzing::{form, multipart};
pub use crate::place::fuzzing::xdb;
pub use crate::raw_query::fuzzing::raw_query;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

const NAME: &str = "SESSDATA";

/// Any bytes as the lines of a `Cookie` header.
///
/// Of a name the first counts, whatever comes behind it; cookies of other names change nothing, nor does it on how many lines
/// they stand. A value is no longer than it was sent, and has no NUL.
///
/// # Panics
///
/// If a property does not hold.
pub fn cookies(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let Some(headers) = headers(&lines) else { return };
    let value = cookie(&headers, NAME);
    assert!(value.as_ref().is_none_or(|value| value.len() <= data.len() && !value.contains('\0')));
    assert_eq!(read(&[&lines.join(&b"; "[..])]), value);
    let others =
        [&[&b"a=1; other=2; sessdata=3; SESSDATA "[..]], &lines[..], &[&b"=4; SESSDAT=5"[..]]].concat();
    assert_eq!(read(&others), value);
    let sent = [&lines[..], &[&b"SESSDATA=last"[..]]].concat();
    match &value {
        Some(_) => assert_eq!(read(&sent), value),
        // It was not sent, or what came first of it cannot be used.
        None => assert!(read(&sent).is_none_or(|value| value == "last")),
    }
    let sent = [&[&b"SESSDATA=first"[..]], &lines[..]].concat();
    assert_eq!(read(&sent).as_deref(), Some("first"));
    let quoted = [&b"SESSDATA=\"first\""[..], &lines.join(&b';')].join(&b';');
    assert_eq!(read(&[&quoted]).as_deref(), Some("first"));
}

fn headers(lines: &[&[u8]]) -> Option<HeaderMap> {
    lines.iter().map(|line| Some((COOKIE, HeaderValue::from_bytes(line).ok()?))).collect()
}

fn read(lines: &[&[u8]]) -> Option<String> {
    cookie(&headers(lines).expect("its parts are headers"), NAME)
}

#[cfg(test)]
mod tests {
    #[test]
    fn seeds_of_fuzz_targets_hold_their_properties() {
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
