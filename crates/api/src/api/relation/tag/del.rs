//! `POST /x/relation/tag/del`: a group's end.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;

endpoint! {
    /// Deletes a group; its members stay followed (seed 002, D23).
    TagDel: POST "/x/relation/tag/del", SessionWithCsrf -> () {
        /// The group.
        tagid: Tagid,
    }
}
