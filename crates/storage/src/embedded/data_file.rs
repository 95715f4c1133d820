//! The length of the LMDB data file. A read behind the end of a mapped file kills the process, so the length is
//! checked before any read.

use super::data_dir::DATA_FILE;
use crate::error::OpenError;
use heed::{Env, WithoutTls};
use std::fs::{self, OpenOptions};
use std::path::Path;

/// The largest tolerated gap at the end of the file: some hundred pages. For a small file it is a sixteenth of its
/// length.
const MAX_MISSING_TAIL: u64 = 1 << 20;

/// Returns the length of the data file, or 0 if there is none.
pub(super) fn len(dir: &Path) -> usize {
    fs::metadata(dir.join(DATA_FILE)).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX))
}

/// Returns the length that the file should have according to LMDB.
pub(super) fn expected_len(env: &Env<WithoutTls>, page_size: usize) -> u64 {
    (env.info().last_page_number + 1).saturating_mul(page_size) as u64
}

/// Extends a data file that is slightly too short. Fails if too much is missing.
pub(super) fn extend_if_short(dir: &Path, expected: u64) -> Result<(), OpenError> {
    let missing = missing_tail(dir, expected)?;
    if missing == 0 {
        return Ok(());
    }
    let failed = |error| OpenError::Io(dir.join(DATA_FILE), error);
    tracing::warn!(missing, expected, "data.mdb shorter than expected, extending");
    let file = OpenOptions::new().write(true).open(dir.join(DATA_FILE)).map_err(failed)?;
    file.set_len(expected).map_err(failed)
}

/// Returns the number of bytes missing at the end of the file. A few may be missing: pages that were allocated and
/// freed before they were written, which no reader uses. Fails if more are missing: then the file was truncated.
pub(super) fn missing_tail(dir: &Path, expected: u64) -> Result<u64, OpenError> {
    let metadata = fs::metadata(dir.join(DATA_FILE));
    let found = metadata.map_err(|error| OpenError::Io(dir.join(DATA_FILE), error))?.len();
    let missing = expected.saturating_sub(found);
    if missing > MAX_MISSING_TAIL.min(expected / 16) {
        return Err(OpenError::Truncated { path: dir.to_owned(), file: DATA_FILE, expected, found });
    }
    Ok(missing)
}
