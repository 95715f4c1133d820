//! `POST /emulator/close`: closes the community.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /emulator/close`: deletes the community with its data, snapshots, faults and recorded requests. The next
    /// request of its name creates it as it was at the start. Errors: -401, -403.
    CloseCommunity: POST "/emulator/close", Operator<AdminOnly> -> () {}
}
