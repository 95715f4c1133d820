//! The archive of a member's own data, for download. Dumps have none of these rows.

use super::{Sensitive, entity, stored_struct};
use guanxi_types::Mid;

stored_struct! {
    /// An archive that is being made, or waits for it. A program that makes it renews its claim.
    DataExportJob(/** The member. */ mid: Mid) {
        /// The random id of the claim. Another claim has another one.
        claim: u64,
        /// The second from which another program may claim the job.
        claimed_until: i64,
        /// The request, in seconds.
        requested: i64,
        /// The number of stored chunks.
        chunks: u32,
    }
}
entity!(DataExportJob in DataExportJob by mid: Mid, run_at: |row| Some(row.claimed_until));

stored_struct! {
    /// A finished archive.
    DataExport(/** The member. */ mid: Mid) {
        /// The time at which it was finished, in seconds.
        finished: i64,
        /// The second from which it may be deleted.
        expires: i64,
        /// The number of its chunks.
        chunks: u32,
        /// Its size in bytes.
        bytes: u64,
    }
}
entity!(DataExport in DataExport by mid: Mid, run_at: |row| Some(row.expires));

stored_struct! {
    /// A part of an archive, encrypted.
    DataExportChunk(/** The member. */ mid: Mid, /** The number, from 0 on. */ part: u32) {
        /// The bytes.
        data: Option<Sensitive>,
    }
}
entity!(DataExportChunk in DataExportChunk by (mid: Mid, part: u32));
