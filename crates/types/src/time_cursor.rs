//! The position of an entry in a list by time.

use crate::inline_schema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The position of an entry in a list by time: its second, and a number among the entries of that second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeCursor {
    /// The time, in seconds.
    pub time: i64,
    /// The number within the second.
    pub number: u32,
}

inline_schema!(TimeCursor: { "type": "string", "pattern": "^[0-9]{1,12}-[0-9]{1,9}$" });

impl fmt::Display for TimeCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.time, self.number)
    }
}

impl FromStr for TimeCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<TimeCursor, InvalidCursor> {
        let is_number = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts = text.split_once('-').filter(|(time, number)| is_number(time, 12) && is_number(number, 9));
        let parse = |(time, number): (&str, &str)| {
            Some(TimeCursor { time: time.parse().ok()?, number: number.parse().ok()? })
        };
        parts.and_then(parse).ok_or(InvalidCursor)
    }
}

impl TryFrom<String> for TimeCursor {
    type Error = InvalidCursor;

    fn try_from(text: String) -> Result<TimeCursor, InvalidCursor> {
        text.parse()
    }
}

impl From<TimeCursor> for String {
    fn from(cursor: TimeCursor) -> String {
        cursor.to_string()
    }
}

/// The error of a text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCursor;

impl fmt::Display for InvalidCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("is not a time and a number, such as 1768492800-1")
    }
}

impl std::error::Error for InvalidCursor {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_parses_its_own_text_only() {
        for (text, time, number) in [("0-0", 0, 0), ("1768492800-17", 1_768_492_800, 17)] {
            let cursor = TimeCursor { time, number };
            assert_eq!((text.parse(), cursor.to_string().as_str()), (Ok(cursor), text));
        }
        for text in ["", "-", "1", "1-", "-1-1", "1-1-1", "1-+1", "1- 1", "1-1234567890", "1234567890123-1"] {
            assert_eq!(text.parse::<TimeCursor>(), Err(InvalidCursor), "{text:?}");
        }
    }
}
