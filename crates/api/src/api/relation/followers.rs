//! `GET /x/relation/followers`: who follows a member.

use crate::endpoint::endpoint;
use crate::listed::Page;
use crate::paging::{Pn, Ps};
use guanxi_types::Mid;
use guanxi_types::Order;

endpoint! {
    /// Asks for a page of who follows a member, by when the fan came (seed 002, D15). 22007 past the fifth page of another's list, -400
    /// for nobody. `order_type` is ignored.
    Followers: GET "/x/relation/followers", Public -> Page {
        /// The list's owner.
        vmid: Mid,
        /// Entries a page; more than 50 is taken as 50.
        ps: Ps,
        /// The page.
        pn: Pn,
        /// Newest first or last.
        order: Order,
    }
}
