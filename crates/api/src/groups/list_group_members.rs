//! `GET /x/relation/tag`: the members of a group.

use crate::endpoint::endpoint;
use crate::member_list::GroupMember;
use guanxi_types::{PageNumber, PageSize, Tagid};

endpoint! {
    /// `GET /x/relation/tag`: returns a page of the members of a group, latest joined first (seed 002, D15, D25).
    /// The caller may read every page. Errors: -101, -400, 22104.
    ListGroupMembers: GET "/x/relation/tag", Session -> Vec<GroupMember> {
        /// The group: -10, 0, or one that the caller created.
        tagid: Tagid,
        /// Members per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
    }
}
