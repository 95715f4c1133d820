//! Codes of an authenticator that change with the time (RFC 6238).

use crate::app::App;
use crate::session_token::random_bytes;
use guanxi_domain::factor::STEP_SECONDS;
use guanxi_types::HttpError;
use totp_rs::{Builder, Secret, Totp};

/// The length of a secret, in bytes (RFC 4226, section 4).
const SECRET_BYTES: usize = 20;

/// The steps before and after the current one whose codes are accepted.
const SKEW: u16 = 1;

/// Generates a secret, in base32.
pub fn generate_secret() -> String {
    Secret::from(random_bytes::<SECRET_BYTES>()).to_base32()
}

/// Returns the step of a code, or `None` if it is wrong. The codes of the steps before and after the current one count
/// too, since clocks differ.
pub fn find_step(secret: &str, code: &str, now: i64) -> Option<i64> {
    let totp = build(secret, "", "").ok()?;
    let step = totp.check(code.trim(), u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

/// Returns the `otpauth` URL of a secret, which authenticators read.
pub fn url(app: &App, secret: &str, uname: &str) -> Result<String, HttpError> {
    let host = app.public_url.split_once("://").map_or(app.public_url.as_str(), |(_, host)| host);
    let issuer = host.split(['/', ':']).next().unwrap_or_default();
    // A colon separates the issuer from the account.
    let account = uname.replace(':', " ");
    build(secret, issuer, &account)?.to_url().map_err(|_| HttpError::InternalError)
}

fn build(secret: &str, issuer: &str, account: &str) -> Result<Totp, HttpError> {
    let secret = Secret::try_from_base32(secret).map_err(|_| HttpError::InternalError)?;
    let builder = Builder::new().with_secret(secret).with_skew(SKEW).with_step_duration(STEP_SECONDS);
    let builder = builder.with_account_name(account).with_issuer((!issuer.is_empty()).then_some(issuer));
    builder.build().map_err(|_| HttpError::InternalError)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors of RFC 6238: `12345678901234567890`.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn code_of_the_neighbouring_steps_is_accepted() {
        // The last six digits of the test vectors of RFC 6238, appendix B.
        for (code, now, step) in [
            ("287082", 59, Some(1)),
            ("287082", 60, Some(1)),
            ("287082", 89, Some(1)),
            ("287082", 90, None),
            ("287082", 29, Some(1)),
            ("081804", 1_111_111_109, Some(37_037_036)),
            (" 050471 ", 1_111_111_111, Some(37_037_037)),
            ("005924", 1_234_567_890, Some(41_152_263)),
            ("279037", 2_000_000_000, Some(66_666_666)),
            ("279038", 2_000_000_000, None),
            ("", 59, None),
            ("28708", 59, None),
            ("94287082", 59, None),
            ("287082", -5, None),
        ] {
            assert_eq!(find_step(SECRET, code, now), step, "{code:?} at {now}");
        }
    }

    #[test]
    fn generated_secret_has_a_code() {
        let secret = generate_secret();
        assert_eq!(secret.len(), 32);
        assert_ne!(secret, generate_secret());
        assert_eq!(find_step(&secret, "x", 0), None);
    }
}
