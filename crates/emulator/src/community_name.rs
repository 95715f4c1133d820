//! The name of a community in the emulator.

use std::fmt;
use std::str::FromStr;

/// The name of a community: 1 to 64 letters, digits, `.`, `_` and `-`. Requests carry it as an extension, which the
/// proxy takes from the user of its address, or in the header [`HEADER`](CommunityName::HEADER).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommunityName(String);

impl CommunityName {
    /// The header that names the community of a request.
    pub const HEADER: &str = "x-guanxi-community";

    /// The maximum length of a name.
    const MAX_BYTES: usize = 64;

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of the community of requests that name none.
impl Default for CommunityName {
    fn default() -> CommunityName {
        CommunityName("default".to_owned())
    }
}

/// The error of a malformed name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCommunityName;

impl fmt::Display for InvalidCommunityName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a community has 1 to 64 letters, digits, `.`, `_` and `-`")
    }
}

impl std::error::Error for InvalidCommunityName {}

impl FromStr for CommunityName {
    type Err = InvalidCommunityName;

    fn from_str(name: &str) -> Result<CommunityName, InvalidCommunityName> {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !(1..=CommunityName::MAX_BYTES).contains(&name.len()) || !name.bytes().all(is_valid) {
            return Err(InvalidCommunityName);
        }
        // `.` and `..` are no names of folders.
        if name.starts_with('.') { Err(InvalidCommunityName) } else { Ok(CommunityName(name.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_safe_in_paths() {
        let long = "x".repeat(CommunityName::MAX_BYTES + 1);
        for (name, is_valid) in [
            ("default", true),
            ("worker-3_b.2", true),
            (&long[1..], true),
            ("", false),
            (&long, false),
            ("..", false),
            ("a/b", false),
            ("a b", false),
            ("社区", false),
        ] {
            assert_eq!(name.parse::<CommunityName>().is_ok(), is_valid, "{name}");
        }
    }
}
