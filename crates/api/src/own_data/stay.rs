//! `POST /passport/leave/cancel`: cancels the deletion of the caller's account.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/leave/cancel`: cancels the scheduled deletion of the caller's account. Has no effect without
    /// one. Errors: -101, -111.
    Stay: POST "/passport/leave/cancel", SessionWithCsrf -> () {}
}
