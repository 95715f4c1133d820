//! A month of the calendar.

use crate::inline_schema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A month, written as `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

inline_schema!(Month: { "type": "string", "pattern": "^(19[7-9][0-9]|[2-8][0-9]{3})-(0[1-9]|1[0-2])$" });

impl Month {
    /// The first month, that of the second 0.
    pub const FIRST: Month = Month { year: 1970, month: 1 };
    /// The last month.
    pub const LAST: Month = Month { year: 8999, month: 12 };

    /// Returns a month, or `None` if it is not from 1970-01 to 8999-12.
    pub fn new(year: i16, month: i8) -> Option<Month> {
        let is_valid = (1970..=8999).contains(&year) && (1..=12).contains(&month);
        is_valid.then_some(Month { year, month })
    }

    /// Returns the year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Returns the number of the month, from 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// Returns the month before. The first month has none.
    pub fn previous(self) -> Option<Month> {
        if self.month > 1 { Month::new(self.year, self.month - 1) } else { Month::new(self.year - 1, 12) }
    }

    /// Returns the month after. The last month has none.
    pub fn next(self) -> Option<Month> {
        if self.month < 12 { Month::new(self.year, self.month + 1) } else { Month::new(self.year + 1, 1) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Month, InvalidMonth> {
        let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
        let parts = parts.filter(|(year, month)| [year, month].iter().all(|part| is_digits(part)));
        let parse = |(year, month): (&str, &str)| Month::new(year.parse().ok()?, month.parse().ok()?);
        parts.and_then(parse).ok_or(InvalidMonth)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;

    fn try_from(text: String) -> Result<Month, InvalidMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

/// The error of a text that is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMonth;

impl fmt::Display for InvalidMonth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("is not a month, such as 2026-01")
    }
}

impl std::error::Error for InvalidMonth {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_parses_and_has_neighbours() {
        let texts = |month: Option<Month>| month.map(|month| month.to_string());
        for (text, previous, next) in [
            ("1970-01", None, Some("1970-02")),
            ("2025-12", Some("2025-11"), Some("2026-01")),
            ("2026-01", Some("2025-12"), Some("2026-02")),
            ("8999-12", Some("8999-11"), None),
        ] {
            let month: Month = text.parse().unwrap();
            assert_eq!(month.to_string(), text);
            let neighbours = (texts(month.previous()), texts(month.next()));
            assert_eq!(neighbours, (previous.map(str::to_owned), next.map(str::to_owned)), "{text}");
        }
        for text in ["", "2026", "2026-1", "2026-13", "2026-00", "1969-12", "9000-01", "26-01", "+026-01"] {
            assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text:?}");
        }
    }
}
