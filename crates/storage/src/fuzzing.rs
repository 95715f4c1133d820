//! Properties of the parsers of this crate. `fuzz/` searches for inputs that break them, and the test here checks
//! them for its seeds. A function panics if a property does not hold.

use crate::dump::{self, ChunkLimit, ImportMode, Reader};
pub use crate::embedded::fuzzing::{btree, btree_node, wal};
use crate::model::{Binary, Row, SqlRow};

/// Reads arbitrary bytes as a dump, or as the rows of one if they do not begin with a header.
///
/// A line is a row that is written back as an equal row, or an error with the number of the line. Chunks have the
/// same rows, and an import resumes behind any of them.
///
/// # Panics
///
/// If a property does not hold.
pub fn dump(data: &[u8]) {
    let has_header = data.starts_with(b"{\"guanxi_dump\"");
    let header = if has_header { String::new() } else { format!("{{\"guanxi_dump\":{}}}\n", dump::VERSION) };
    let text = [header.as_bytes(), data].concat();
    let lines = text.split(|byte| *byte == b'\n').count();
    let mut rows = Vec::new();
    for read in dump::read_rows(text.as_slice()) {
        match read {
            Ok((line, row)) => {
                assert!((2..=lines).contains(&line));
                assert_round_trip(&row);
                // A rule that rejects the row has a message.
                assert!(
                    row.validate().is_ok()
                        || row.validate().is_err_and(|invalid| !invalid.to_string().is_empty())
                );
                rows.push(row);
            }
            Err(bad) => {
                assert!((1..=lines).contains(&bad.line) && !bad.reason.is_empty(), "{bad}");
                break;
            }
        }
    }
    assert_chunks_equal_rows(&text, &rows);
}

/// Asserts that a row is equal after it is encoded as JSON, in binary and as SQL values.
fn assert_round_trip(row: &Row) {
    let mut line = Vec::new();
    dump::write_row(&mut line, row).expect("a row of a dump has no encrypted text");
    assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
    assert_eq!(serde_json::from_slice::<Row>(&line).expect("this program encoded it"), *row);
    let Some(public) = dump::redact_row(row.clone()) else { return };
    match &public {
        Row::Card(row) => assert_stored_round_trip(&**row),
        Row::Profile(row) => assert_stored_round_trip(&**row),
        Row::Account(row) => assert_stored_round_trip(&**row),
        Row::Realname(row) => assert_stored_round_trip(row),
        Row::Upstat(row) => assert_stored_round_trip(row),
        Row::Experience(row) => assert_stored_round_trip(row),
        Row::Group(row) => assert_stored_round_trip(row),
        Row::Relation(row) => assert_stored_round_trip(row),
        Row::Versions(row) => assert_stored_round_trip(row),
        Row::Coin(row) => assert_stored_round_trip(row),
        Row::Reward(row) => assert_stored_round_trip(row),
        Row::BioReview(row) => assert_stored_round_trip(row),
        Row::NameReview(row) => assert_stored_round_trip(row),
        Row::Privacy(row) => assert_stored_round_trip(row),
        Row::Leaving(row) => assert_stored_round_trip(row),
        Row::Picture(row) => assert_stored_round_trip(row),
        Row::News(row) => assert_stored_round_trip(row),
        Row::Event(row) => assert_stored_round_trip(row),
        Row::EventIdWatermark(row) => assert_stored_round_trip(row),
        Row::Audit(row) => assert_stored_round_trip(row),
        Row::Tombstone(row) => assert_stored_round_trip(row),
        Row::Next(row) => assert_stored_round_trip(row),
        Row::Password(_)
        | Row::Question(_)
        | Row::Factors(_)
        | Row::Login(_)
        | Row::Remark(_)
        | Row::MemberNote(_)
        | Row::Message(_) => {
            unreachable!("they are private")
        }
    }
}

/// Asserts that a row is equal after it is written in binary and as SQL values.
fn assert_stored_round_trip<R: Binary + SqlRow + PartialEq + std::fmt::Debug>(row: &R) {
    let mut bytes = Vec::new();
    row.write(&mut bytes).expect("it has no private text");
    assert_eq!(R::read(&mut &bytes[..]).expect("this program encoded it"), *row);
    let mut values = Vec::new();
    row.push_values(&mut values);
    assert_eq!(R::read_values(&mut values.into()).expect("this program encoded it"), *row);
}

/// Asserts that chunks have the rows of a dump, and that an import resumes behind each.
fn assert_chunks_equal_rows(text: &[u8], rows: &[Row]) {
    let Ok(mut reader) = Reader::new(text, ImportMode::Initial) else { return };
    let mut read = 0;
    let limit = ChunkLimit { rows: 3, bytes: 200 };
    while let Ok(chunk) = reader.read_chunk(limit) {
        if chunk.rows.is_empty() {
            break;
        }
        assert!(chunk.rows.len() <= limit.rows && (chunk.rows.len() == 1 || chunk.bytes <= limit.bytes));
        assert_eq!((chunk.lines.len(), chunk.progress.len()), (chunk.rows.len(), chunk.rows.len() + 1));
        assert_eq!(chunk.rows, rows[read..read + chunk.rows.len()]);
        read += chunk.rows.len();
        let mut again = Reader::new(text, ImportMode::Initial).expect("the header is valid");
        let last = chunk.progress.last().expect("one for each row and one more");
        assert!(again.skip_imported(last).expect("these rows are valid"));
        assert_eq!(again.line(), *chunk.lines.last().expect("it has rows"));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn seeds_of_fuzz_targets_hold_their_properties() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 4] = [
            ("btree", super::btree),
            ("btree_node", super::btree_node),
            ("dump", super::dump),
            ("wal", super::wal),
        ];
        for (name, target) in targets {
            let seeds = format!("{}/../../fuzz/seeds/{name}", env!("CARGO_MANIFEST_DIR"));
            let seeds: Vec<_> = std::fs::read_dir(seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed).unwrap());
            }
        }
    }
}
