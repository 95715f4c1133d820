//! Properties of what this crate reads that may be any bytes. `fuzz/` looks for inputs that break them, and the tests here
//! hold them over its seeds. A function panics where a property does not hold.

use crate::dump::{self, ChunkLimit, ImportMode, Reader};
pub use crate::embedded::fuzzing::{node, roll, wal};
use crate::row::{Columns, Row};

/// Any bytes as a dump, or as its rows if they do not begin with a header.
///
/// A line is a row that is written back as an equal one, or an error that names it. Chunks have the same rows, and a load goes
/// on behind any of them.
///
/// # Panics
///
/// If a property does not hold.
pub fn dump(data: &[u8]) {
    let header: &[u8] = if data.starts_with(b"{\"guanxi_dump\"") { b"" } else { b"{\"guanxi_dump\":2}\n" };
    let text = [header, data].concat();
    let lines = text.split(|byte| *byte == b'\n').count();
    let mut rows = Vec::new();
    for read in dump::read(text.as_slice()) {
        match read {
            Ok((line, row)) => {
                assert!((2..=lines).contains(&line));
                comes_back(&row);
                // Whatever a rule refuses of it is named.
                assert!(
                    row.check().is_ok() || row.check().is_err_and(|invalid| !invalid.to_string().is_empty())
                );
                rows.push(row);
            }
            Err(bad) => {
                assert!((1..=lines).contains(&bad.line) && !bad.why.is_empty(), "{bad}");
                break;
            }
        }
    }
    in_chunks(&text, &rows);
}

fn comes_back(row: &Row) {
    let mut line = Vec::new();
    dump::write_row(&mut line, row).expect("a dump's row has no sealed text");
    assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
    assert_eq!(serde_json::from_slice::<Row>(&line).expect("it was written by this program"), *row);
    let Some(kept) = dump::without_private(row.clone()) else { return };
    let bytes = minicbor_serde::to_vec(&kept).expect("nothing of it is private");
    assert_eq!(minicbor_serde::from_slice::<Row>(&bytes).expect("it was written by this program"), kept);
    match &kept {
        Row::Card(row) => in_columns(&**row),
        Row::Profile(row) => in_columns(&**row),
        Row::Account(row) => in_columns(&**row),
        Row::Realname(row) => in_columns(row),
        Row::Upstat(row) => in_columns(row),
        Row::Growth(row) => in_columns(row),
        Row::Group(row) => in_columns(row),
        Row::Tie(row) => in_columns(row),
        Row::Versions(row) => in_columns(row),
        Row::Coin(row) => in_columns(row),
        Row::Reward(row) => in_columns(row),
        Row::Sign(row) => in_columns(row),
        Row::Event(row) => in_columns(row),
        Row::EventHorizon(row) => in_columns(row),
        Row::Audit(row) => in_columns(row),
        Row::Tombstone(row) => in_columns(row),
        Row::Next(row) => in_columns(row),
        Row::Password(_) | Row::Question(_) | Row::Login(_) => unreachable!("they are private"),
    }
}

/// What the columns of a table hold is read as an equal row.
fn in_columns<R: Columns + PartialEq + std::fmt::Debug>(row: &R) {
    let mut values = Vec::new();
    row.write(&mut values);
    assert_eq!(R::read(&mut values.into()).expect("it was written by this program"), *row);
}

fn in_chunks(text: &[u8], rows: &[Row]) {
    let Ok(mut reader) = Reader::new(text, ImportMode::Fill) else { return };
    let mut taken = 0;
    let most = ChunkLimit { rows: 3, bytes: 200 };
    while let Ok(chunk) = reader.chunk(most) {
        if chunk.rows.is_empty() {
            break;
        }
        assert!(chunk.rows.len() <= most.rows && (chunk.rows.len() == 1 || chunk.bytes <= most.bytes));
        assert_eq!((chunk.lines.len(), chunk.progress.len()), (chunk.rows.len(), chunk.rows.len() + 1));
        assert_eq!(chunk.rows, rows[taken..taken + chunk.rows.len()]);
        taken += chunk.rows.len();
        let mut again = Reader::new(text, ImportMode::Fill).expect("it began before");
        let last = chunk.progress.last().expect("one for each row and one more");
        assert!(again.pass(last).expect("it was read before"));
        assert_eq!(again.line(), *chunk.lines.last().expect("it has rows"));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn seeds_of_fuzz_targets_hold_their_properties() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 4] =
            [("dump", super::dump), ("node", super::node), ("roll", super::roll), ("wal", super::wal)];
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
