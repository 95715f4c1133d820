//! Types of parameters with their own forms: flags, files, days, named values and lists.

use super::{InvalidValue, Param};
use bytes::Bytes;
use guanxi_types::{Mid, Tagid, inline_schema};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::fmt;

/// `0` or `1`, or `false` or `true` in any case, as clients in several languages send it. An absent flag is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

inline_schema!(Flag: { "type": ["integer", "boolean"], "enum": [0, 1, false, true], "default": 0 });

impl Param for Flag {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "1" => Ok(Flag(true)),
            "0" => Ok(Flag(false)),
            _ if text.eq_ignore_ascii_case("true") => Ok(Flag(true)),
            _ if text.eq_ignore_ascii_case("false") => Ok(Flag(false)),
            _ => Err(InvalidValue("is not 0 or 1")),
        }
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(Flag(false))
    }

    fn encode(&self) -> Option<String> {
        self.0.then(|| "1".to_owned())
    }
}

/// A file of a multipart body. Debug output has its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct File(pub Bytes);

inline_schema!(File: { "type": "string", "format": "binary" });

impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "File({} bytes)", self.0.len())
    }
}

impl Param for File {
    const BODY_ONLY: bool = true;
    const IS_FILE: bool = true;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        File::parse_bytes(&Bytes::copy_from_slice(text.as_bytes()))
    }

    fn parse_bytes(value: &Bytes) -> Result<Self, InvalidValue> {
        // A form whose file was not chosen sends an empty one.
        if value.is_empty() { Err(InvalidValue("is missing")) } else { Ok(File(value.clone())) }
    }

    fn encode(&self) -> Option<String> {
        None
    }

    fn file(&self) -> Option<&Bytes> {
        Some(&self.0)
    }
}

/// A day, `YYYY-MM-DD`. The endpoint checks that the calendar has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day(pub String);

inline_schema!(Day: { "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });

impl Param for Day {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        let is_digit = |(index, byte): (usize, u8)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        let is_day = text.len() == 10 && text.bytes().enumerate().all(is_digit);
        if is_day { Ok(Day(text.to_owned())) } else { Err(InvalidValue("is not a day such as 2000-01-31")) }
    }

    fn encode(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// Declares a parameter with named values. An absent one has the default, if there is one.
macro_rules! named_param {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ } $(default $default:ident)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All values.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// Returns the name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        guanxi_types::inline_schema!($name: {
            "type": "string", "enum": [$($text),+] $(, "default": $name::$default.name())?
        });

        impl $crate::param::Param for $name {
            const REQUIRED: bool = !$crate::param::named_param!(@has_default $($default)?);

            fn parse(text: &str) -> Result<Self, $crate::param::InvalidValue> {
                let found = $name::ALL.iter().copied().find(|value| value.name() == text);
                found.ok_or($crate::param::InvalidValue(concat!("is not" $(, " ", $text)+)))
            }

            $(fn default_if_absent() -> Result<Self, $crate::param::InvalidValue> {
                Ok($name::$default)
            })?

            fn encode(&self) -> Option<String> {
                Some(self.name().to_owned())
            }
        }
    };
    (@has_default) => { false };
    (@has_default $default:ident) => { true };
}

pub(crate) use named_param;

named_param! {
    /// A contact of a member.
    Contact {
        /// The phone.
        Tel = "tel",
        /// The mail address.
        Mail = "mail",
    }
}

named_param! {
    /// The sex of a member.
    Sex {
        /// 保密.
        Secret = "保密",
        /// 男.
        Man = "男",
        /// 女.
        Woman = "女",
    }
}

/// 1 to `MAX` values, separated by `,`. The contract allows 50 (D24).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommaSeparated<T, const MAX: usize = 50>(pub Vec<T>);

/// An item of [`CommaSeparated`].
pub trait SeparatedItem {
    /// The regular expression of an item. It matches no rejected text, and every accepted number below 9 × 10^15.
    /// Leading zeros are accepted.
    const PATTERN: &str;
}

impl SeparatedItem for Mid {
    const PATTERN: &str = "0*([1-9][0-9]{0,14}|[1-8][0-9]{15})";
}

impl SeparatedItem for Tagid {
    const PATTERN: &str = "(-10|0+|0*([1-9][0-9]{0,14}|[1-8][0-9]{15}))";
}

impl<T: SeparatedItem, const MAX: usize> JsonSchema for CommaSeparated<T, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CommaSeparated".into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("CommaSeparated {MAX} {}", T::PATTERN).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (item, more) = (T::PATTERN, MAX - 1);
        json_schema!({ "type": "string", "pattern": format!("^{item}(,{item}){{0,{more}}}$") })
    }
}

impl<T: Param, const MAX: usize> Param for CommaSeparated<T, MAX> {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        if text.split(',').nth(MAX).is_some() {
            let reason = if MAX == 50 { "has more than 50 values" } else { "has too many values" };
            return Err(InvalidValue(reason));
        }
        text.split(',').map(T::parse).collect::<Result<_, _>>().map(CommaSeparated)
    }

    fn encode(&self) -> Option<String> {
        let values: Vec<String> = self.0.iter().filter_map(Param::encode).collect();
        Some(values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_parses() {
        for (text, flag) in [("0", false), ("1", true), ("true", true), ("False", false)] {
            assert_eq!(Flag::parse(text), Ok(Flag(flag)));
        }
        for text in ["", "2", "yes", "-1"] {
            assert!(Flag::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn day_parses() {
        assert_eq!(Day::parse("2000-01-31"), Ok(Day("2000-01-31".to_owned())));
        for text in ["", "2000-1-31", "2000/01/31", "2000-01-31 ", "+200-01-31", "２000-01-3", "2000-01-310"]
        {
            assert!(Day::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sex_encodes_back() {
        for sex in [Sex::Man, Sex::Woman, Sex::Secret] {
            assert_eq!(Sex::parse(&sex.encode().unwrap()), Ok(sex));
        }
        for text in ["", "man", "男 ", "男女"] {
            assert!(Sex::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn file_is_any_bytes_but_none() {
        let bytes = Bytes::from_static(b"\xff\0");
        assert_eq!(File::parse_bytes(&bytes), Ok(File(bytes)));
        assert!(File::parse_bytes(&Bytes::new()).is_err());
    }

    #[test]
    fn comma_separated_has_1_to_50_values() {
        let fids = |text| {
            CommaSeparated::<Mid, 50>::parse(text)
                .map(|CommaSeparated(mids)| mids.into_iter().map(Mid::get).collect())
        };
        assert_eq!(fids("1"), Ok(vec![1]));
        assert_eq!(fids("1,2,1"), Ok(vec![1, 2, 1]));
        for text in ["", ",", "1,", ",1", "1, 2", "1;2", "1,0"] {
            assert!(fids(text).is_err(), "{text:?}");
        }
        let many = |count| vec!["7"; count].join(",");
        let (fifty, fifty_one) = (many(50), many(51));
        assert!(fids(&fifty).is_ok());
        assert!(fids(&fifty_one).is_err());
    }
}
