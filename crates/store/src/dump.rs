//! Rows as JSON Lines: the first line says what it is, each other is a [`Row`].

use crate::Row;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead};

/// The version of the format that this program writes, and the newest it reads.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub guanxi_dump: u32,
}

/// A line that cannot be taken in.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a dump, row by row, each with the number of its line.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<(usize, Row), BadLine>> {
    let mut lines = (1..).zip(input.lines());
    let header = match lines.next() {
        Some((line, text)) => header(line, text).err(),
        None => Some(BadLine { line: 1, why: "there is nothing: a dump starts with a header".to_owned() }),
    };
    let rows = lines.filter(|(_, text)| !text.as_ref().is_ok_and(|text| text.trim().is_empty()));
    header.map(Err).into_iter().chain(rows.map(|(line, text)| parse(line, text).map(|row| (line, row))))
}

fn header(line: usize, text: io::Result<String>) -> Result<(), BadLine> {
    let Header { guanxi_dump } = parse(line, text)?;
    if !(1..=VERSION).contains(&guanxi_dump) {
        let why =
            format!("this dump has version {guanxi_dump}, and this program reads versions 1 to {VERSION}");
        return Err(BadLine { line, why });
    }
    Ok(())
}

fn parse<T: for<'de> Deserialize<'de>>(line: usize, text: io::Result<String>) -> Result<T, BadLine> {
    let text = text.map_err(|error| BadLine { line, why: error.to_string() })?;
    serde_json::from_str(&text).map_err(|error| BadLine { line, why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Result<usize, String>> {
        read(text.as_bytes()).map(|row| row.map(|(line, _)| line).map_err(|bad| bad.to_string())).collect()
    }

    #[test]
    fn lines_are_counted() {
        assert_eq!(
            lines("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":7}}\n\n{\"upstat\":{\"mid\":7}}\n"),
            [Ok(2), Ok(4)]
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| lines(text).into_iter().find_map(Result::err).unwrap();
        assert!(wrong("").contains("header"));
        assert!(wrong("{\"guanxi_dump\":2}\n").contains("versions 1 to 1"));
        assert!(wrong("{\"guanxi_dump\":1}\n{\"card\":{}}\n").starts_with("line 2: missing field `mid`"));
        assert!(
            wrong("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":0}}\n").starts_with("line 2: a mid is a number")
        );
        assert!(wrong("{\"guanxi_dump\":1}\n{\"crad\":{\"mid\":1}}\n").contains("crad"));
    }
}
