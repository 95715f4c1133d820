//! Recovery codes, which replace a lost second factor once each.

use crate::session_token::{random_bytes, to_hex};
use guanxi_domain::factor::RECOVERY_CODES;
use sha2::{Digest, Sha256};

/// The letters and digits of a code, without those that look alike: 5 bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// The characters of a code: 80 random bits, which no search of hashes finds.
const LENGTH: usize = 16;

/// Generates the recovery codes of a member, in groups of four characters.
pub fn generate() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| generate_one()).collect()
}

fn generate_one() -> String {
    let letters = random_bytes::<LENGTH>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Returns the hash of a code as it is stored. Case, blanks and dashes do not matter. `None` if the text is no code.
pub fn hash(code: &str) -> Option<String> {
    let letters: String = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let letters = letters.to_ascii_lowercase();
    let is_code = letters.len() == LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    is_code.then(|| to_hex(&Sha256::digest(letters)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_code_have_one_hash() {
        let codes = generate();
        assert_eq!(codes.len(), 10);
        let code = &codes[0];
        let hashed = hash(code).unwrap();
        for spelling in [code.to_uppercase(), code.replace('-', ""), format!(" {} ", code.replace('-', " "))]
        {
            assert_eq!(hash(&spelling).as_ref(), Some(&hashed), "{spelling}");
        }
        assert_ne!(hash(&codes[1]).unwrap(), hashed);
        for wrong in ["", "123456", "abcd-efgh", "abcd-efgh-jkmn-pqr1", "abcd-efgh-jkmn-pqrs-t"] {
            assert_eq!(hash(wrong), None, "{wrong}");
        }
    }
}
