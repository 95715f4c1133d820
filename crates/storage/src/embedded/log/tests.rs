use super::super::edit::Edit;
use super::*;
use tempfile::TempDir;

fn written(records: &[&[u8]]) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let mut log = Log::open(home.path(), &Told::default()).unwrap();
    for record in records {
        log.append(record).unwrap();
    }
    let path = home.path().join("log.1");
    (home, path)
}

#[test]
fn records_come_back_from_any_on() {
    let (home, _) = written(&[b"one", b"", b"three"]);
    for behind in 0..=3u64 {
        let told = read(home.path(), behind).unwrap();
        let expected: Vec<Vec<u8>> =
            [b"one".to_vec(), vec![], b"three".to_vec()][usize::try_from(behind).unwrap()..].to_vec();
        assert_eq!((told.records, told.last), (expected, 3));
    }
}

#[test]
fn wherever_it_is_cut_the_whole_records_are_there_and_it_goes_on() {
    let (home, path) = written(&[b"one", b"two"]);
    let bytes = fs::read(&path).unwrap();
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let told = read(home.path(), 0).unwrap();
        assert_eq!(
            told.records.len(),
            if length < 23 { 0 } else { usize::from(length == 46) + 1 },
            "{length}"
        );
        let mut log = Log::open(home.path(), &told).unwrap();
        log.append(b"next").unwrap();
        let again = read(home.path(), 0).unwrap();
        assert_eq!(again.records.len(), told.records.len() + 1);
        assert_eq!(again.records.last().map(Vec::as_slice), Some(&b"next"[..]));
        fs::remove_file(home.path().join("log.2")).unwrap();
    }
}

#[test]
fn a_byte_that_was_changed_is_told_unless_it_is_in_the_last_record() {
    let (home, path) = written(&[b"one", b"two", b"three"]);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&path, &changed).unwrap();
        let told = read(home.path(), 0);
        match at {
            0..46 => assert_eq!(told.unwrap_err().kind(), io::ErrorKind::InvalidData, "{at}"),
            _ => assert_eq!(told.unwrap().records.len(), 2, "{at}"),
        }
    }
}

#[test]
fn search_behind_torn_record_hashes_no_edits() {
    // Ties of a community whose mids look like the numbers of records that come next.
    let mut edits = Vec::new();
    for member in 1..=2000u64 {
        let roll = [&member.to_be_bytes()[..], &[3]].concat();
        Edit::Enter(&roll, (0, 0, member), None).write(&mut edits);
    }
    let torn = record(1, &edits).unwrap();
    let heads = (1..torn.len()).filter(|at| head(&torn[*at..]).is_some()).count();
    assert_eq!(heads, 0, "each would have all that follows read");
    assert!(!goes_on(&torn[..torn.len() - 1], 0));
    let log = [&torn[..torn.len() - 1], &record(2, b"later").unwrap()].concat();
    assert!(goes_on(&log, 0));
}

#[test]
fn a_file_that_is_missing_is_told() {
    let home = tempfile::tempdir().unwrap();
    let mut log = Log::open(home.path(), &Told::default()).unwrap();
    for record in [b"one", b"two", b"six"] {
        log.append(record).unwrap();
        log.turn().unwrap();
    }
    assert_eq!(read(home.path(), 0).unwrap().records.len(), 3);
    fs::remove_file(home.path().join("log.2")).unwrap();
    assert_eq!(read(home.path(), 0).unwrap_err().to_string(), "log.3 is damaged: record 2 is missing");
    assert_eq!(read(home.path(), 2).unwrap().records, [b"six"]);
}

#[test]
fn what_a_failed_write_left_is_cut_off() {
    let (home, path) = written(&[b"one"]);
    let told = read(home.path(), 0).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut open = Open { path: path.clone(), file, whole: 23, is_torn: true };
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"half of a rec").unwrap();
    open.append(&record(2, b"two").unwrap()).unwrap();
    assert_eq!(read(home.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
    assert_eq!(told.records.len(), 1);
}

/// A log whose last write failed when some of it, or all, was in its file.
fn failed(home: &Path, left: &[u8]) -> Log {
    let mut log = Log::open(home, &Told::default()).unwrap();
    log.append(b"one").unwrap();
    let open = log.open.as_mut().unwrap();
    open.file.write_all(left).unwrap();
    open.is_torn = true;
    log
}

#[test]
fn what_a_failed_write_left_is_cut_off_before_another_file_is_begun() {
    let refused = record(2, b"refused").unwrap();
    for left in [&refused[..5], &refused[..]] {
        let home = tempfile::tempdir().unwrap();
        let mut log = failed(home.path(), left);
        assert_eq!(log.turn().unwrap().len(), 1);
        log.append(b"two").unwrap();
        assert_eq!(read(home.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
    }
}

#[test]
fn a_file_that_takes_no_writes_goes_on_once_it_does() {
    let (home, path) = written(&[b"one"]);
    let file = File::open(&path).unwrap();
    let mut open = Open { path, file, whole: 23, is_torn: false };
    assert!(open.append(&record(2, b"two").unwrap()).is_err());
    assert!(open.is_torn, "it could not be cut off, and will be");
    assert!(open.mend().is_err());
    open.file = OpenOptions::new().write(true).open(&open.path).unwrap();
    open.append(&record(2, b"two").unwrap()).unwrap();
    assert_eq!(read(home.path(), 0).unwrap().records, [b"one".to_vec(), b"two".to_vec()]);
}
