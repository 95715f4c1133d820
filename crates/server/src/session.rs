//! Sessions: 32 random bytes make a token. The store keeps the token's hash alone, and `bili_jct` is derived from the token,
//! so that nobody who reads the store can log in or write.

use guanxi_storage::row::TokenHash;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// A session's token, as the cookie `SESSDATA` carries it: 64 hexadecimal digits, which no client encodes.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn draw() -> Token {
        Token(hex(&draw::<32>()))
    }

    /// The one that a cookie says. Any text will do; only those drawn here open anything.
    pub fn said(text: &str) -> Token {
        Token(text.to_owned())
    }

    /// What the cookie carries.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Under which the store keeps the session.
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(&self.0).into()
    }

    /// What tells the session from the member's others.
    pub fn id(&self) -> [u8; 8] {
        self.hash().first_chunk().copied().unwrap_or_default()
    }

    /// The session's `bili_jct`: 32 hexadecimal digits.
    pub fn csrf(&self) -> String {
        let derived = Sha256::new_with_prefix("guanxi bili_jct ").chain_update(&self.0).finalize();
        hex(&derived[..16])
    }

    /// Whether that is the session's `bili_jct`, in a time that does not tell how nearly.
    pub fn has_csrf(&self, given: &[u8]) -> bool {
        self.csrf().as_bytes().ct_eq(given).into()
    }
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token")
    }
}

/// A device's `buvid3`.
pub fn draw_buvid() -> String {
    let digits = hex(&draw::<16>()).to_uppercase();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("{}infoc", parts.join("-"))
}

/// An id that nobody else draws: 32 hexadecimal digits.
pub fn draw_id() -> String {
    hex(&draw::<16>())
}

/// So many random bytes.
pub fn draw<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where secrets are drawn")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random bytes once it has started");
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

/// The bytes that so many hexadecimal digits are; none if they are others.
pub fn unhex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    // Digits alone: a parser of numbers would take a sign for the first of them.
    if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_should_and_no_more() {
        let token = Token::draw();
        assert_eq!(token.secret().len(), 64);
        assert_ne!(token, Token::draw());
        assert_eq!(Token::said(token.secret()).hash(), token.hash());
        assert_eq!(token.csrf().len(), 32);
        assert!(!token.secret().contains(&token.csrf()));
        assert!(token.has_csrf(token.csrf().as_bytes()));
        assert!(!token.has_csrf(&token.csrf().as_bytes()[1..]) && !token.has_csrf(b""));
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn digits_are_the_bytes_they_were_made_of() {
        assert_eq!(unhex(&hex(&[0, 0xab, 255])), Some([0, 0xab, 255]));
        assert_eq!(unhex("AB"), Some([0xab]));
        for wrong in ["", "a", "abc", "+a", "é", "0x", "abcd"] {
            assert_eq!(unhex::<1>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_buvid_looks_like_one() {
        let buvid = draw_buvid();
        assert_eq!(buvid.len(), 41);
        assert!(buvid.ends_with("infoc"), "{buvid}");
    }
}
