//! `GET /x/relation/blacks`: the members that the caller has blocked.

use crate::endpoint::endpoint;
use crate::member_list::RelationPage;
use guanxi_types::{PageNumber, PageSize};

endpoint! {
    /// `GET /x/relation/blacks`: returns a page of the members that the caller has blocked, newest first. Each has
    /// `attribute` 128. No other member sees this list (D13). Errors: -101, -400.
    ListBlocks: GET "/x/relation/blacks", Session -> RelationPage {
        /// Entries per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
    }
}
