//! Login cookie of an operator's browser. Browsers send cookies to every port of a host, so the cookie does not
//! contain the token. A stolen cookie works against this process only and expires; a stolen token would be valid
//! until revoked.

use crate::session_token::{Token, from_hex, to_hex};
use guanxi_storage::model::TokenHash;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Name of the cookie.
pub(super) const COOKIE: &str = "guanxi_operator";

/// Lifetime in seconds. The cookie also ends with the browser session and with the process.
const LIFETIME_SECONDS: i64 = 12 * 3_600;

/// Key that signs the cookies, drawn at each start of the process.
pub type CookieKey = [u8; 32];

/// A cookie value: token hash, expiry and HMAC-SHA256 signature.
#[derive(Debug)]
pub(super) struct OperatorCookie(Token);

impl OperatorCookie {
    /// Signs a cookie for a token hash.
    pub(super) fn new(key: &CookieKey, hash: &TokenHash, now: i64) -> OperatorCookie {
        let payload = format!("{}.{}", to_hex(hash), now.saturating_add(LIFETIME_SECONDS));
        let signature = to_hex(&mac(key, &payload).finalize().into_bytes());
        OperatorCookie(Token::from_text(format!("{payload}.{signature}")))
    }

    /// Wraps a cookie value as received, without verification.
    pub(super) fn from_text(text: &str) -> OperatorCookie {
        OperatorCookie(Token::from_text(text))
    }

    /// Returns the token hash, or `None` if the signature is invalid or the cookie expired.
    pub(super) fn token_hash(&self, key: &CookieKey, now: i64) -> Option<TokenHash> {
        let (payload, signature) = self.0.as_str().rsplit_once('.')?;
        mac(key, payload).verify_slice(&from_hex::<32>(signature)?).ok()?;
        let (hash, expires) = payload.split_once('.')?;
        from_hex(hash).filter(|_| expires.parse::<i64>().is_ok_and(|expires| expires > now))
    }

    /// Returns the cookie's value.
    pub(super) fn text(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the CSRF token for forms.
    pub(super) fn csrf(&self) -> String {
        self.0.csrf()
    }

    /// Returns true if the CSRF token matches.
    pub(super) fn has_csrf(&self, token: &[u8]) -> bool {
        self.0.has_csrf(token)
    }
}

fn mac(key: &CookieKey, payload: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts keys of any length");
    mac.chain_update(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_is_valid_until_expiry_for_its_key_only() {
        let (key, hash) = ([1; 32], [0xab; 32]);
        let cookie = OperatorCookie::new(&key, &hash, 100);
        assert_eq!(cookie.token_hash(&key, 100), Some(hash));
        assert_eq!(cookie.token_hash(&key, 100 + LIFETIME_SECONDS), None);
        assert_eq!(cookie.token_hash(&[2; 32], 100), None, "signed with another key");
        let text = cookie.text();
        for forged in [
            text.replacen('a', "b", 1),
            text.replacen(".43300.", ".99999999.", 1),
            text[..text.len() - 1].to_owned(),
            format!("{text}0"),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(OperatorCookie::from_text(&forged).token_hash(&key, 100), None, "{forged}");
        }
        assert!(cookie.has_csrf(cookie.csrf().as_bytes()) && !text.contains(&cookie.csrf()));
    }
}
