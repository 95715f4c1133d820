//! The reader of dumps. It reads line by line, and holds one chunk in memory. Lines and chunks are bounded in
//! bytes, so that a compressed dump cannot exhaust the memory.

use super::parse::{check_header, parse};
use super::{ImportMode, ImportProgress, InvalidLine};
use crate::Row;
use sha2::{Digest, Sha256};
use std::io::{BufRead, Read};

/// The maximum length of a line in bytes. The longest line of an export is an audit log entry with a profile before
/// and after.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// Returns the rows of a dump with their line numbers.
pub fn read_rows(input: impl BufRead) -> impl Iterator<Item = Result<(usize, Row), InvalidLine>> {
    let mut opened = Some(Reader::new(input, ImportMode::Initial));
    let mut reader = None;
    std::iter::from_fn(move || {
        match opened.take() {
            Some(Ok(opened_reader)) => reader = Some(opened_reader),
            Some(Err(error)) => return Some(Err(error)),
            None => (),
        }
        let next = reader.as_mut()?.parse_row().transpose()?;
        Some(next.map(|next| (next.line, next.row)))
    })
}

/// The limits of a chunk. Entries of one log and one second stay in one chunk, which may then be twice as large.
#[derive(Clone, Copy, Debug)]
pub struct ChunkLimit {
    /// The maximum number of rows.
    pub rows: usize,
    /// The maximum number of bytes of their lines.
    pub bytes: usize,
}

/// The rows of one transaction of an import.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows.
    pub rows: Vec<Row>,
    /// The line number of each row.
    pub lines: Vec<usize>,
    /// The progress before each row, and after the last.
    pub progress: Vec<ImportProgress>,
    /// The number of bytes of their lines.
    pub bytes: usize,
}

/// The reader of a dump.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    mode: ImportMode,
    /// The current line, without its line ending.
    text: Vec<u8>,
    /// The number of the current line.
    line: usize,
    /// The number of rows that were read.
    rows: u64,
    /// The hash of their lines.
    hash: Sha256,
    /// The progress after the last row of the last chunk.
    emitted: ImportProgress,
    /// A row that was read for the next chunk.
    lookahead: Option<ParsedRow>,
}

#[derive(Debug)]
struct ParsedRow {
    line: usize,
    row: Row,
    bytes: usize,
    /// The progress after the row.
    progress: ImportProgress,
}

impl<R: BufRead> Reader<R> {
    /// Reads and checks the header.
    pub fn new(input: R, mode: ImportMode) -> Result<Reader<R>, InvalidLine> {
        let hash = match mode {
            ImportMode::Initial => Sha256::new(),
            ImportMode::Merge => Sha256::new_with_prefix("merge\n"),
        };
        let emitted = ImportProgress { rows: 0, digest: hash.clone().finalize().into() };
        let text = Vec::new();
        let mut reader = Reader { input, mode, text, line: 0, rows: 0, hash, emitted, lookahead: None };
        if !reader.read_line()? {
            return Err(reader.error("empty dump: the first line must be the header"));
        }
        let checked = reader.text().and_then(check_header);
        checked.map_err(|reason| reader.error(reason))?;
        Ok(reader)
    }

    /// Returns the number of the current line.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Skips the rows that an interrupted import has applied. Returns false if they differ.
    pub fn skip_imported(&mut self, progress: &ImportProgress) -> Result<bool, InvalidLine> {
        while self.rows < progress.rows {
            if !self.read_row_line()? {
                return Ok(false);
            }
            self.emitted = self.advance();
        }
        Ok(self.emitted == *progress)
    }

    /// Reads the next rows within a limit, or one row that exceeds it. The chunk is empty at the end of the dump.
    ///
    /// In a merge, entries of one log and one second stay in one chunk, since equal entries are distinguished by
    /// their count.
    pub fn read_chunk(&mut self, limit: ChunkLimit) -> Result<Chunk, InvalidLine> {
        let mut chunk = Chunk { rows: Vec::new(), lines: Vec::new(), progress: vec![self.emitted], bytes: 0 };
        loop {
            let next = match self.lookahead.take() {
                Some(next) => Some(next),
                None => self.parse_row()?,
            };
            let Some(next) = next else { return Ok(chunk) };
            let exceeds = |times: usize| {
                chunk.rows.len() >= limit.rows.saturating_mul(times)
                    || chunk.bytes + next.bytes > limit.bytes.saturating_mul(times)
            };
            let is_same_second = self.mode == ImportMode::Merge
                && chunk.rows.last().is_some_and(|last| next.row.is_entry_of_same_second(last));
            if !chunk.rows.is_empty() && exceeds(if is_same_second { 2 } else { 1 }) {
                if is_same_second {
                    let (rows, bytes) = (limit.rows.saturating_mul(2), limit.bytes.saturating_mul(2));
                    let reason =
                        format!("a merge limits one second of a log to {rows} entries and {bytes} bytes");
                    return Err(InvalidLine { line: next.line, reason });
                }
                self.lookahead = Some(next);
                return Ok(chunk);
            }
            self.emitted = next.progress;
            chunk.bytes += next.bytes;
            chunk.rows.push(next.row);
            chunk.lines.push(next.line);
            chunk.progress.push(next.progress);
        }
    }

    fn parse_row(&mut self) -> Result<Option<ParsedRow>, InvalidLine> {
        if !self.read_row_line()? {
            return Ok(None);
        }
        let row = self.text().and_then(parse::<Row>).map_err(|reason| self.error(reason))?;
        Ok(Some(ParsedRow { line: self.line, row, bytes: self.text.len(), progress: self.advance() }))
    }

    /// Counts the current row.
    fn advance(&mut self) -> ImportProgress {
        self.rows += 1;
        self.hash.update(&self.text);
        self.hash.update("\n");
        ImportProgress { rows: self.rows, digest: self.hash.clone().finalize().into() }
    }

    fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(&self.text).map_err(|_| "not UTF-8".to_owned())
    }

    fn error(&self, reason: impl Into<String>) -> InvalidLine {
        InvalidLine { line: self.line, reason: reason.into() }
    }

    /// Reads the next line that is not blank. Returns false at the end.
    fn read_row_line(&mut self) -> Result<bool, InvalidLine> {
        while self.read_line()? {
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the next line without its line ending. Returns false at the end. A line that is too long is read only
    /// up to the limit.
    fn read_line(&mut self) -> Result<bool, InvalidLine> {
        self.line += 1;
        self.text.clear();
        let mut input = (&mut self.input).take(MAX_LINE_BYTES as u64 + 2);
        let read = input.read_until(b'\n', &mut self.text);
        let read = read.map_err(|error| self.error(error.to_string()))?;
        for end in [b'\n', b'\r'] {
            if self.text.last() == Some(&end) {
                self.text.pop();
            }
        }
        if self.text.len() > MAX_LINE_BYTES {
            return Err(self.error(format!("line longer than {MAX_LINE_BYTES} bytes")));
        }
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Result<usize, String>> {
        let rows = read_rows(text.as_bytes());
        rows.map(|row| row.map(|(line, _)| line).map_err(|error| error.to_string())).collect()
    }

    fn reader(text: &str) -> Reader<&[u8]> {
        Reader::new(text.as_bytes(), ImportMode::Initial).unwrap()
    }

    #[test]
    fn rows_have_line_numbers() {
        assert_eq!(
            lines("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":7}}\r\n\n{\"upstat\":{\"mid\":7}}"),
            [Ok(2), Ok(4)]
        );
    }

    #[test]
    fn errors_name_line_and_field() {
        let error = |text: &str| lines(text).into_iter().find_map(Result::err).unwrap();
        assert!(error("").contains("header"));
        assert!(error("{\"guanxi_dump\":2}\n").contains("version 2"));
        assert!(
            error("{\"guanxi_dump\":1}\n{\"card\":{}}\n").starts_with("line 2: card: missing field `mid`")
        );
        assert!(
            error("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":0}}\n")
                .starts_with("line 2: card.mid: a mid is a number")
        );
        assert!(error("{\"guanxi_dump\":1}\n{\"crad\":{\"mid\":1}}\n").contains("crad"));
    }

    #[test]
    fn nul_character_is_rejected() {
        let error_of =
            |row: &str| lines(&format!("{{\"guanxi_dump\":1}}\n{row}\n")).into_iter().find_map(Result::err);
        let with_bio = |bio: &str| error_of(&format!(r#"{{"card":{{"mid":1,"sign":"{bio}"}}}}"#));
        let error = Some("line 2: NUL character in a text".to_owned());
        assert_eq!(with_bio("a\\u0000b"), error);
        assert_eq!(with_bio("\\\\\\u0000"), error);
        assert_eq!(with_bio("\\u00001"), error);
        assert_eq!(with_bio("\\\\u0000"), None, "an escaped backslash and letters");
        assert_eq!(error_of(r#"{"profile":{"mid":1,"tags":["\u0000"]}}"#), error);
    }

    #[test]
    fn invalid_utf8_is_rejected() {
        let error = read_rows(&b"{\"guanxi_dump\":1}\n\xff\xfe\n"[..]).find_map(Result::err).unwrap();
        assert_eq!((error.line, error.reason), (2, "not UTF-8".to_owned()));
    }

    fn chunks(reader: &mut Reader<impl BufRead>, limit: ChunkLimit) -> Vec<Chunk> {
        std::iter::from_fn(|| Some(reader.read_chunk(limit).unwrap()).filter(|chunk| !chunk.rows.is_empty()))
            .collect()
    }

    fn rows(rows: usize) -> ChunkLimit {
        ChunkLimit { rows, bytes: usize::MAX }
    }

    #[test]
    fn merge_chunk_does_not_split_second_of_log() {
        let coins = [1, 2, 2, 2, 3].map(|time| format!("{{\"coin\":{{\"mid\":1,\"time\":{time}}}}}\n"));
        let dump = ["{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n", &coins.concat()].concat();
        let lines = |mode, limit| {
            let chunks = chunks(&mut Reader::new(dump.as_bytes(), mode).unwrap(), rows(limit));
            assert!(chunks.iter().all(|chunk| chunk.progress.len() == chunk.rows.len() + 1));
            chunks.into_iter().map(|chunk| chunk.lines).collect::<Vec<_>>()
        };
        assert_eq!(lines(ImportMode::Merge, 3), [vec![2, 3, 4, 5, 6], vec![7]]);
        assert_eq!(lines(ImportMode::Initial, 3), [vec![2, 3, 4], vec![5, 6, 7]]);
        // A second of a log has a limit too.
        let mut merge = Reader::new(dump.as_bytes(), ImportMode::Merge).unwrap();
        assert_eq!(merge.read_chunk(rows(1)).unwrap().lines, [2]);
        assert_eq!(merge.read_chunk(rows(1)).unwrap().lines, [3]);
        assert_eq!(merge.read_chunk(rows(1)).unwrap_err().line, 6);
    }

    /// A reader that counts the bytes read.
    struct CountingReader<R>(R, usize);

    impl<R: Read> Read for CountingReader<R> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.read(out)?;
            self.1 += length;
            Ok(length)
        }
    }

    #[test]
    fn endless_line_is_read_only_to_limit() {
        let endless = (&b"{\"guanxi_dump\":1}\n"[..]).chain(std::io::repeat(b'a'));
        let input = std::io::BufReader::new(CountingReader(endless, 0));
        let mut reader = Reader::new(input, ImportMode::Initial).unwrap();
        let error = reader.read_chunk(rows(9)).unwrap_err();
        assert_eq!((error.line, error.reason), (2, format!("line longer than {MAX_LINE_BYTES} bytes")));
        assert!(reader.input.get_ref().1 < MAX_LINE_BYTES + (1 << 16));
        assert!(reader.text.capacity() <= 4 * MAX_LINE_BYTES);
    }

    #[test]
    fn line_of_maximum_length_is_read() {
        let row = |bytes: usize| format!("{{\"card\":{{\"mid\":1}}{}}}", " ".repeat(bytes - 18));
        let dump = |bytes| format!("{{\"guanxi_dump\":1}}\r\n{}\r\n", row(bytes));
        assert_eq!(lines(&dump(MAX_LINE_BYTES)), [Ok(2)]);
        assert!(lines(&dump(MAX_LINE_BYTES + 1))[0].is_err());
    }

    #[test]
    fn chunks_are_bounded_in_bytes() {
        let text = "x".repeat(30_000);
        let line = |mid: u64| format!("{{\"profile\":{{\"mid\":{mid},\"description\":\"{text}\"}}}}\n");
        let lines: Vec<String> = (1..=200).map(line).collect();
        let dump = ["{\"guanxi_dump\":1}\n", &lines.concat()].concat();
        let limit = ChunkLimit { rows: 10_000, bytes: 1 << 20 };
        let chunks = chunks(&mut reader(&dump), limit);
        assert_eq!(chunks.iter().map(|chunk| chunk.rows.len()).sum::<usize>(), 200);
        for chunk in &chunks {
            let bytes: usize = chunk.rows.iter().map(|row| serde_json::to_vec(row).unwrap().len()).sum();
            assert_eq!(bytes, chunk.bytes);
            assert!(bytes <= limit.bytes, "{bytes}");
        }
        // A row larger than the limit is a chunk of its own.
        let single = reader(&dump).read_chunk(ChunkLimit { rows: 9, bytes: 1 }).unwrap();
        assert_eq!(single.rows.len(), 1);
    }

    #[test]
    fn import_resumes_after_imported_rows() {
        let dump =
            "{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n\n{\"card\":{\"mid\":2}}\n{\"card\":{\"mid\":3}}\n";
        let chunk = reader(dump).read_chunk(rows(2)).unwrap();
        let progress = chunk.progress[2];
        assert_eq!(progress.rows, 2);
        // Rows after the imported ones may differ.
        let corrected = dump.replace("\"mid\":3", "\"mid\":4");
        let mut resumed = reader(&corrected);
        assert!(resumed.skip_imported(&progress).unwrap());
        assert_eq!(resumed.line(), 4);
        let rest = resumed.read_chunk(rows(9)).unwrap();
        assert_eq!((rest.lines, rest.progress[0]), (vec![5], progress));
        // Different imported rows, fewer rows, or another mode are rejected.
        let different = dump.replace("\"mid\":1", "\"mid\":9");
        assert!(!reader(&different).skip_imported(&progress).unwrap());
        assert!(!reader("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1}}\n").skip_imported(&progress).unwrap());
        assert!(!Reader::new(dump.as_bytes(), ImportMode::Merge).unwrap().skip_imported(&progress).unwrap());
        assert!(!reader(dump).skip_imported(&ImportProgress::default()).unwrap(), "zeros cannot be resumed");
    }
}
