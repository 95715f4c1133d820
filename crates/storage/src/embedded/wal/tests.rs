use super::record::{encode_record, has_valid_record_after, parse_head};
use super::segment::Segment;
use super::*;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory with one segment of these records.
fn segment_of(records: &[&[u8]]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let mut wal = Wal::open(dir.path(), &Recovered::default()).unwrap();
    for record in records {
        wal.append(record).unwrap();
    }
    let path = dir.path().join("wal.1");
    (dir, path)
}

#[test]
fn records_after_any_lsn_are_recovered() {
    let (dir, _) = segment_of(&[b"one", b"", b"three"]);
    for lsn in 0..=3u64 {
        let recovered = recover(dir.path(), lsn).unwrap();
        let expected: Vec<Vec<u8>> =
            [b"one".to_vec(), vec![], b"three".to_vec()][usize::try_from(lsn).unwrap()..].to_vec();
        assert_eq!((recovered.records, recovered.last_lsn), (expected, 3));
    }
}

#[test]
fn truncated_wal_recovers_complete_records_and_appends() {
    let (dir, path) = segment_of(&[b"one", b"two"]);
    let bytes = fs::read(&path).unwrap();
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let recovered = recover(dir.path(), 0).unwrap();
        let expected = if length < 23 { 0 } else { usize::from(length == 46) + 1 };
        assert_eq!(recovered.records.len(), expected, "{length}");
        let mut wal = Wal::open(dir.path(), &recovered).unwrap();
        wal.append(b"next").unwrap();
        let again = recover(dir.path(), 0).unwrap();
        assert_eq!(again.records.len(), recovered.records.len() + 1);
        assert_eq!(again.records.last().map(Vec::as_slice), Some(&b"next"[..]));
        fs::remove_file(dir.path().join("wal.2")).unwrap();
    }
}

#[test]
fn changed_byte_is_corruption_except_in_last_record() {
    let (dir, path) = segment_of(&[b"one", b"two", b"three"]);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).unwrap();
        let recovered = recover(dir.path(), 0);
        match at {
            0..46 => assert_eq!(recovered.unwrap_err().kind(), io::ErrorKind::InvalidData, "{at}"),
            _ => assert_eq!(recovered.unwrap().records.len(), 2, "{at}"),
        }
    }
}

#[test]
fn search_after_torn_record_hashes_no_payload() {
    // The relations of a community whose mids look like the LSNs of the next records.
    let mut payload = Vec::new();
    for member in 1..=2000u64 {
        let list = [&member.to_be_bytes()[..], &[3]].concat();
        WalOp::TreeInsert(&list, (0, 0, member), None).encode(&mut payload);
    }
    let torn = encode_record(1, &payload).unwrap();
    let heads = (1..torn.len()).filter(|at| parse_head(&torn[*at..]).is_some()).count();
    assert_eq!(heads, 0, "each would cause a hash of all that follows");
    assert!(!has_valid_record_after(&torn[..torn.len() - 1], 0));
    let wal = [&torn[..torn.len() - 1], &encode_record(2, b"later").unwrap()].concat();
    assert!(has_valid_record_after(&wal, 0));
}

#[test]
fn missing_segment_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let mut wal = Wal::open(dir.path(), &Recovered::default()).unwrap();
    for record in [b"one", b"two", b"six"] {
        wal.append(record).unwrap();
        wal.rotate().unwrap();
    }
    assert_eq!(recover(dir.path(), 0).unwrap().records.len(), 3);
    fs::remove_file(dir.path().join("wal.2")).unwrap();
    assert_eq!(recover(dir.path(), 0).unwrap_err().to_string(), "wal.3 is corrupt: record 2 is missing");
    assert_eq!(recover(dir.path(), 2).unwrap().records, [b"six"]);
}

#[test]
fn append_truncates_torn_tail() {
    let (dir, path) = segment_of(&[b"one"]);
    let recovered = recover(dir.path(), 0).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut segment = Segment { path: path.clone(), file, valid_len: 23, is_torn: true };
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"half of a rec").unwrap();
    segment.append(&encode_record(2, b"two").unwrap()).unwrap();
    assert_eq!(recover(dir.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
    assert_eq!(recovered.records.len(), 1);
}

/// A WAL whose last write failed after `tail` had reached its segment.
fn wal_with_torn_tail(dir: &Path, tail: &[u8]) -> Wal {
    let mut wal = Wal::open(dir, &Recovered::default()).unwrap();
    wal.append(b"one").unwrap();
    let segment = wal.current.as_mut().unwrap();
    segment.file.write_all(tail).unwrap();
    segment.is_torn = true;
    wal
}

#[test]
fn rotate_truncates_torn_tail() {
    let rejected = encode_record(2, b"rejected").unwrap();
    for tail in [&rejected[..5], &rejected[..]] {
        let dir = tempfile::tempdir().unwrap();
        let mut wal = wal_with_torn_tail(dir.path(), tail);
        assert_eq!(wal.rotate().unwrap().len(), 1);
        wal.append(b"two").unwrap();
        assert_eq!(recover(dir.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
    }
}

#[test]
fn append_succeeds_once_file_is_writable_again() {
    let (dir, path) = segment_of(&[b"one"]);
    let file = File::open(&path).unwrap();
    let mut segment = Segment { path, file, valid_len: 23, is_torn: false };
    assert!(segment.append(&encode_record(2, b"two").unwrap()).is_err());
    assert!(segment.is_torn, "the truncation failed too, and is pending");
    assert!(segment.truncate_torn_tail().is_err());
    segment.file = OpenOptions::new().write(true).open(&segment.path).unwrap();
    segment.append(&encode_record(2, b"two").unwrap()).unwrap();
    assert_eq!(recover(dir.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
}
