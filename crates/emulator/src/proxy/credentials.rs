//! The community in the credentials for the proxy: the user of `Proxy-Authorization: Basic`.

use super::refusal::Rejection;
use crate::community_name::CommunityName;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Returns the community of a `Proxy-Authorization` header. The password is ignored.
pub(super) fn community(header: &[u8]) -> Result<CommunityName, Rejection> {
    let user = user(header).ok_or_else(|| {
        Rejection::bad_request("Proxy-Authorization must be Basic, with a community as its user")
    })?;
    user.parse().map_err(|error| Rejection::bad_request(format!("invalid user of the proxy: {error}")))
}

fn user(header: &[u8]) -> Option<String> {
    let (scheme, encoded) = std::str::from_utf8(header).ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, _) = decoded.split_once(':')?;
    Some(user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn community_is_the_user_of_basic_credentials() {
        let basic = |credentials: &str| format!("Basic {}", BASE64_STANDARD.encode(credentials));
        for (header, name) in [
            (basic("worker-3:x"), Some("worker-3")),
            (basic("worker-3:"), Some("worker-3")),
            (basic("a:b:c"), Some("a")),
            (basic("a:b").replace("Basic ", "basic   "), Some("a")),
            (basic("worker-3"), None),
            (basic(":x"), None),
            (basic("a/b:x"), None),
            (basic("社区:x"), None),
            ("Basic !".to_owned(), None),
            ("Basic".to_owned(), None),
            ("Bearer worker-3".to_owned(), None),
            (String::new(), None),
        ] {
            let found = community(header.as_bytes()).ok();
            assert_eq!(found.as_ref().map(CommunityName::as_str), name, "{header}");
        }
        let bytes = [b"Basic ".as_slice(), &[0xff]].concat();
        assert!(community(&bytes).is_err());
    }
}
