//! A record of the WAL: one commit. Integers are big-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | the length of the payload |
//! | 8 | the LSN, one more than that of the record before |
//! | 4 | a checksum of the two |
//! | 4 | a checksum of the head above and the payload |
//! | the rest | the payload: the [operations](super::op) of the commit |
//!
//! Both checksums begin with the [`Salt`] of the segment, so the record of another segment is invalid. The head has
//! a checksum of its own, so that the search for a later record after a torn one hashes no payload of bytes that
//! are no record.

use std::io;

/// The length of the head, without its checksum and with it.
const CHECKED_HEAD_LEN: usize = 12;
const HEAD_LEN: usize = CHECKED_HEAD_LEN + 4;
/// The offset of the payload.
pub(super) const PAYLOAD_OFFSET: usize = HEAD_LEN + 4;

/// A random number that distinguishes a segment from every other one, also from those of copies of the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Salt(pub(super) u64);

/// The identity of a record among those of all copies of a store. It is zero before the first record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct RecordMark {
    /// The salt of the record's segment.
    pub(super) salt: Salt,
    /// The last checksum of the record.
    pub(super) checksum: u32,
}

/// A place in the history of a store: the last of its first `lsn` records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct WalPosition {
    pub(in super::super) lsn: u64,
    pub(super) mark: RecordMark,
}

/// The length of an encoded position.
pub(super) const POSITION_LEN: usize = 20;

impl WalPosition {
    /// Returns a position that no other copy of the store has.
    pub(in super::super) fn of_new_copy(lsn: u64) -> io::Result<WalPosition> {
        let salt = Salt(getrandom::u64().map_err(io::Error::other)?);
        Ok(WalPosition { lsn, mark: RecordMark { salt, checksum: 0 } })
    }

    /// The position before the first record.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) const START: WalPosition =
        WalPosition { lsn: 0, mark: RecordMark { salt: Salt(0), checksum: 0 } };

    /// Returns the encoded position: the LSN, the salt and the checksum.
    pub(in super::super) fn to_bytes(self) -> [u8; POSITION_LEN] {
        let mut bytes = [0; POSITION_LEN];
        bytes[..8].copy_from_slice(&self.lsn.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.mark.salt.0.to_be_bytes());
        bytes[16..].copy_from_slice(&self.mark.checksum.to_be_bytes());
        bytes
    }

    /// Decodes a position.
    pub(in super::super) fn from_bytes(bytes: &[u8]) -> Option<WalPosition> {
        let (lsn, rest) = bytes.split_first_chunk()?;
        let (salt, checksum) = rest.split_first_chunk()?;
        let salt = Salt(u64::from_be_bytes(*salt));
        let mark = RecordMark { salt, checksum: u32::from_be_bytes(checksum.try_into().ok()?) };
        Some(WalPosition { lsn: u64::from_be_bytes(*lsn), mark })
    }
}

pub(super) fn encode_record(salt: Salt, lsn: u64, payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(payload.len()).map_err(|_| io::Error::other("a write of more than 4 GiB"))?;
    let mut record = Vec::with_capacity(PAYLOAD_OFFSET + payload.len());
    record.extend(length.to_be_bytes());
    record.extend(lsn.to_be_bytes());
    record.extend(checksum(salt, &[&record]));
    record.extend(checksum(salt, &[&record, payload]));
    record.extend_from_slice(payload);
    Ok(record)
}

#[expect(clippy::cast_possible_truncation, reason = "both halves of the salt are used")]
fn checksum(salt: Salt, parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new_with_initial((salt.0 >> 32) as u32 ^ salt.0 as u32);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_be_bytes()
}

/// Returns the length of the payload and the LSN, if `bytes` begins with a valid head.
pub(super) fn parse_head(salt: Salt, bytes: &[u8]) -> Option<(usize, u64)> {
    let head = bytes.first_chunk::<HEAD_LEN>()?;
    let (length, lsn) = (head.first_chunk::<4>()?, head[4..CHECKED_HEAD_LEN].try_into().ok()?);
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let is_valid = head[CHECKED_HEAD_LEN..] == checksum(salt, &[&head[..CHECKED_HEAD_LEN]]);
    is_valid.then_some((length, u64::from_be_bytes(lsn)))
}

/// Returns the LSN and the whole record, if `bytes` begins with a valid record.
pub(super) fn parse_record(salt: Salt, bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (length, lsn) = parse_head(salt, bytes)?;
    let record = bytes.get(..PAYLOAD_OFFSET.checked_add(length)?)?;
    let sum = checksum(salt, &[&record[..HEAD_LEN], &record[PAYLOAD_OFFSET..]]);
    (record[HEAD_LEN..PAYLOAD_OFFSET] == sum).then_some((lsn, record))
}

/// Returns the position of a complete record.
pub(super) fn position_of(salt: Salt, lsn: u64, record: &[u8]) -> WalPosition {
    let sum = record[HEAD_LEN..].first_chunk::<4>().copied().unwrap_or_default();
    WalPosition { lsn, mark: RecordMark { salt, checksum: u32::from_be_bytes(sum) } }
}

/// Returns true if the bytes contain a valid record after `last_lsn`: then they are corrupt, not a torn tail.
pub(super) fn has_later_record(salt: Salt, bytes: &[u8], last_lsn: u64) -> bool {
    (0..bytes.len()).any(|at| parse_record(salt, &bytes[at..]).is_some_and(|(lsn, _)| lsn > last_lsn))
}
