//! A dump is read: line by line, in as much memory as a chunk of it takes.

use super::{BadLine, Header, Progress, Purpose, VERSION};
use crate::Row;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{BufRead, Read};

/// How long a line may be, in bytes: what is longer is no dump.
const LONGEST: u64 = 16 << 20;

/// Reads a dump, row by row, each with the number of its line.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<(usize, Row), BadLine>> {
    let mut begun = Some(Reader::new(input, Purpose::Fill));
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

/// Some rows that are taken in together.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows.
    pub rows: Vec<Row>,
    /// The number of the line of each.
    pub lines: Vec<usize>,
    /// How far the load is before each, and behind the last.
    pub progress: Vec<Progress>,
}

/// A dump that is read.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    /// The number of the last line that was read.
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
    /// How far it is behind the row.
    progress: Progress,
}

impl<R: BufRead> Reader<R> {
    /// Begins to read: the header must be there.
    pub fn new(input: R, purpose: Purpose) -> Result<Reader<R>, BadLine> {
        let hash = match purpose {
            Purpose::Fill => Sha256::new(),
            Purpose::Merge => Sha256::new_with_prefix("merge\n"),
        };
        let given = Progress { rows: 0, digest: hash.clone().finalize().into() };
        let mut reader = Reader { input, line: 0, rows: 0, hash, given, ahead: None };
        let Some(text) = reader.text()? else {
            let why = "there is nothing: a dump starts with a header".to_owned();
            return Err(BadLine { line: 1, why });
        };
        header(1, &text)?;
        Ok(reader)
    }

    /// The number of the last line that was read.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Passes over the rows that an earlier load took in; tells whether they are the same.
    pub fn pass(&mut self, taken: &Progress) -> Result<bool, BadLine> {
        while self.rows < taken.rows {
            let Some(text) = self.row_text()? else { return Ok(false) };
            self.given = self.count(&text);
        }
        Ok(self.given == *taken)
    }

    /// The next rows, some `most` of them; none at the end. Entries of one log and one second stay together, as those that
    /// are equal are told apart by their count.
    pub fn chunk(&mut self, most: usize) -> Result<Chunk, BadLine> {
        let mut chunk = Chunk { rows: Vec::new(), lines: Vec::new(), progress: vec![self.given] };
        loop {
            let next = match self.ahead.take() {
                Some(next) => Some(next),
                None => self.row()?,
            };
            let Some(next) = next else { return Ok(chunk) };
            if chunk.rows.len() >= most && !chunk.rows.last().is_some_and(|last| next.row.goes_on(last)) {
                self.ahead = Some(next);
                return Ok(chunk);
            }
            self.given = next.progress;
            chunk.rows.push(next.row);
            chunk.lines.push(next.line);
            chunk.progress.push(next.progress);
        }
    }

    fn row(&mut self) -> Result<Option<Next>, BadLine> {
        let Some(text) = self.row_text()? else { return Ok(None) };
        let line = self.line;
        let row = row(line, &text)?;
        Ok(Some(Next { line, row, progress: self.count(&text) }))
    }

    fn count(&mut self, text: &str) -> Progress {
        self.rows += 1;
        self.hash.update(text);
        self.hash.update("\n");
        Progress { rows: self.rows, digest: self.hash.clone().finalize().into() }
    }

    /// The next line that is not blank.
    fn row_text(&mut self) -> Result<Option<String>, BadLine> {
        loop {
            match self.text()? {
                Some(text) if text.trim().is_empty() => (),
                other => return Ok(other),
            }
        }
    }

    /// The next line, without its end.
    fn text(&mut self) -> Result<Option<String>, BadLine> {
        self.line += 1;
        let bad = |why| BadLine { line: self.line, why };
        let mut bytes = Vec::new();
        let mut input = (&mut self.input).take(LONGEST + 1);
        input.read_until(b'\n', &mut bytes).map_err(|error| bad(error.to_string()))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.len() as u64 > LONGEST {
            return Err(bad(format!("it is longer than {} MiB", LONGEST >> 20)));
        }
        let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))?;
        let text =
            text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
        Ok(Some(text.to_owned()))
    }
}

fn header(line: usize, text: &str) -> Result<(), BadLine> {
    let Header { guanxi_dump } = parse(line, text)?;
    if !(1..=VERSION).contains(&guanxi_dump) {
        let why =
            format!("this dump has version {guanxi_dump}, and this program reads versions 1 to {VERSION}");
        return Err(BadLine { line, why });
    }
    Ok(())
}

fn row(line: usize, text: &str) -> Result<Row, BadLine> {
    // It is looked at closer only if it may have one: a backslash before the escape would make it letters.
    if text.contains("\\u0000") && has_nul(&parse(line, text)?) {
        return Err(BadLine { line, why: "a text may not have a NUL character".to_owned() });
    }
    parse(line, text)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

fn parse<T: for<'de> Deserialize<'de>>(line: usize, text: &str) -> Result<T, BadLine> {
    serde_json::from_str(text).map_err(|error| BadLine { line, why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Result<usize, String>> {
        read(text.as_bytes()).map(|row| row.map(|(line, _)| line).map_err(|bad| bad.to_string())).collect()
    }

    fn reader(text: &str) -> Reader<&[u8]> {
        Reader::new(text.as_bytes(), Purpose::Fill).unwrap()
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
        assert!(wrong("{\"guanxi_dump\":1}\n{\"card\":{}}\n").starts_with("line 2: missing field `mid`"));
        assert!(
            wrong("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":0}}\n").starts_with("line 2: a mid is a number")
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
        let endless = [b"{\"guanxi_dump\":2}\n".to_vec(), vec![b' '; 17 << 20]].concat();
        assert_eq!(bad(&endless), (2, "it is longer than 16 MiB".to_owned()));
    }

    #[test]
    fn a_chunk_cuts_no_second_of_a_log() {
        let coins = [1, 2, 2, 2, 3].map(|time| format!("{{\"coin\":{{\"mid\":1,\"time\":{time}}}}}\n"));
        let dump = ["{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n", &coins.concat()].concat();
        let mut reader = reader(&dump);
        let mut chunks = Vec::new();
        loop {
            let chunk = reader.chunk(3).unwrap();
            assert_eq!(chunk.progress.len(), chunk.rows.len() + 1);
            if chunk.rows.is_empty() {
                break;
            }
            chunks.push(chunk.lines);
        }
        assert_eq!(chunks, [vec![2, 3, 4, 5, 6], vec![7]]);
    }

    #[test]
    fn a_load_goes_on_where_it_was() {
        let dump =
            "{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n\n{\"card\":{\"mid\":2}}\n{\"card\":{\"mid\":3}}\n";
        let chunk = reader(dump).chunk(2).unwrap();
        let taken = chunk.progress[2];
        assert_eq!(taken.rows, 2);
        // What comes behind may be another.
        let corrected = dump.replace("\"mid\":3", "\"mid\":4");
        let mut again = reader(&corrected);
        assert!(again.pass(&taken).unwrap());
        assert_eq!(again.line(), 4);
        let rest = again.chunk(9).unwrap();
        assert_eq!((rest.lines, rest.progress[0]), (vec![5], taken));
        // What was taken in may not, nor may there be less of it, nor may it be for something else.
        let another = dump.replace("\"mid\":1", "\"mid\":9");
        assert!(!reader(&another).pass(&taken).unwrap());
        assert!(!reader("{\"guanxi_dump\":2}\n{\"card\":{\"mid\":1}}\n").pass(&taken).unwrap());
        assert!(!Reader::new(dump.as_bytes(), Purpose::Merge).unwrap().pass(&taken).unwrap());
        assert!(!reader(dump).pass(&Progress::default()).unwrap(), "nobody goes on with zeros");
    }
}
