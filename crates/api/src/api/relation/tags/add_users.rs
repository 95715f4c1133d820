//! `POST /x/relation/tags/addUsers`: who is in which groups.

use crate::endpoint::endpoint;
use crate::param::Joined;
use guanxi_types::{Mid, Tagid};

endpoint! {
    /// Sets the groups of each `fids` to exactly `tagids`, for all or for none (seed 002, D24). Refused with 22105, 22104.
    AddUsers: POST "/x/relation/tags/addUsers", SessionWithCsrf -> () {
        /// Members one follows: 1 to 50, joined with `,`.
        fids: Joined<Mid>,
        /// Their groups, in the order in which they join them: 1 to 50, joined with `,`; 0 alone for none.
        tagids: Joined<Tagid>,
    }
}
