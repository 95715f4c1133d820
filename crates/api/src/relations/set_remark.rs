//! `POST /passport/remark`: sets the caller's remark on a member.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Secret};

endpoint! {
    /// `POST /passport/remark`: sets the caller's private remark on a member. Nobody else sees it. It stays when the
    /// relation to the member ends, and is deleted with either account. The setting `remark_limit` bounds their
    /// number. Errors: -101, -111, -400, 40061, 22013, 22001, 30090.
    SetRemark: POST "/passport/remark", SessionWithCsrf -> () {
        /// The member.
        mid: Mid,
        /// The remark, 1 to 20 characters. Empty or absent deletes it.
        remark: Option<Secret>,
    }
}
