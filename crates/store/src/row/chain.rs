//! The relation chain: ties and groups.

use super::{record, row};
use guanxi_rules::tie::Tie;
use guanxi_wire::{Mid, Tagid};

row! {
    /// A group of one's followings.
    Group(/** Whose. */ mid: Mid, /** Which. */ tagid: Tagid) {
        /// Its name.
        name: String,
    }
}
record!(Group in Group by (mid: Mid, tagid: Tagid));

row! {
    /// A tie, as a dump holds it.
    TieRow(/** Whose. */ from: Mid, /** To whom. */ to: Mid, /** What it is. */ tie: Tie) {}
}

row! {
    /// The versions of a member's two lists (D17).
    Versions(/** Whose. */ mid: Mid) {
        /// Of their fans.
        fans: u32,
        /// Of their followings.
        followings: u32,
    }
}
