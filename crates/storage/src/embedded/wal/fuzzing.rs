//! Properties of the segments of a WAL, and of the operations in their records.

use super::record::{PAYLOAD_OFFSET, encode_record, parse_record};
use super::{Recovered, WalOp};
use arbitrary::Unstructured;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Reads arbitrary bytes as a segment, and the segment of arbitrary payloads, truncated and corrupted.
///
/// # Panics
///
/// If a property does not hold.
pub fn wal(data: &[u8]) {
    arbitrary_segment(data);
    decoded_ops(data);
    // An exhausted input reads as zeros.
    let _ = written_segment(&mut Unstructured::new(data));
}

fn recover(bytes: &[u8]) -> io::Result<Recovered> {
    let mut recovered = Recovered::default();
    recovered.add_segment(Path::new("wal.1"), bytes, true).map(|()| recovered)
}

/// Asserts that a parsed record is the one that its LSN and its payload encode to. The bytes after the last record
/// are a torn tail or corruption. The recovered records take no more memory than the segment.
fn arbitrary_segment(bytes: &[u8]) {
    let mut end = 0;
    while let Some((lsn, found)) = parse_record(&bytes[end..]) {
        assert_eq!(encode_record(lsn, &found[PAYLOAD_OFFSET..]).expect("it is short enough"), found);
        decoded_ops(&found[PAYLOAD_OFFSET..]);
        end += found.len();
    }
    match recover(bytes) {
        Ok(recovered) => {
            assert_eq!(recovered.torn_at, (end < bytes.len()).then_some(end as u64));
            assert!(recovered.records.iter().map(Vec::len).sum::<usize>() <= end);
            let again = recover(&bytes[..end]).expect("the records are valid without the torn tail");
            let expected = (recovered.records, recovered.last_lsn, None);
            assert_eq!((again.records, again.last_lsn, again.torn_at), expected);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
    if end < bytes.len() {
        let mut recovered = Recovered::default();
        let result = recovered.add_segment(Path::new("wal.1"), bytes, false);
        assert!(result.is_err(), "only the last segment may have a torn tail");
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
    if payloads.iter().any(|payload| (0..payload.len()).any(|at| parse_record(&payload[at..]).is_some())) {
        return Ok(());
    }
    let (mut segment, mut ends) = (Vec::new(), Vec::new());
    for (lsn, payload) in (1..).zip(&payloads) {
        segment.extend(encode_record(lsn, payload).expect("it is short enough"));
        ends.push(segment.len());
    }
    let recovered = recover(&segment).expect("all records are valid");
    assert!(recovered.records == payloads && recovered.torn_at.is_none());
    if segment.is_empty() {
        return Ok(());
    }
    let cut = usize::from(cut) % segment.len();
    let recovered = recover(&segment[..cut]).expect("a truncated segment is not corrupt");
    let complete = ends.iter().filter(|end| **end <= cut).count();
    assert_eq!(recovered.records, payloads[..complete]);
    assert_eq!(recovered.torn_at.is_some(), cut > 0 && !ends.contains(&cut));
    if change != 0 {
        let position = usize::from(position) % segment.len();
        segment[position] ^= change;
        let before = ends.iter().filter(|end| **end <= position).count();
        match recover(&segment) {
            Ok(recovered) => {
                assert_eq!((before + 1, recovered.records.len()), (payloads.len(), before));
            }
            Err(_) => assert!(before + 1 < payloads.len(), "a change in the last record is a torn tail"),
        }
    }
    Ok(())
}
