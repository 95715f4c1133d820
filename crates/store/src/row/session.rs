//! Sessions.

use super::{record, row};
use guanxi_wire::Mid;

/// The SHA-256 of a session's token. The token itself is kept nowhere.
pub type TokenHash = [u8; 32];

row! {
    /// A session.
    Session(/** The hash of its token. */ hash: TokenHash, /** Whose. */ mid: Mid) {
        /// When it was opened, in seconds.
        created: i64,
        /// From when it is none, in seconds.
        expires: i64,
    }
}
record!(Session in Session by hash: TokenHash);
