//! Session tokens of 32 random bytes.
//!
//! The store has only the hash of a token, and `bili_jct` is derived from the token. Therefore read access to the
//! store gives no access to sessions.

use guanxi_storage::model::TokenHash;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// The token of a session, as in the cookie `SESSDATA`: 64 hexadecimal digits, which no client percent-encodes.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Generates a random token.
    pub fn generate() -> Token {
        Token(to_hex(&random_bytes::<32>()))
    }

    /// Returns the token of a cookie. Any text is accepted, as an invalid token has no session.
    pub fn from_text(text: impl Into<String>) -> Token {
        Token(text.into())
    }

    /// Returns the text of the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the hash that is the session's key in the store.
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(&self.0).into()
    }

    /// Returns the public id of the session, unique among the member's sessions.
    pub fn id(&self) -> [u8; 8] {
        self.hash().first_chunk().copied().unwrap_or_default()
    }

    /// Returns the `bili_jct` of the session: 32 hexadecimal digits.
    pub fn csrf(&self) -> String {
        let derived = Sha256::new_with_prefix("guanxi bili_jct ").chain_update(&self.0).finalize();
        to_hex(&derived[..16])
    }

    /// Returns true if `given` is the `bili_jct` of the session. The comparison takes constant time.
    pub fn has_csrf(&self, given: &[u8]) -> bool {
        self.csrf().as_bytes().ct_eq(given).into()
    }
}

// Keeps the token out of logs.
impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token")
    }
}

/// Generates a `buvid3` for a device.
pub fn generate_buvid() -> String {
    let digits = to_hex(&random_bytes::<16>()).to_uppercase();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("{}infoc", parts.join("-"))
}

/// Generates a unique id: 32 hexadecimal digits.
pub fn generate_id() -> String {
    to_hex(&random_bytes::<16>())
}

/// Returns `N` cryptographically secure random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}

#[expect(clippy::disallowed_methods, reason = "the only source of random secrets")]
fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random bytes after startup");
}

/// Encodes bytes as lowercase hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
        text
    })
}

/// Decodes `2 * N` hexadecimal digits. Returns `None` for any other text.
pub fn from_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    // `from_str_radix` accepts a leading `+`, so each digit is checked first.
    if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_has_a_hash_and_a_csrf_and_hides_in_debug() {
        let token = Token::generate();
        assert_eq!(token.as_str().len(), 64);
        assert_ne!(token, Token::generate());
        assert_eq!(Token::from_text(token.as_str()).hash(), token.hash());
        assert_eq!(token.csrf().len(), 32);
        assert!(!token.as_str().contains(&token.csrf()));
        assert!(token.has_csrf(token.csrf().as_bytes()));
        assert!(!token.has_csrf(&token.csrf().as_bytes()[1..]) && !token.has_csrf(b""));
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn hex_digits_decode_to_their_bytes() {
        assert_eq!(from_hex(&to_hex(&[0, 0xab, 255])), Some([0, 0xab, 255]));
        assert_eq!(from_hex("AB"), Some([0xab]));
        for wrong in ["", "a", "abc", "+a", "é", "0x", "abcd"] {
            assert_eq!(from_hex::<1>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn generated_buvid_is_well_formed() {
        let buvid = generate_buvid();
        assert_eq!(buvid.len(), 41);
        assert!(buvid.ends_with("infoc"), "{buvid}");
    }
}
