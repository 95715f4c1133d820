//! A dump is read line by line, in as much memory as a chunk of it takes. Lines and chunks are bounded in bytes, so a dump
//! that unpacks to far more than its file holds takes no more.

use super::parse::{header, parse};
use super::{BadLine, ImportMode, Progress};
use crate::Row;
use sha2::{Digest, Sha256};
use std::io::{BufRead, Read};

/// The most bytes of a line. The longest that an export writes is an entry of the audit with a whole profile before and after.
pub const LINE_BYTES: usize = 1 << 20;

/// Reads a dump, row by row, each with the number of its line.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<(usize, Row), BadLine>> {
    let mut begun = Some(Reader::new(input, ImportMode::Fill));
    let mut reader = None;
    std::iter::from_fn(move || {
        match begun.take() {
            Some(Ok(whole)) => reader = Some(whole),
            Some(Err(bad)) => return Some(Err(bad)),
            None => (),
        }
        let next = reader.as_mut()?.row().transpose()?;
        Some(next.map(|next| (next.line, next.row)))
    })
}

/// The limits of a chunk. It may be up to twice as large where entries of one log and one second have to stay together.
#[derive(Clone, Copy, Debug)]
pub struct ChunkLimit {
    /// The most rows.
    pub rows: usize,
    /// The most bytes of their lines.
    pub bytes: usize,
}

/// Some rows that are taken in together.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows.
    pub rows: Vec<Row>,
    /// The number of the line of each.
    pub lines: Vec<usize>,
    /// How far the load is before each, and behind the last.
    pub progress: Vec<Progress>,
    /// The bytes of their lines.
    pub bytes: usize,
}

/// A dump that is read.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    purpose: ImportMode,
    /// The line that was read last, without its end.
    text: Vec<u8>,
    /// Its number.
    line: usize,
    /// How many rows were read, and the hash of their lines.
    rows: u64,
    hash: Sha256,
    /// How far what was given out goes.
    given: Progress,
    /// What was read and is not given out yet.
    ahead: Option<Next>,
}

#[derive(Debug)]
struct Next {
    line: usize,
    row: Row,
    bytes: usize,
    /// How far it is behind the row.
    progress: Progress,
}

impl<R: BufRead> Reader<R> {
    /// Begins to read: the header must be there.
    pub fn new(input: R, purpose: ImportMode) -> Result<Reader<R>, BadLine> {
        let hash = match purpose {
            ImportMode::Fill => Sha256::new(),
            ImportMode::Merge => Sha256::new_with_prefix("merge\n"),
        };
        let given = Progress { rows: 0, digest: hash.clone().finalize().into() };
        let text = Vec::new();
        let mut reader = Reader { input, purpose, text, line: 0, rows: 0, hash, given, ahead: None };
        if !reader.next_line()? {
            return Err(reader.bad("there is nothing: a dump starts with a header"));
        }
        let checked = reader.text().and_then(header);
        checked.map_err(|why| reader.bad(why))?;
        Ok(reader)
    }

    /// The number of the last line that was read.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Passes over the rows that an earlier load took in; tells whether they are the same.
    pub fn pass(&mut self, taken: &Progress) -> Result<bool, BadLine> {
        while self.rows < taken.rows {
            if !self.next_row()? {
                return Ok(false);
            }
            self.given = self.count();
        }
        Ok(self.given == *taken)
    }

    /// The next rows within a limit, or one that is larger; none at the end. In a merge, entries of one log and one second
    /// stay together, as those that are equal are told apart by their count.
    pub fn chunk(&mut self, most: ChunkLimit) -> Result<Chunk, BadLine> {
        let mut chunk = Chunk { rows: Vec::new(), lines: Vec::new(), progress: vec![self.given], bytes: 0 };
        loop {
            let next = match self.ahead.take() {
                Some(next) => Some(next),
                None => self.row()?,
            };
            let Some(next) = next else { return Ok(chunk) };
            let past = |times: usize| {
                chunk.rows.len() >= most.rows.saturating_mul(times)
                    || chunk.bytes + next.bytes > most.bytes.saturating_mul(times)
            };
            let together = self.purpose == ImportMode::Merge
                && chunk.rows.last().is_some_and(|last| next.row.goes_on(last));
            if !chunk.rows.is_empty() && past(if together { 2 } else { 1 }) {
                if together {
                    let (rows, bytes) = (most.rows.saturating_mul(2), most.bytes.saturating_mul(2));
                    let why = format!(
                        "a merge takes at most {rows} entries and {bytes} bytes of one log and one second"
                    );
                    return Err(BadLine { line: next.line, why });
                }
                self.ahead = Some(next);
                return Ok(chunk);
            }
            self.given = next.progress;
            chunk.bytes += next.bytes;
            chunk.rows.push(next.row);
            chunk.lines.push(next.line);
            chunk.progress.push(next.progress);
        }
    }

    fn row(&mut self) -> Result<Option<Next>, BadLine> {
        if !self.next_row()? {
            return Ok(None);
        }
        let row = self.text().and_then(parse::<Row>).map_err(|why| self.bad(why))?;
        Ok(Some(Next { line: self.line, row, bytes: self.text.len(), progress: self.count() }))
    }

    /// Counts the row that was read last.
    fn count(&mut self) -> Progress {
        self.rows += 1;
        self.hash.update(&self.text);
        self.hash.update("\n");
        Progress { rows: self.rows, digest: self.hash.clone().finalize().into() }
    }

    fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(&self.text).map_err(|_| "it is not UTF-8".to_owned())
    }

    fn bad(&self, why: impl Into<String>) -> BadLine {
        BadLine { line: self.line, why: why.into() }
    }

    /// Reads on to the next line that is not blank; false at the end.
    fn next_row(&mut self) -> Result<bool, BadLine> {
        while self.next_line()? {
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the next line, without its end; false at the end. Of one that is too long no more is read than tells so.
    fn next_line(&mut self) -> Result<bool, BadLine> {
        self.line += 1;
        self.text.clear();
        let mut input = (&mut self.input).take(LINE_BYTES as u64 + 2);
        let read = input.read_until(b'\n', &mut self.text);
        let read = read.map_err(|error| self.bad(error.to_string()))?;
        for end in [b'\n', b'\r'] {
            if self.text.last() == Some(&end) {
                self.text.pop();
            }
        }
        if self.text.len() > LINE_BYTES {
            return Err(self.bad(format!("it is longer than {LINE_BYTES} bytes")));
        }
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Result<usize, String>> {
        read(text.as_bytes()).map(|row| row.map(|(line, _)| line).map_err(|bad| bad.to_string())).collect()
    }

    fn reader(text: &str) -> Reader<&[u8]> {
        Reader::new(text.as_bytes(), ImportMode::Fill).unwrap()
    }

    #[test]
    fn lines_are_counted() {
        assert_eq!(
            lines("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":7}}\r\n\n{\"upstat\":{\"mid\":7}}"),
            [Ok(2), Ok(4)]
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| lines(text).into_iter().find_map(Result::err).unwrap();
        assert!(wrong("").contains("header"));
        assert!(wrong("{\"guanxi_dump\":3}\n").contains("versions 1 to 2"));
        assert!(
            wrong("{\"guanxi_dump\":1}\n{\"card\":{}}\n").starts_with("line 2: card: missing field `mid`")
        );
        assert!(
            wrong("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":0}}\n")
                .starts_with("line 2: card.mid: a mid is a number")
        );
        assert!(wrong("{\"guanxi_dump\":1}\n{\"crad\":{\"mid\":1}}\n").contains("crad"));
    }

    #[test]
    fn a_text_has_no_nul_character() {
        let told =
            |row: &str| lines(&format!("{{\"guanxi_dump\":2}}\n{row}\n")).into_iter().find_map(Result::err);
        let sign = |sign: &str| told(&format!(r#"{{"card":{{"mid":1,"sign":"{sign}"}}}}"#));
        let refused = Some("line 2: a text may not have a NUL character".to_owned());
        assert_eq!(sign("a\\u0000b"), refused);
        assert_eq!(sign("\\\\\\u0000"), refused);
        assert_eq!(sign("\\u00001"), refused);
        assert_eq!(sign("\\\\u0000"), None, "these are letters");
        assert_eq!(told(r#"{"profile":{"mid":1,"tags":["\u0000"]}}"#), refused);
    }

    #[test]
    fn what_is_no_text_is_named() {
        let bad = |bytes: &[u8]| {
            let bad = read(bytes).find_map(Result::err).unwrap();
            (bad.line, bad.why)
        };
        assert_eq!(bad(b"{\"guanxi_dump\":2}\n\xff\xfe\n"), (2, "it is not UTF-8".to_owned()));
    }

    fn chunks(reader: &mut Reader<impl BufRead>, most: ChunkLimit) -> Vec<Chunk> {
        std::iter::from_fn(|| Some(reader.chunk(most).unwrap()).filter(|chunk| !chunk.rows.is_empty()))
            .collect()
    }

    fn rows(rows: usize) -> ChunkLimit {
        ChunkLimit { rows, bytes: usize::MAX }
    }

    #[test]
    fn a_chunk_of_a_merge_cuts_no_second_of_a_log() {
        let coins = [1, 2, 2, 2, 3].map(|time| format!("{{\"coin\":{{\"mid\":1,\"time\":{time}}}}}\n"));
        let dump = ["{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n", &coins.concat()].concat();
        let lines = |purpose, most| {
            let chunks = chunks(&mut Reader::new(dump.as_bytes(), purpose).unwrap(), rows(most));
            assert!(chunks.iter().all(|chunk| chunk.progress.len() == chunk.rows.len() + 1));
            chunks.into_iter().map(|chunk| chunk.lines).collect::<Vec<_>>()
        };
        assert_eq!(lines(ImportMode::Merge, 3), [vec![2, 3, 4, 5, 6], vec![7]]);
        assert_eq!(lines(ImportMode::Fill, 3), [vec![2, 3, 4], vec![5, 6, 7]]);
        // A second has a limit too.
        let mut merge = Reader::new(dump.as_bytes(), ImportMode::Merge).unwrap();
        assert_eq!(merge.chunk(rows(1)).unwrap().lines, [2]);
        assert_eq!(merge.chunk(rows(1)).unwrap().lines, [3]);
        assert_eq!(merge.chunk(rows(1)).unwrap_err().line, 6);
    }

    /// Counts the bytes that are read of it.
    struct Counted<R>(R, usize);

    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(out)?;
            self.1 += read;
            Ok(read)
        }
    }

    #[test]
    fn a_line_without_end_is_read_no_further_than_its_limit() {
        let endless = (&b"{\"guanxi_dump\":2}\n"[..]).chain(std::io::repeat(b'a'));
        let mut reader = Reader::new(std::io::BufReader::new(Counted(endless, 0)), ImportMode::Fill).unwrap();
        let bad = reader.chunk(rows(9)).unwrap_err();
        assert_eq!((bad.line, bad.why), (2, format!("it is longer than {LINE_BYTES} bytes")));
        assert!(reader.input.get_ref().1 < LINE_BYTES + (1 << 16));
        assert!(reader.text.capacity() <= 4 * LINE_BYTES);
    }

    #[test]
    fn a_line_of_the_largest_size_is_read() {
        let row = |bytes: usize| format!("{{\"card\":{{\"mid\":1}}{}}}", " ".repeat(bytes - 18));
        let dump = |bytes| format!("{{\"guanxi_dump\":2}}\r\n{}\r\n", row(bytes));
        assert_eq!(lines(&dump(LINE_BYTES)), [Ok(2)]);
        assert!(lines(&dump(LINE_BYTES + 1))[0].is_err());
    }

    #[test]
    fn chunks_are_bounded_in_bytes() {
        let text = "x".repeat(30_000);
        let line = |mid: u64| format!("{{\"profile\":{{\"mid\":{mid},\"description\":\"{text}\"}}}}\n");
        let lines: Vec<String> = (1..=200).map(line).collect();
        let dump = ["{\"guanxi_dump\":2}\n", &lines.concat()].concat();
        let most = ChunkLimit { rows: 10_000, bytes: 1 << 20 };
        let chunks = chunks(&mut reader(&dump), most);
        assert_eq!(chunks.iter().map(|chunk| chunk.rows.len()).sum::<usize>(), 200);
        for chunk in &chunks {
            let held: usize = chunk.rows.iter().map(|row| serde_json::to_vec(row).unwrap().len()).sum();
            assert_eq!(held, chunk.bytes);
            assert!(held <= most.bytes, "{held}");
        }
        // One that is larger than the limit comes alone.
        let alone = reader(&dump).chunk(ChunkLimit { rows: 9, bytes: 1 }).unwrap();
        assert_eq!(alone.rows.len(), 1);
    }

    #[test]
    fn a_load_goes_on_where_it_was() {
        let dump =
            "{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n\n{\"card\":{\"mid\":2}}\n{\"card\":{\"mid\":3}}\n";
        let chunk = reader(dump).chunk(rows(2)).unwrap();
        let taken = chunk.progress[2];
        assert_eq!(taken.rows, 2);
        // What comes behind may be another.
        let corrected = dump.replace("\"mid\":3", "\"mid\":4");
        let mut again = reader(&corrected);
        assert!(again.pass(&taken).unwrap());
        assert_eq!(again.line(), 4);
        let rest = again.chunk(rows(9)).unwrap();
        assert_eq!((rest.lines, rest.progress[0]), (vec![5], taken));
        // What was taken in may not, nor may there be less of it, nor may it be for something else.
        let another = dump.replace("\"mid\":1", "\"mid\":9");
        assert!(!reader(&another).pass(&taken).unwrap());
        assert!(!reader("{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n").pass(&taken).unwrap());
        assert!(!Reader::new(dump.as_bytes(), ImportMode::Merge).unwrap().pass(&taken).unwrap());
        assert!(!reader(dump).pass(&Progress::default()).unwrap(), "nobody goes on with zeros");
    }
}
