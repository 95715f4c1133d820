//! `POST /passport/export`: requests an archive of the caller's data.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/export`: requests an archive of the caller's data, which replaces an earlier one. It is made in
    /// the background, and is kept for the setting `export_days` (3). While one is being made it is 30120. Errors:
    /// -101, -111, 30113, 30118, 30120.
    RequestExport: POST "/passport/export", SessionWithCsrf -> () {}
}
