//! Private texts of requests.

use std::fmt;

/// A private text: a password, a phone, an answer. `Debug` prints no value of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

crate::inline_schema!(Secret: { "type": "string", "writeOnly": true });

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}
