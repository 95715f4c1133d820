//! `GET /passport/export`: the state of the caller's archive.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/export`: returns the state of the archive that `POST /passport/export` requested. A browser with
    /// the session downloads it at `/data.zip`. Errors: -101.
    GetExport: GET "/passport/export", Session -> Data {}
}

/// The state of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// No archive.
    None,
    /// An archive that is being made, or waits for it.
    InProgress,
    /// An archive to download.
    Ready,
}

/// The archive of a member's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The state: `none`, `in_progress` or `ready`.
    pub status: ExportStatus,
    /// The time of the request while it is in progress, or the time at which it was finished, in seconds. Else 0.
    pub time: i64,
    /// The time from which a finished archive is deleted, in seconds. Else 0.
    pub expires: i64,
    /// The size of a finished archive in bytes. Else 0.
    pub bytes: u64,
}
