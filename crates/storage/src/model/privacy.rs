//! The privacy of a member.

use super::{entity, stored_struct};
use guanxi_domain::privacy::Audience;
use guanxi_types::Mid;

stored_struct! {
    /// The audiences of a member's lists. A member without the row shows them to everybody.
    Privacy(/** The member. */ mid: Mid) {
        /// The audience of the followings.
        followings: Audience,
        /// The audience of the followers.
        followers: Audience,
    }
}
entity!(Privacy in Privacy by mid: Mid);
