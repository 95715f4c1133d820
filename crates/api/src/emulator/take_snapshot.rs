//! `POST /emulator/snapshot`: takes a snapshot.

use super::list_snapshots::Snapshot;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /emulator/snapshot`: stores the data and the clock of the community under a name, and replaces an older
    /// snapshot of that name. A community has at most 100 snapshots. Errors: -401, -403, -400.
    TakeSnapshot: POST "/emulator/snapshot", Operator<AdminOnly> -> Snapshot {
        /// The name, except `start`.
        #[schemars(length(min = 1, max = 64))]
        name: String,
    }
}
