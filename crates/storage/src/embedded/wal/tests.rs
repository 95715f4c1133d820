use super::super::disk::{Disk, DiskFile, RealDisk};
use super::header::{HEADER_LEN, Header};
use super::record::{Salt, encode_record, has_later_record, parse_head};
use super::*;
use crate::StorageError;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const STORE: StoreId = StoreId([7; StoreId::LEN]);

/// The length of a record of three bytes.
const RECORD_LEN: usize = 23;

fn disk(dir: &Path) -> Arc<dyn Disk> {
    RealDisk::shared(dir)
}

fn recover_after(dir: &Path, checkpoint: WalPosition) -> io::Result<Recovered> {
    recover(&*disk(dir), STORE, checkpoint)
}

fn recover_all(dir: &Path) -> io::Result<Recovered> {
    recover_after(dir, WalPosition::START)
}

fn records(recovered: &Recovered) -> Vec<&[u8]> {
    recovered.records().collect()
}

/// Opens the WAL of a directory for appends.
fn open(dir: &Path) -> Wal {
    Wal::open(disk(dir), STORE, &recover_all(dir).unwrap()).unwrap()
}

/// A directory with one segment of these records.
fn segment_of(records: &[&[u8]]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    append_all(&mut open(dir.path()), records);
    let path = dir.path().join("wal.1");
    (dir, path)
}

fn append_all(wal: &mut Wal, records: &[&[u8]]) {
    for record in records {
        wal.append(record).unwrap();
    }
}

fn copy_of(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in disk(dir).list().unwrap() {
        fs::copy(dir.join(&name), copy.path().join(name)).unwrap();
    }
    copy
}

#[test]
fn records_after_any_position_are_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let mut wal = open(dir.path());
    let mut positions = vec![wal.position()];
    for record in [&b"one"[..], b"", b"three"] {
        wal.append(record).unwrap();
        positions.push(wal.position());
    }
    for (lsn, position) in positions.into_iter().enumerate() {
        let recovered = recover_after(dir.path(), position).unwrap();
        assert_eq!(records(&recovered), [&b"one"[..], b"", b"three"][lsn..]);
        assert_eq!(recovered.position, wal.position());
        assert_eq!(WalPosition::from_bytes(&position.to_bytes()), Some(position));
    }
}

#[test]
fn truncated_wal_recovers_complete_records_and_appends() {
    let (dir, path) = segment_of(&[b"one", b"two"]);
    let bytes = fs::read(&path).unwrap();
    for length in HEADER_LEN..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let complete = (length - HEADER_LEN) / RECORD_LEN;
        assert_eq!(recover_all(dir.path()).unwrap().records().count(), complete, "{length}");
        open(dir.path()).append(b"next").unwrap();
        let again = recover_all(dir.path()).unwrap();
        assert_eq!(records(&again).last(), Some(&&b"next"[..]));
        assert_eq!(again.records().count(), complete + 1);
        for name in disk(dir.path()).list().unwrap() {
            fs::remove_file(dir.path().join(name)).unwrap();
        }
    }
}

#[test]
fn changed_byte_is_corruption_except_in_last_record() {
    let (dir, path) = segment_of(&[b"one", b"two", b"six"]);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).unwrap();
        let recovered = recover_all(dir.path());
        if at < HEADER_LEN + 2 * RECORD_LEN {
            assert_eq!(recovered.unwrap_err().kind(), io::ErrorKind::InvalidData, "{at}");
        } else {
            assert_eq!(recovered.unwrap().records().count(), 2, "{at}");
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
    let salt = Salt(77 << 32 | 5);
    let torn = encode_record(salt, 1, &payload).unwrap();
    let heads = (1..torn.len()).filter(|at| parse_head(salt, &torn[*at..]).is_some()).count();
    assert_eq!(heads, 0, "each would cause a hash of all that follows");
    let torn = &torn[..torn.len() / 2];
    assert!(!has_later_record(salt, torn, 0));
    let with_next = |salt| [torn, &encode_record(salt, 2, b"later").unwrap()].concat();
    assert!(has_later_record(salt, &with_next(salt), 0));
    assert!(!has_later_record(salt, &with_next(Salt(1)), 0), "it is of another segment");
}

#[test]
fn missing_segment_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    let mut wal = open(dir.path());
    let mut second = WalPosition::START;
    for record in [b"one", b"two", b"six"] {
        wal.append(record).unwrap();
        second = if wal.rotate().lsn == 2 { wal.position() } else { second };
    }
    assert_eq!(recover_all(dir.path()).unwrap().records().count(), 3);
    fs::remove_file(dir.path().join("wal.2")).unwrap();
    assert_eq!(recover_all(dir.path()).unwrap_err().to_string(), "wal.3 is corrupt: record 2 is missing");
    assert_eq!(records(&recover_after(dir.path(), second).unwrap()), [b"six"]);
}

#[test]
fn next_segment_voids_torn_tail_and_rejected_record() {
    for rejected in [&b"half of a rec"[..], b"rejected"] {
        let (dir, path) = segment_of(&[b"one"]);
        let salt = Header::parse(&fs::read(&path).unwrap()).unwrap().salt;
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        let copy = copy_of(dir.path());
        let tail = match rejected {
            b"rejected" => encode_record(salt, 2, rejected).unwrap(),
            torn => torn.to_vec(),
        };
        open(copy.path()).append(b"two").unwrap();
        fs::copy(copy.path().join("wal.2"), dir.path().join("wal.2")).unwrap();
        file.write_all_at(&tail, 0).unwrap();
        assert_eq!(records(&recover_all(dir.path()).unwrap()), [b"one", b"two"]);
        fs::remove_file(dir.path().join("wal.2")).unwrap();
        let count = recover_all(dir.path()).unwrap().records().count();
        assert_eq!(count, if rejected == b"rejected" { 2 } else { 1 });
    }
}

#[test]
fn segment_of_another_store_is_refused() {
    let (dir, path) = segment_of(&[b"one"]);
    let other = StoreId([8; StoreId::LEN]);
    let error = recover(&*disk(dir.path()), other, WalPosition::START).unwrap_err();
    assert_eq!(error.to_string(), "wal.1 belongs to another store");
    fs::rename(path, dir.path().join("wal.3")).unwrap();
    let error = recover_all(dir.path()).unwrap_err();
    assert_eq!(error.to_string(), "wal.3 is corrupt: its first record is 1");
}

#[test]
fn segment_of_diverged_copy_is_refused() {
    let (dir, _) = segment_of(&[b"one"]);
    let copy = copy_of(dir.path());
    let before = recover_all(dir.path()).unwrap().position;
    append_all(&mut open(copy.path()), &[b"two"]);
    open(copy.path()).append(b"six").unwrap();
    let mut wal = open(dir.path());
    append_all(&mut wal, &[b"two"]);
    let checkpoint = wal.position();
    fs::copy(copy.path().join("wal.3"), dir.path().join("wal.3")).unwrap();
    let refusal = "wal.3 continues another copy of this store";
    for from in [WalPosition::START, before, checkpoint] {
        assert_eq!(recover_after(dir.path(), from).unwrap_err().to_string(), refusal);
    }
    fs::remove_file(dir.path().join("wal.2")).unwrap();
    assert_eq!(recover_after(dir.path(), checkpoint).unwrap_err().to_string(), refusal);
    fs::remove_file(dir.path().join("wal.3")).unwrap();
    fs::copy(copy.path().join("wal.2"), dir.path().join("wal.2")).unwrap();
    let old = recover_after(dir.path(), checkpoint).unwrap();
    assert_eq!(old.records().count(), 0, "nothing of a segment before the checkpoint is replayed");
    assert_eq!(records(&recover_all(dir.path()).unwrap()), [b"one", b"two"]);
}

#[test]
fn backup_continues_the_history_of_its_store() {
    let (dir, _) = segment_of(&[b"one"]);
    let mut wal = open(dir.path());
    append_all(&mut wal, &[b"two", b"six"]);
    let checkpoint = recover_all(copy_of(dir.path()).path()).unwrap().position;
    let recovered = recover_all(dir.path()).unwrap();
    let to = tempfile::tempdir().unwrap();
    let length = write_backup(&*disk(to.path()), &recovered).unwrap();
    assert_eq!(length, 2 * HEADER_LEN as u64 + recovered.total_bytes);
    assert_eq!(records(&recover_all(to.path()).unwrap()), records(&recovered));
    // The copied tree may have a later checkpoint than the segments.
    assert_eq!(recover_after(to.path(), checkpoint).unwrap().records().count(), 0);
    wal.rotate();
    append_all(&mut wal, &[b"ten"]);
    fs::copy(dir.path().join("wal.4"), to.path().join("wal.4")).unwrap();
    assert_eq!(recover_all(to.path()).unwrap().records().count(), 4);
    remove_backup(&*disk(to.path())).unwrap();
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0);
}

/// A disk whose directory cannot be synced.
#[derive(Debug)]
struct UnsyncableDirectory(RealDisk);

impl Disk for UnsyncableDirectory {
    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.0.read(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.0.create(name)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.0.open(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync_directory(&self) -> io::Result<()> {
        Err(io::ErrorKind::Other.into())
    }
}

#[test]
fn failed_directory_syncs_leave_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(UnsyncableDirectory(RealDisk(dir.path().to_owned())));
    let mut wal = Wal::open(disk, STORE, &Recovered::default()).unwrap();
    for _ in 0..5 {
        assert!(matches!(wal.append(b"one"), Err(StorageError::Io(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
    assert_eq!(recover_all(dir.path()).unwrap().records().count(), 0);
}

#[test]
fn names_of_segments_have_one_spelling() {
    let expected = [("wal.1", Some(1)), ("wal.10", Some(10)), ("wal.18446744073709551616", None)];
    let others =
        ["wal.0", "wal.01", "wal.+1", "wal.", "wal.new", "wal.1.old", "wall.1"].map(|name| (name, None));
    for (name, lsn) in expected.into_iter().chain(others) {
        assert_eq!(first_lsn_of(name), lsn, "{name}");
    }
}
