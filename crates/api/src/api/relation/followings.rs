//! `GET /x/relation/followings`: whom a member follows.

use crate::endpoint::endpoint;
use crate::listed::Page;
use crate::paging::{Pn, Ps};
use guanxi_types::Mid;
use guanxi_types::Order;

endpoint! {
    /// Asks for a page of whom a member follows, by when they were followed (seed 002, D15). 22007 past the fifth page of another's list, -400
    /// for nobody. `order_type` is ignored.
    Followings: GET "/x/relation/followings", Public -> Page {
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
