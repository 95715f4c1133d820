//! `POST /emulator/requests/clear`: removes the recorded requests.

use super::clear_faults::Data;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /emulator/requests/clear`: removes the recorded requests. Later requests have larger ids. Errors: -401,
    /// -403, -400.
    ClearRequests: POST "/emulator/requests/clear", Operator<AdminOnly> -> Data {
        /// True to remove the gaps of `GET /emulator/gaps` too.
        gaps: Option<bool>,
    }
}
