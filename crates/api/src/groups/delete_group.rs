//! `POST /x/relation/tag/del`: deletes a group.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;

endpoint! {
    /// `POST /x/relation/tag/del`: deletes a group (seed 002, D23). Its members stay followed. A member of no other
    /// group joins 默认分组. -10 and 0 are -400. An unknown group is a success. Errors: -101, -111, -400.
    DeleteGroup: POST "/x/relation/tag/del", SessionWithCsrf -> () {
        /// The group.
        tagid: Tagid,
    }
}
