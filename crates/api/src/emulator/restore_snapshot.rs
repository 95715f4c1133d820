//! `POST /emulator/restore`: restores a snapshot.

use super::list_snapshots::Snapshot;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /emulator/restore`: restores the data and the clock of a snapshot, and removes all faults. Requests in
    /// flight still see the former data. The recorded requests and the gaps stay. Errors: -401, -403, -400.
    RestoreSnapshot: POST "/emulator/restore", Operator<AdminOnly> -> Snapshot {
        /// The name. `start` if absent.
        name: Option<String>,
    }
}
