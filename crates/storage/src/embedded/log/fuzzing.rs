//! Properties of the log's files and of the edits in their records.

use super::super::edit::Edit;
use super::{BEFORE, Told, record, whole};
use arbitrary::Unstructured;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Any bytes as a file of the log, and the log that the same bytes describe, cut and damaged.
///
/// # Panics
///
/// If a property does not hold.
pub fn wal(data: &[u8]) {
    any_file(data);
    edits(data);
    // An input that has ended reads as zeros.
    let _ = written_log(&mut Unstructured::new(data));
}

fn read(bytes: &[u8]) -> io::Result<Told> {
    let mut told = Told::default();
    told.add(Path::new("log.1"), bytes, true).map(|()| told)
}

/// A record is read only if it is the one that its number and its edits are written as. What follows the last is torn off, or
/// is damage; neither takes more memory than the file.
fn any_file(bytes: &[u8]) {
    let mut end = 0;
    while let Some((number, found)) = whole(&bytes[end..]) {
        assert_eq!(record(number, &found[BEFORE..]).expect("it is short enough"), found);
        edits(&found[BEFORE..]);
        end += found.len();
    }
    match read(bytes) {
        Ok(told) => {
            assert_eq!(told.torn, (end < bytes.len()).then_some(end as u64));
            assert!(told.records.iter().map(Vec::len).sum::<usize>() <= end);
            let again = read(&bytes[..end]).expect("its whole records are read without its torn tail");
            assert_eq!((again.records, again.last, again.torn), (told.records, told.last, None));
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
    if end < bytes.len() {
        let mut told = Told::default();
        assert!(told.add(Path::new("log.1"), bytes, false).is_err(), "only the last file may be torn");
    }
}

/// Edits that are read are written back as edits that are equal. There are no more than bytes, and none follows a bad one.
fn edits(bytes: &[u8]) {
    let mut read = Edit::all(bytes);
    let mut count = 0;
    for edit in read.by_ref() {
        count += 1;
        let Ok(edit) = edit else { break };
        let mut written = Vec::new();
        edit.write(&mut written);
        let again: Vec<_> =
            Edit::all(&written).map(|edit| edit.expect("it was written by this program")).collect();
        assert_eq!(again, [edit]);
    }
    assert!(count <= bytes.len() && read.next().is_none());
}

/// A log that is cut has its whole records before the cut. One with a byte changed is damaged, but for its last record, which
/// is taken for a torn one.
fn written_log(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let (cut, place, change): (u16, u16, u8) = input.arbitrary()?;
    let mut payloads: Vec<&[u8]> = Vec::new();
    while !input.is_empty() && payloads.len() < 64 {
        let length = usize::from(input.arbitrary::<u8>()?).min(input.len());
        payloads.push(input.bytes(length)?);
    }
    // A record within a record's edits looks like damage: no text of a member's can be one, as it would need NULs.
    if payloads.iter().any(|payload| (0..payload.len()).any(|at| whole(&payload[at..]).is_some())) {
        return Ok(());
    }
    let (mut log, mut ends) = (Vec::new(), Vec::new());
    for (number, payload) in (1..).zip(&payloads) {
        log.extend(record(number, payload).expect("it is short enough"));
        ends.push(log.len());
    }
    let told = read(&log).expect("it was written so");
    assert!(told.records == payloads && told.torn.is_none());
    if log.is_empty() {
        return Ok(());
    }
    let cut = usize::from(cut) % log.len();
    let told = read(&log[..cut]).expect("a cut is no damage");
    let before = ends.iter().filter(|end| **end <= cut).count();
    assert_eq!(told.records, payloads[..before]);
    assert_eq!(told.torn.is_some(), cut > 0 && !ends.contains(&cut));
    if change != 0 {
        let place = usize::from(place) % log.len();
        log[place] ^= change;
        let begun = ends.iter().filter(|end| **end <= place).count();
        match read(&log) {
            Ok(told) => assert_eq!((begun + 1, told.records.len()), (payloads.len(), begun)),
            Err(_) => assert!(begun + 1 < payloads.len(), "what nobody was told of is no damage"),
        }
    }
    Ok(())
}
