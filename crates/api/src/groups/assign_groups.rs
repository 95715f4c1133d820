//! `POST /x/relation/tags/addUsers`: sets the groups of followed members.

use crate::endpoint::endpoint;
use crate::param::CommaSeparated;
use guanxi_types::{Mid, Tagid};

endpoint! {
    /// `POST /x/relation/tags/addUsers`: sets the groups of each of `fids` to exactly `tagids` (seed 002, D19,
    /// D24). All members change, or none. A member that the caller does not follow publicly is 22105. Errors: -101,
    /// -111, -400, 22105, 22104.
    AssignGroups: POST "/x/relation/tags/addUsers", SessionWithCsrf -> () {
        /// The members, which the caller follows: 1 to 50 mids, separated by `,`.
        fids: CommaSeparated<Mid>,
        /// The groups, in the order in which the members join them: 1 to 50 tagids, separated by `,`. A single 0
        /// means no group. A 0 among other groups is ignored.
        tagids: CommaSeparated<Tagid>,
    }
}
