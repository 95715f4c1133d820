//! Properties of the segments of a WAL, and of the operations in their records.

use super::header::{HEADER_LEN, Header, StoreId};
use super::record::{PAYLOAD_OFFSET, Salt, WalPosition, encode_record, parse_record};
use super::{Recovered, WalOp};
use arbitrary::Unstructured;
use std::io::{self, ErrorKind};

/// A salt with which a checksum is a plain CRC-32.
const SALT: Salt = Salt(0);
const HEADER: Header = Header { store: StoreId([7; StoreId::LEN]), salt: SALT, previous: WalPosition::START };

/// Reads arbitrary bytes as a header, as the records of a segment, and as operations. Reads the segment of arbitrary
/// payloads, truncated and corrupted.
///
/// # Panics
///
/// If a property does not hold.
pub fn wal(data: &[u8]) {
    arbitrary_header(data);
    arbitrary_records(data);
    decoded_ops(data);
    // An exhausted input reads as zeros.
    let _ = written_segment(&mut Unstructured::new(data));
}

/// Recovers a segment of these records. `last_lsn` is the LSN before the next segment.
fn recover_until(records: &[u8], last_lsn: Option<u64>) -> io::Result<Recovered> {
    let mut recovered = Recovered::default();
    let segment = [&HEADER.encode(), records].concat();
    recovered.add_segment("wal.1".to_owned(), &HEADER, segment, last_lsn).map(|()| recovered)
}

fn recover(records: &[u8]) -> io::Result<Recovered> {
    recover_until(records, None)
}

/// Asserts that a parsed header encodes to the same bytes.
fn arbitrary_header(bytes: &[u8]) {
    if let Some(header) = Header::parse(bytes) {
        assert_eq!(header.encode(), bytes[..HEADER_LEN]);
    }
}

/// Asserts that a parsed record is the one that its LSN and its payload encode to. The bytes after the last record
/// are a torn tail or corruption. The recovered records take no more memory than the segment.
fn arbitrary_records(bytes: &[u8]) {
    let mut end = 0;
    while let Some((lsn, found)) = parse_record(SALT, &bytes[end..]) {
        assert_eq!(encode_record(SALT, lsn, &found[PAYLOAD_OFFSET..]).expect("it is short enough"), found);
        decoded_ops(&found[PAYLOAD_OFFSET..]);
        end += found.len();
    }
    match recover(bytes) {
        Ok(recovered) => {
            assert_eq!(recovered.torn_bytes, bytes.len() - end);
            assert!(recovered.records().map(<[u8]>::len).sum::<usize>() <= end);
            let again = recover(&bytes[..end]).expect("the records are valid without the torn tail");
            assert_eq!((again.position, again.torn_bytes), (recovered.position, 0));
            assert!(again.records().eq(recovered.records()));
            let last_lsn = recovered.position.lsn;
            let next = recover_until(bytes, Some(last_lsn)).expect("the next segment voids the torn tail");
            assert!(next.position == recovered.position && next.torn_bytes == 0);
            let gap = recover_until(bytes, Some(last_lsn + 1));
            assert!(gap.is_err() || end == bytes.len(), "a record before the next segment is invalid");
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
}

/// Asserts that decoded operations encode to equal ones. There are no more of them than bytes, and none follows an
/// error.
fn decoded_ops(bytes: &[u8]) {
    let mut ops = WalOp::decode_all(bytes);
    let mut count = 0;
    for op in ops.by_ref() {
        count += 1;
        let Ok(op) = op else { break };
        let mut encoded = Vec::new();
        op.encode(&mut encoded);
        let again: Vec<_> =
            WalOp::decode_all(&encoded).map(|op| op.expect("this program encoded it")).collect();
        assert_eq!(again, [op]);
    }
    assert!(count <= bytes.len() && ops.next().is_none());
}

/// Asserts that a truncated segment recovers the records before the cut. A segment with a changed byte is corrupt,
/// unless the byte is in the last record, which then looks torn.
fn written_segment(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let (cut, position, change): (u16, u16, u8) = input.arbitrary()?;
    let mut payloads: Vec<&[u8]> = Vec::new();
    while !input.is_empty() && payloads.len() < 64 {
        let length = usize::from(input.arbitrary::<u8>()?).min(input.len());
        payloads.push(input.bytes(length)?);
    }
    // A record within a payload looks like corruption. No member can cause that, as their texts have no NULs.
    if payloads
        .iter()
        .any(|payload| (0..payload.len()).any(|at| parse_record(SALT, &payload[at..]).is_some()))
    {
        return Ok(());
    }
    let (mut segment, mut ends) = (Vec::new(), Vec::new());
    for (lsn, payload) in (1..).zip(&payloads) {
        segment.extend(encode_record(SALT, lsn, payload).expect("it is short enough"));
        ends.push(segment.len());
    }
    let recovered = recover(&segment).expect("all records are valid");
    assert!(recovered.records().eq(payloads.iter().copied()) && recovered.torn_bytes == 0);
    if segment.is_empty() {
        return Ok(());
    }
    let cut = usize::from(cut) % segment.len();
    let recovered = recover(&segment[..cut]).expect("a truncated segment is not corrupt");
    let complete = ends.iter().filter(|end| **end <= cut).count();
    assert!(recovered.records().eq(payloads[..complete].iter().copied()));
    assert_eq!(recovered.torn_bytes > 0, cut > 0 && !ends.contains(&cut));
    if change != 0 {
        let position = usize::from(position) % segment.len();
        segment[position] ^= change;
        let before = ends.iter().filter(|end| **end <= position).count();
        match recover(&segment) {
            Ok(recovered) => {
                assert_eq!((before + 1, recovered.records().count()), (payloads.len(), before));
            }
            Err(_) => assert!(before + 1 < payloads.len(), "a change in the last record is a torn tail"),
        }
    }
    Ok(())
}
