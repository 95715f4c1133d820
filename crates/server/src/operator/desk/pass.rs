//! The pass that an operator's browser holds in place of their token. Browsers send cookies to every port of a host, and who
//! gets this one has something for a day at this program, not a token for ever.

use crate::session::{Token, hex, unhex};
use guanxi_storage::row::TokenHash;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What the browser sends it as.
pub(super) const COOKIE: &str = "guanxi_operator";

/// How long it lasts, in seconds. It also ends with the browser, and with the program.
const LASTS: i64 = 12 * 3_600;

/// What passes are made with: drawn at each start.
pub type PassKey = [u8; 32];

/// A pass.
#[derive(Debug)]
pub(super) struct OperatorCookie(Token);

impl OperatorCookie {
    /// A pass for the token of a hash.
    pub(super) fn new(key: &PassKey, hash: &TokenHash, now: i64) -> OperatorCookie {
        let said = format!("{}.{}", hex(hash), now.saturating_add(LASTS));
        let sealed = hex(&mac(key, &said).finalize().into_bytes());
        OperatorCookie(Token::said(&format!("{said}.{sealed}")))
    }

    /// What a browser sent, whatever it is.
    pub(super) fn said(text: &str) -> OperatorCookie {
        OperatorCookie(Token::said(text))
    }

    /// The hash of the token that it stands for; none if it was not made here, or has ended.
    pub(super) fn opens(&self, key: &PassKey, now: i64) -> Option<TokenHash> {
        let (said, sealed) = self.0.secret().rsplit_once('.')?;
        mac(key, said).verify_slice(&unhex::<32>(sealed)?).ok()?;
        let (hash, expires) = said.split_once('.')?;
        unhex(hash).filter(|_| expires.parse::<i64>().is_ok_and(|expires| expires > now))
    }

    /// What the cookie carries.
    pub(super) fn text(&self) -> &str {
        self.0.secret()
    }

    /// What its forms repeat.
    pub(super) fn csrf(&self) -> String {
        self.0.csrf()
    }

    /// Whether that is it.
    pub(super) fn has_csrf(&self, given: &[u8]) -> bool {
        self.0.has_csrf(given)
    }
}

fn mac(key: &PassKey, said: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.chain_update(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_opens_what_it_was_made_for_and_for_so_long() {
        let (key, hash) = ([1; 32], [0xab; 32]);
        let pass = OperatorCookie::new(&key, &hash, 100);
        assert_eq!(pass.opens(&key, 100), Some(hash));
        assert_eq!(pass.opens(&key, 100 + LASTS), None);
        assert_eq!(pass.opens(&[2; 32], 100), None, "it was made by another program");
        let text = pass.text();
        for forged in [
            text.replacen('a', "b", 1),
            text.replacen(".43300.", ".99999999.", 1),
            text[..text.len() - 1].to_owned(),
            format!("{text}0"),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(OperatorCookie::said(&forged).opens(&key, 100), None, "{forged}");
        }
        assert!(pass.has_csrf(pass.csrf().as_bytes()) && !text.contains(&pass.csrf()));
    }
}
