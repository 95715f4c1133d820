//! `GET /x/relation/followers`: the followers of a member.

use crate::endpoint::endpoint;
use crate::member_list::RelationPage;
use guanxi_types::{Mid, Order, PageNumber, PageSize};

endpoint! {
    /// `GET /x/relation/followers`: returns a page of the followers of a member, ordered by the time of the follow
    /// (seed 002, D13, D15 to D17). Past the fifth page of another member's list it is 22007. An unknown member is
    /// -400 (D39). `order_type` is ignored. Errors: -400, 22007, 22115.
    ListFollowers: GET "/x/relation/followers", Public -> RelationPage {
        /// The owner of the list.
        vmid: Mid,
        /// Entries per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
        /// The order: `desc` newest first, `asc` oldest first.
        order: Order,
    }
}
