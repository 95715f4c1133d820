//! A record of the WAL: one commit.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | the length of the payload |
//! | 8 | the LSN, one more than that of the record before |
//! | 4 | a checksum of the two |
//! | 4 | a checksum of the head above and the payload |
//! | the rest | the payload: the [operations](super::op) of the commit |
//!
//! The head has a checksum of its own, so that the search for a later record after a torn one hashes no payload of
//! bytes that are no record.

use std::io;

/// The length of the head, without its checksum and with it.
const CHECKED_HEAD_LEN: usize = 12;
const HEAD_LEN: usize = CHECKED_HEAD_LEN + 4;
/// The offset of the payload.
pub(super) const PAYLOAD_OFFSET: usize = HEAD_LEN + 4;

pub(super) fn encode_record(lsn: u64, payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(payload.len()).map_err(|_| io::Error::other("a write of more than 4 GiB"))?;
    let mut record = Vec::with_capacity(PAYLOAD_OFFSET + payload.len());
    record.extend(length.to_be_bytes());
    record.extend(lsn.to_be_bytes());
    record.extend(checksum(&[&record]));
    record.extend(checksum(&[&record, payload]));
    record.extend_from_slice(payload);
    Ok(record)
}

fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_be_bytes()
}

/// Returns the length of the payload and the LSN, if `bytes` begins with a valid head.
pub(super) fn parse_head(bytes: &[u8]) -> Option<(usize, u64)> {
    let head = bytes.first_chunk::<HEAD_LEN>()?;
    let (length, lsn) = (head.first_chunk::<4>()?, head[4..CHECKED_HEAD_LEN].try_into().ok()?);
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let is_valid = head[CHECKED_HEAD_LEN..] == checksum(&[&head[..CHECKED_HEAD_LEN]]);
    is_valid.then_some((length, u64::from_be_bytes(lsn)))
}

/// Returns the LSN and the whole record, if `bytes` begins with a valid record.
pub(super) fn parse_record(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (length, lsn) = parse_head(bytes)?;
    let record = bytes.get(..PAYLOAD_OFFSET.checked_add(length)?)?;
    let sum = checksum(&[&record[..HEAD_LEN], &record[PAYLOAD_OFFSET..]]);
    (record[HEAD_LEN..PAYLOAD_OFFSET] == sum).then_some((lsn, record))
}

/// Returns true if a valid later record follows the invalid bytes: then this is corruption, not a torn tail.
pub(super) fn has_valid_record_after(bytes: &[u8], last_lsn: u64) -> bool {
    (1..bytes.len()).any(|at| parse_record(&bytes[at..]).is_some_and(|(lsn, _)| lsn > last_lsn))
}
