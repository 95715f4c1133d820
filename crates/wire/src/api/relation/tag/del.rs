//! `POST /x/relation/tag/del`: a group's end.

use crate::Tagid;
use crate::endpoint::endpoint;

endpoint! {
    /// Deletes a group; its members stay followed (seed 002, D23).
    TagDel: POST "/x/relation/tag/del", Write -> () {
        /// The group.
        tagid: Tagid,
    }
}
