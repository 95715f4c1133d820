//! How one parameter is read and written (D5).

use guanxi_types::inline_schema;
use guanxi_types::{Mid, Tagid};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::fmt;

/// The value of a parameter, by its type.
pub trait Param: Sized {
    /// Whether its absence is -400.
    const REQUIRED: bool = true;
    /// Whether it is read from a body alone: queries are written down where nobody looks for secrets.
    const SECRET: bool = false;

    /// What the text means.
    fn parse(text: &str) -> Result<Self, Malformed>;

    /// What its absence means.
    fn absent() -> Result<Self, Malformed> {
        Err(Malformed("is missing"))
    }

    /// The text that [`parse`](Param::parse) reads back; `None` where absence says the same.
    fn write(&self) -> Option<String>;
}

/// What is wrong with a parameter, to go behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A parameter that cannot be read: -400, and for people which and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadParam {
    /// Its name.
    pub name: &'static str,
    /// What is wrong with it.
    pub why: Malformed,
}

impl fmt::Display for BadParam {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.name, self.why.0)
    }
}

impl std::error::Error for BadParam {}

/// Decimal digits alone: no sign, no blank, not empty. A number past 64 bits is the largest.
pub fn digits(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}

impl Param for Mid {
    fn parse(text: &str) -> Result<Self, Malformed> {
        digits(text).and_then(Mid::new).ok_or(Malformed("is not a number from 1 to 9007199254740991"))
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for Tagid {
    fn parse(text: &str) -> Result<Self, Malformed> {
        if text == "-10" {
            return Ok(Tagid::SPECIAL);
        }
        let known = digits(text).and_then(|number| i64::try_from(number).ok());
        known
            .map(Tagid)
            .filter(|tagid| *tagid <= Tagid::MAX)
            .ok_or(Malformed("is not a tagid: -10, 0 or a number"))
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A text that is nobody else's business: a password, a phone, an answer. It is not shown where values are.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

inline_schema!(Secret: { "type": "string", "writeOnly": true });

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl Param for Secret {
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, Malformed> {
        Ok(Secret(text.to_owned()))
    }

    fn write(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// A number from 0 to 255.
impl Param for u8 {
    fn parse(text: &str) -> Result<Self, Malformed> {
        digits(text)
            .and_then(|number| u8::try_from(number).ok())
            .ok_or(Malformed("is not a number from 0 to 255"))
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A second, from 0; one past 64 bits is the last.
impl Param for i64 {
    fn parse(text: &str) -> Result<Self, Malformed> {
        let number = digits(text).ok_or(Malformed("is not a number from 0"))?;
        Ok(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Param for String {
    fn parse(text: &str) -> Result<Self, Malformed> {
        Ok(text.to_owned())
    }

    fn write(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Param> Param for Option<T> {
    const SECRET: bool = T::SECRET;

    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        T::parse(text).map(Some)
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(None)
    }

    fn write(&self) -> Option<String> {
        self.as_ref().and_then(Param::write)
    }
}

/// `0` or `1`, or `false` or `true` in any case, as clients of several languages write it; absent is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

inline_schema!(Flag: { "type": ["integer", "boolean"], "enum": [0, 1, false, true], "default": 0 });

impl Param for Flag {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        match text {
            "1" => Ok(Flag(true)),
            "0" => Ok(Flag(false)),
            _ if text.eq_ignore_ascii_case("true") => Ok(Flag(true)),
            _ if text.eq_ignore_ascii_case("false") => Ok(Flag(false)),
            _ => Err(Malformed("is not 0 or 1")),
        }
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(Flag(false))
    }

    fn write(&self) -> Option<String> {
        self.0.then(|| "1".to_owned())
    }
}

/// One to fifty values joined with `,` (D24).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined<T>(pub Vec<T>);

impl<T> Joined<T> {
    /// The most values one request may bring.
    pub const MOST: usize = 50;
}

/// What [`Joined`] joins: how it is written there, as a regular expression. Leading zeros say nothing.
pub trait Joint {
    /// It holds for nothing that is refused, and for all below 9 × 10^15 that is taken.
    const PATTERN: &str;
}

impl Joint for Mid {
    const PATTERN: &str = "0*([1-9][0-9]{0,14}|[1-8][0-9]{15})";
}

impl Joint for Tagid {
    const PATTERN: &str = "(-10|0+|0*([1-9][0-9]{0,14}|[1-8][0-9]{15}))";
}

impl<T: Joint> JsonSchema for Joined<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Joined".into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Joined {}", T::PATTERN).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (one, more) = (T::PATTERN, Self::MOST - 1);
        json_schema!({ "type": "string", "pattern": format!("^{one}(,{one}){{0,{more}}}$") })
    }
}

impl<T: Param> Param for Joined<T> {
    fn parse(text: &str) -> Result<Self, Malformed> {
        if text.split(',').nth(Self::MOST).is_some() {
            return Err(Malformed("has more than 50 values"));
        }
        text.split(',').map(T::parse).collect::<Result<_, _>>().map(Joined)
    }

    fn write(&self) -> Option<String> {
        let values: Vec<String> = self.0.iter().filter_map(Param::write).collect();
        Some(values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mids() {
        let good = [("1", 1), ("007", 7), ("9007199254740991", 9_007_199_254_740_991)];
        for (text, number) in good {
            assert_eq!(Mid::parse(text).map(Mid::get), Ok(number), "{text}");
        }
        let bad = [
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
        for text in bad {
            assert!(Mid::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn tagids() {
        for (text, tagid) in [("-10", -10), ("0", 0), ("216677", 216_677)] {
            assert_eq!(Tagid::parse(text), Ok(Tagid(tagid)));
        }
        for text in ["", "-1", "-9", "- 10", "9007199254740992", "x"] {
            assert!(Tagid::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn seconds() {
        let last = i64::MAX;
        for (text, second) in [("0", 0), ("1589904000", 1_589_904_000), ("99999999999999999999", last)] {
            assert_eq!(i64::parse(text), Ok(second), "{text}");
        }
        for text in ["", "-1", "+1", "1.0", " 1", "x"] {
            assert!(i64::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn flags() {
        for (text, flag) in [("0", false), ("1", true), ("true", true), ("False", false)] {
            assert_eq!(Flag::parse(text), Ok(Flag(flag)));
        }
        for text in ["", "2", "yes", "-1"] {
            assert!(Flag::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn joined() {
        let fids =
            |text| Joined::<Mid>::parse(text).map(|Joined(mids)| mids.into_iter().map(Mid::get).collect());
        assert_eq!(fids("1"), Ok(vec![1]));
        assert_eq!(fids("1,2,1"), Ok(vec![1, 2, 1]));
        for text in ["", ",", "1,", ",1", "1, 2", "1;2", "1,0"] {
            assert!(fids(text).is_err(), "{text:?}");
        }
        let many = |count| vec!["7"; count].join(",");
        let (fifty, more) = (many(50), many(51));
        assert!(fids(&fifty).is_ok());
        assert!(fids(&more).is_err());
    }
}
