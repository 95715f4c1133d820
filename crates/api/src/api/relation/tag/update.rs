//! `POST /x/relation/tag/update`: a group's new name.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;

endpoint! {
    /// Renames a group (seed 002, D22). Refused with 22103, 22104, 22101, 22106.
    TagUpdate: POST "/x/relation/tag/update", SessionWithCsrf -> () {
        /// The group.
        tagid: Tagid,
        /// Its new name, at most 16 characters.
        name: String,
    }
}
