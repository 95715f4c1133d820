//! Parsing and encoding of one parameter (D5).

mod values;

pub(crate) use values::named_param;
pub use values::{CommaSeparated, Contact, Day, File, Flag, SeparatedItem, Sex};

use bytes::Bytes;
use guanxi_types::{Mid, Month, Secret, Tagid, TimeCursor};
use std::fmt;

/// A type of parameter values.
pub trait Param: Sized {
    /// True if a request without the parameter is rejected with -400.
    const REQUIRED: bool = true;
    /// True if the query is ignored and only the body is read. Queries are written to access logs, which must not
    /// contain secrets.
    const BODY_ONLY: bool = false;

    /// True for a file, which only a multipart body can contain.
    const IS_FILE: bool = false;

    /// Parses the text of a value.
    fn parse(text: &str) -> Result<Self, InvalidValue>;

    /// Parses the bytes of a value.
    fn parse_bytes(value: &Bytes) -> Result<Self, InvalidValue> {
        match std::str::from_utf8(value) {
            // PostgreSQL cannot store NUL characters.
            Ok(text) if text.contains('\0') => Err(InvalidValue("has a NUL character")),
            Ok(text) => Self::parse(text),
            Err(_) => Err(InvalidValue("is not UTF-8")),
        }
    }

    /// Returns the value of an absent parameter.
    fn default_if_absent() -> Result<Self, InvalidValue> {
        Err(InvalidValue("is missing"))
    }

    /// Returns a text that [`parse`](Param::parse) accepts. `None` if an absent parameter has the same value.
    fn encode(&self) -> Option<String>;

    /// Returns the bytes of a file. `None` for any other type.
    fn file(&self) -> Option<&Bytes> {
        None
    }
}

/// The error of a value. The text continues a sentence that begins with the name of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue(pub &'static str);

/// An invalid parameter: -400, with a text for developers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadParam {
    /// The name of the parameter.
    pub name: &'static str,
    /// The error of its value.
    pub reason: InvalidValue,
}

impl fmt::Display for BadParam {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.name, self.reason.0)
    }
}

impl std::error::Error for BadParam {}

/// Parses decimal digits without sign and blanks. `None` for other texts, and the empty one. Values saturate at 64
/// bits.
pub fn parse_digits(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}

impl Param for Mid {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        parse_digits(text)
            .and_then(Mid::new)
            .ok_or(InvalidValue("is not a number from 1 to 9007199254740991"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for Tagid {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        if text == "-10" {
            return Ok(Tagid::SPECIAL);
        }
        let number = parse_digits(text).and_then(|number| i64::try_from(number).ok());
        number
            .map(Tagid)
            .filter(|tagid| *tagid <= Tagid::MAX)
            .ok_or(InvalidValue("is not a tagid: -10, 0 or a number"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for Secret {
    const BODY_ONLY: bool = true;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        Ok(Secret(text.to_owned()))
    }

    fn encode(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// A number from 0 to 255.
impl Param for u8 {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        parse_digits(text)
            .and_then(|number| u8::try_from(number).ok())
            .ok_or(InvalidValue("is not a number from 0 to 255"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A second from 0. Values saturate at 64 bits.
impl Param for i64 {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        let number = parse_digits(text).ok_or(InvalidValue("is not a number from 0"))?;
        Ok(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for TimeCursor {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        text.parse().map_err(|_| InvalidValue("is not a time and a number, such as 1768492800-1"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for Month {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        text.parse().map_err(|_| InvalidValue("is not a month, such as 2026-01"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for String {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        Ok(text.to_owned())
    }

    fn encode(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Param> Param for Option<T> {
    const BODY_ONLY: bool = T::BODY_ONLY;

    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        T::parse(text).map(Some)
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(None)
    }

    fn encode(&self) -> Option<String> {
        self.as_ref().and_then(Param::encode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mid_parses() {
        let valid = [("1", 1), ("007", 7), ("9007199254740991", 9_007_199_254_740_991)];
        for (text, number) in valid {
            assert_eq!(Mid::parse(text).map(Mid::get), Ok(number), "{text}");
        }
        let invalid = [
            "",
            "0",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "１",
            "9007199254740992",
            "99999999999999999999999",
            "a",
        ];
        for text in invalid {
            assert!(Mid::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn tagid_parses() {
        for (text, tagid) in [("-10", -10), ("0", 0), ("216677", 216_677)] {
            assert_eq!(Tagid::parse(text), Ok(Tagid(tagid)));
        }
        for text in ["", "-1", "-9", "- 10", "9007199254740992", "x"] {
            assert!(Tagid::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn seconds_parse_and_saturate() {
        let max = i64::MAX;
        for (text, second) in [("0", 0), ("1589904000", 1_589_904_000), ("99999999999999999999", max)] {
            assert_eq!(i64::parse(text), Ok(second), "{text}");
        }
        for text in ["", "-1", "+1", "1.0", " 1", "x"] {
            assert!(i64::parse(text).is_err(), "{text:?}");
        }
    }
}
