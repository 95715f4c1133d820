//! `POST /x/relation/tag/update`: renames a group.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;

endpoint! {
    /// `POST /x/relation/tag/update`: renames a group (seed 002, D21, D22). A blank name is -400, and so are -10
    /// and 0. A rename to the current name is a success. Errors: -101, -111, -400, 22103, 22104, 22101, 22106.
    RenameGroup: POST "/x/relation/tag/update", SessionWithCsrf -> () {
        /// The group, one that the caller created.
        tagid: Tagid,
        /// The new name, 1 to 16 characters. Blanks at its ends are removed.
        name: String,
    }
}
