//! The header of a segment. Integers are big-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `guanxi.w` |
//! | 4 | the format of the data directory |
//! | 16 | the id of the store |
//! | 8 | the salt of the segment |
//! | 20 | the [position](WalPosition) before the first record: its LSN, salt and checksum |
//! | 4 | a checksum of the above |

use super::super::data_dir::FORMAT;
use super::record::{POSITION_LEN, Salt, WalPosition};

const MAGIC: &[u8; 8] = b"guanxi.w";
const CHECKED_LEN: usize = MAGIC.len() + 4 + StoreId::LEN + 8 + POSITION_LEN;
/// The length of a header.
pub(super) const HEADER_LEN: usize = CHECKED_LEN + 4;

/// The random id of a store. Its backups and copies have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct StoreId(pub(in super::super) [u8; StoreId::LEN]);

impl StoreId {
    pub(in super::super) const LEN: usize = 16;
}

/// The header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) store: StoreId,
    pub(super) salt: Salt,
    /// The position before the first record.
    pub(super) previous: WalPosition,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_be_bytes());
        bytes.extend(self.store.0);
        bytes.extend(self.salt.0.to_be_bytes());
        bytes.extend(self.previous.to_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    /// Returns the header at the beginning of a segment, if it is valid.
    pub(super) fn parse(segment: &[u8]) -> Option<Header> {
        let (checked, sum) = segment.first_chunk::<HEADER_LEN>()?.split_at(CHECKED_LEN);
        let rest = checked.strip_prefix(MAGIC)?.strip_prefix(&FORMAT.to_be_bytes())?;
        let (store, rest) = rest.split_first_chunk()?;
        let (salt, previous) = rest.split_first_chunk()?;
        let salt = Salt(u64::from_be_bytes(*salt));
        let header = Header { store: StoreId(*store), salt, previous: WalPosition::from_bytes(previous)? };
        (sum == crc32fast::hash(checked).to_be_bytes()).then_some(header)
    }

    /// The LSN of the first record.
    pub(super) fn first_lsn(&self) -> u64 {
        self.previous.lsn.saturating_add(1)
    }
}
