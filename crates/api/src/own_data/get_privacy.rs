//! `GET /passport/privacy`: who may see the caller's lists.

use crate::endpoint::endpoint;
use crate::own_data::change_privacy::Audiences;

endpoint! {
    /// `GET /passport/privacy`: returns who may see the members whom the caller follows, and the caller's followers.
    /// Errors: -101.
    GetPrivacy: GET "/passport/privacy", Session -> Audiences {}
}
