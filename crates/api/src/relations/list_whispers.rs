//! `GET /x/relation/whispers`: the members that the caller follows privately.

use crate::endpoint::endpoint;
use crate::member_list::RelationPage;
use guanxi_types::{PageNumber, PageSize};

endpoint! {
    /// `GET /x/relation/whispers`: returns a page of the members that the caller follows privately, newest first.
    /// Each has `attribute` 1. No other member sees this list (D13). Errors: -101, -400.
    ListWhispers: GET "/x/relation/whispers", Session -> RelationPage {
        /// Entries per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
    }
}
