//! `POST /passport/realname`: an application for real name verification.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Applies for real name verification, which a moderator reviews; 6 tells how it stands. A newer application replaces
    /// one that waits. Refused with 30030, 30031, 30032.
    ApplyRealname: POST "/passport/realname", SessionWithCsrf -> () {
        /// The name.
        realname: Secret,
        /// The card's number.
        card: Secret,
        /// What kind of card, 0 to 6 as in 6.
        #[schemars(range(max = 6))]
        card_type: u8,
    }
}
