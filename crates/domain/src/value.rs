//! Validation rules for single values: each kind of stored text and number. Requests, operator commands, events and
//! imports apply the same rules.
//!
//! A rule concerns the format of a value and does not depend on settings. So an export can always be imported
//! again. The list of sensitive words, reserved names and numeric limits apply only to requests of members.

use crate::news::NewsItem;
use crate::picture::{self, PicturePath};
use crate::{bio, contact, group, id_card, name, text, verification};
use guanxi_types::{Coins, Mid, Tagid};
use jiff::civil::{Date, date};
use url::Url;

/// A validation rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule<T: ?Sized> {
    predicate: fn(&T) -> bool,
    description: &'static str,
}

/// An invalid value. The value itself is absent: it may be private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    /// The field.
    pub field: &'static str,
    /// The description of a valid value.
    pub rule: &'static str,
}

impl std::fmt::Display for InvalidValue {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: not {}", self.field, self.rule)
    }
}

impl std::error::Error for InvalidValue {}

impl<T: ?Sized> Rule<T> {
    const fn new(predicate: fn(&T) -> bool, description: &'static str) -> Rule<T> {
        Rule { predicate, description }
    }

    /// Returns true for a valid value.
    pub fn is_valid(&self, value: &T) -> bool {
        (self.predicate)(value)
    }

    /// Returns an error with the name of the field if the value is invalid.
    pub fn validate(&self, field: &'static str, value: &T) -> Result<(), InvalidValue> {
        if self.is_valid(value) { Ok(()) } else { Err(InvalidValue { field, rule: self.description }) }
    }
}

/// The maximum exp for tips per day.
pub const MAX_TIP_EXP: u8 = 50;

/// The largest count: the largest integer that a JavaScript number and an SQL column hold exactly.
pub const MAX_COUNT: u64 = Mid::MAX.get();

/// The largest tagid and audit number of an import, and the largest mid after which registration assigns the next.
/// Later ids need the range above it.
pub const MAX_ASSIGNED_ID: u64 = 1 << 52;

/// The maximum balance.
pub const MAX_BALANCE: Coins = Coins::from_whole(1_000_000_000_000);

const fn fits_bytes(text: &str, max: usize) -> bool {
    // A character has up to four bytes. This avoids counting the characters of a text that is far too long.
    text.len() <= max * 4
}

fn is_line(text: &str, max: usize) -> bool {
    fits_bytes(text, max) && text.chars().count() <= max && !text::has_forbidden(text)
}

/// Returns true for a strictly formatted absolute URL, or an empty text. A parser alone would accept
/// `https:///a.cn` and `https:a.cn`.
fn is_url(text: &str) -> bool {
    let is_invalid_char = |c: char| {
        c.is_whitespace()
            || text::is_forbidden(c)
            || text::is_ignorable(c)
            || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let is_absolute = text.split_once("://").is_some_and(|(scheme, rest)| {
        ["http", "https"].iter().any(|valid| scheme.eq_ignore_ascii_case(valid))
            && rest.starts_with(|c: char| c.is_alphanumeric() || c == '[')
    });
    let has_host_only = |url: Url| url.has_host() && url.username().is_empty() && url.password().is_none();
    let is_strict = is_absolute && text.len() <= 2_000 && !text.contains(is_invalid_char);
    text.is_empty() || is_strict && Url::parse(text).is_ok_and(has_host_only)
}

fn is_color(text: &str) -> bool {
    let is_hex = |digits: &str| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    text.is_empty() || text.strip_prefix('#').is_some_and(is_hex)
}

/// Returns true for a PHC string of argon2 with an affordable cost: at most 1 GiB, 64 passes and 64 lanes.
fn is_phc(text: &str) -> bool {
    let is_in_range =
        |text: &str, max: u32| text.parse::<u32>().is_ok_and(|number| (1..=max).contains(&number));
    let is_valid_cost = |part: &str| match part.split_once('=') {
        Some(("m", text)) => is_in_range(text, 1 << 20),
        Some(("t" | "p", text)) => is_in_range(text, 64),
        _ => false,
    };
    let is_base64 = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    match text.split('$').collect::<Vec<_>>()[..] {
        ["", "argon2id" | "argon2i" | "argon2d", "v=19" | "v=16", costs, salt, hash] => {
            text.len() <= 512
                && costs.split(',').count() == 3
                && costs.split(',').all(is_valid_cost)
                && is_base64(salt)
                && is_base64(hash)
        }
        _ => false,
    }
}

/// The rule of a time in seconds.
pub const TIME: Rule<i64> =
    Rule::new(|time| u32::try_from(*time).is_ok(), "a time in seconds from 1970 to 2106");

/// The rule of a time in milliseconds.
pub const MILLISECONDS: Rule<i64> = Rule::new(
    |time| *time >= 0 && u32::try_from(time / 1_000).is_ok(),
    "a time in milliseconds from 1970 to 2106",
);

/// The rule of a day.
pub const DAY: Rule<Date> =
    Rule::new(|day| (date(1970, 1, 1)..=date(2106, 12, 31)).contains(day), "a day from 1970 to 2106");

/// A birthday.
pub const BIRTHDAY: Rule<Date> =
    Rule::new(|day| (date(1, 1, 1)..=date(9999, 12, 31)).contains(day), "a day from year 1 to 9999");

/// A count, or a number of something.
pub const COUNT: Rule<u64> = Rule::new(|count| *count <= MAX_COUNT, "a number from 0 to 9007199254740991");

/// A number that is 0 or 1.
pub const FLAG: Rule<u8> = Rule::new(|flag| *flag <= 1, "0 or 1");

/// A number that is always 0 in the contract.
pub const ZERO: Rule<u8> = Rule::new(|number| *number == 0, "0");

/// A number from 0 to 2: the kind of a VIP.
pub const VIP_KIND: Rule<u8> = Rule::new(|kind| *kind <= 2, "a number from 0 to 2");

/// A number from 0 to 3: the status of a VIP.
pub const VIP_STATUS: Rule<u8> = Rule::new(|status| *status <= 3, "a number from 0 to 3");

/// The role of a VIP.
pub const VIP_ROLE: Rule<u8> = Rule::new(|role| matches!(role, 0 | 1 | 3), "0, 1 or 3");

/// The strength of a password.
pub const SCORE: Rule<u8> = Rule::new(|score| *score <= 100, "a number from 0 to 100");

/// The level of a password: 1 to 3, or 0 if unknown.
pub const PASSWORD_LEVEL: Rule<u8> =
    Rule::new(|level| *level <= 3, "a number from 1 to 3, or 0 if not known");

/// The type of a document.
pub const CARD_TYPE: Rule<u8> = Rule::new(|kind| *kind <= 6, "a number from 0 to 6");

/// The exp for tips of a day.
pub const TIP_EXP: Rule<u8> =
    Rule::new(|exp| *exp <= MAX_TIP_EXP, "exp for coins from 0 to 50, the most that a day gives");

/// A change of coins.
pub const DELTA: Rule<Coins> = Rule::new(
    |delta| (-Coins::from_whole(1_000_000_000)..=Coins::from_whole(1_000_000_000)).contains(delta),
    "a change of at most 1000000000 coins",
);

/// A balance.
pub const BALANCE: Rule<Coins> =
    Rule::new(|coins| (Coins::ZERO..=MAX_BALANCE).contains(coins), "a balance from 0 to 1000000000000 coins");

/// The id of a member's own group.
pub const TAGID: Rule<Tagid> = Rule::new(
    |tagid| u64::try_from(tagid.0).is_ok_and(|tagid| (1..=MAX_ASSIGNED_ID).contains(&tagid)),
    "a number from 1 to 4503599627370496",
);

/// The number of an audit log entry.
pub const AUDIT_SEQ: Rule<u64> =
    Rule::new(|seq| (1..=MAX_ASSIGNED_ID).contains(seq), "a number from 1 to 4503599627370496");

/// The join sequence number of an import. The upper half of the range is reserved for later joins.
pub const JOIN_SEQ: Rule<u32> = Rule::new(|seq| *seq <= u32::MAX / 2, "a number from 0 to 2147483647");

/// The `seq` of a relation in an import. Later relations of the same second count up from it.
pub const RELATION_SEQ: Rule<u32> = Rule::new(|seq| *seq < 1 << 30, "a number below 1073741824");

/// A next id in an import: at most 1.5 times [`MAX_ASSIGNED_ID`]. Registrations may continue above the largest
/// imported mid.
pub const NEXT_ID: Rule<u64> =
    Rule::new(|id| (1..=MAX_ASSIGNED_ID / 2 * 3).contains(id), "a number from 1 to 6755399441055744");

/// A text of one line and 100 characters, such as a title or a location.
pub const LINE: Rule<str> =
    Rule::new(|text| is_line(text, 100), "a text of at most 100 characters without controls");

/// A text of one line and 200 characters, such as a remark.
pub const LONG_LINE: Rule<str> =
    Rule::new(|text| is_line(text, 200), "a text of at most 200 characters without controls");

/// A text of one or more lines.
pub const MULTILINE: Rule<str> = Rule::new(
    |text| {
        fits_bytes(text, 2_000)
            && text.chars().count() <= 2_000
            && text.chars().all(|c| c == '\n' || !text::is_forbidden(c))
    },
    "a text of at most 2000 characters without controls other than line breaks",
);

/// A list of tags of a member.
pub const TAGS: Rule<[String]> = Rule::new(
    |tags| tags.len() <= 50 && tags.iter().all(|tag| is_line(tag, 50)),
    "at most 50 texts of at most 50 characters without controls",
);

/// The URL of a picture or a page. Empty for none.
pub const URL: Rule<str> = Rule::new(is_url, "an http or https URL of at most 2000 bytes, or empty");

/// The URL of an avatar, or the path of a picture that the service has. Empty for none.
pub const FACE: Rule<str> = Rule::new(
    |text| is_url(text) || PicturePath::parse(text).is_some(),
    "an http or https URL of at most 2000 bytes, the path of a picture, or empty",
);

/// A stored picture.
pub const PICTURE: Rule<[u8]> =
    Rule::new(picture::is_stored_jpeg, "a JPEG file of at most 700000 bytes, in Base64");

/// The width of a stored picture.
pub const PICTURE_SIZE: Rule<u32> = Rule::new(|size| picture::SIZES.contains(size), "96, 256 or 512");

/// A color. Empty for none.
pub const COLOR: Rule<str> = Rule::new(is_color, "a color such as #FB7299, or empty");

/// The normal form of a name. Empty for none.
pub const NAME: Rule<str> = Rule::new(
    |text| {
        text.is_empty()
            || fits_bytes(text, name::MAX_NAME_CHARS)
                && name::normalize_name(text).is_ok_and(|normalized| normalized == *text)
    },
    "a name of 1 to 16 visible characters that is no mail address, phone or user name (30001)",
);

/// A user name. Empty for none.
pub const USERID: Rule<str> = Rule::new(
    |text| text.is_empty() || name::parse_userid(text).is_some(),
    "a user name of 1 to 32 letters, digits, _ and -",
);

/// A bio.
pub const BIO: Rule<str> = Rule::new(
    |text| fits_bytes(text, bio::MAX_BIO_CHARS * 4) && bio::normalize_bio(text).is_ok(),
    "a sign of at most 70 characters without emoji (40021, 40022)",
);

/// The normal form of a group name.
pub const GROUP_NAME: Rule<str> = Rule::new(
    |text| {
        is_line(text, group::MAX_NAME_CHARS)
            && text::is_visible(text)
            && group::normalize_group_name(text) == Ok(text)
    },
    "a group name of 1 to 16 characters without controls and without blanks about them",
);

/// A phone.
pub const PHONE: Rule<str> =
    Rule::new(|text| fits_bytes(text, 64) && contact::normalize_phone(text).is_some(), "a phone");

/// A mail address.
pub const MAIL: Rule<str> =
    Rule::new(|text| text.len() <= 512 && contact::normalize_mail(text).is_some(), "a mail address");

/// A real name.
pub const REALNAME: Rule<str> = Rule::new(
    |text| fits_bytes(text, 64) && verification::normalize_real_name(text).is_some(),
    "a real name of 2 to 50 letters",
);

/// Checks the number of a document of a type.
pub fn validate_card_number(field: &'static str, card_type: u8, number: &str) -> Result<(), InvalidValue> {
    // No upper limit for the day of birth: it was checked at the time of the application.
    let is_valid = id_card::normalize_card_number(card_type, number, date(9999, 12, 31)).is_some();
    if is_valid {
        Ok(())
    } else {
        Err(InvalidValue { field, rule: "a number of a document of its card_type" })
    }
}

/// A security question.
pub const QUESTION: Rule<str> = Rule::new(
    |text| fits_bytes(text, 100) && (1..=100).contains(&text.chars().count()),
    "a text of 1 to 100 characters",
);

/// The argon2 hash of a secret.
pub const PHC: Rule<str> =
    Rule::new(is_phc, "a PHC string of argon2 with at most 1 GiB of memory, 64 passes and 64 lanes");

/// The secret of one-time codes.
pub const TOTP_SECRET: Rule<str> = Rule::new(
    |text| {
        (26..=128).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
    },
    "a base32 text of 16 to 80 bytes",
);

/// A SHA-256 hash.
pub const SHA256: Rule<str> = Rule::new(
    |text| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
    "64 lower-case hexadecimal digits",
);

/// The maximum length of the name of a passkey, in Unicode scalar values.
pub const MAX_PASSKEY_NAME_CHARS: usize = 32;

/// The name of a passkey.
pub const PASSKEY_NAME: Rule<str> = Rule::new(
    |text| is_line(text, MAX_PASSKEY_NAME_CHARS) && text::is_visible(text) && text.trim() == text,
    "a name of 1 to 32 visible characters without controls and without blanks about them",
);

/// The id or the data of a passkey's credential.
pub const CREDENTIAL: Rule<str> =
    Rule::new(|text| (1..=8_192).contains(&text.len()), "a text of 1 to 8192 bytes");

/// The number of an item of news.
pub const NEWS_ID: Rule<u32> = Rule::new(|id| *id <= 999_999_999, "a number from 0 to 999999999");

/// The items of a member's news.
pub const NEWS_ITEMS: Rule<[NewsItem]> = Rule::new(
    |items| items.len() <= 1_000 && items.is_sorted_by(|item, next| item.id < next.id),
    "at most 1000 items in ascending order of their ids",
);

/// A level.
pub const LEVEL: Rule<u8> = Rule::new(|level| *level <= 6, "a number from 0 to 6");

/// The reason of a change of coins.
pub const REASON: Rule<str> =
    Rule::new(|reason| !reason.is_empty() && is_line(reason, 100), "1 to 100 characters without controls");

/// The reason of a moderator's rejection.
pub const REMARK: Rule<str> = Rule::new(
    |remark| !remark.trim().is_empty() && MULTILINE.is_valid(remark) && remark.chars().count() <= 200,
    "1 to 200 characters without controls",
);

/// The maximum length of a member's remark on another, in Unicode scalar values.
pub const MAX_MEMBER_REMARK_CHARS: usize = 20;

/// The remark of a member on another.
pub const MEMBER_REMARK: Rule<str> = Rule::new(
    |text| is_line(text, MAX_MEMBER_REMARK_CHARS) && text::is_visible(text) && text.trim() == text,
    "a remark of 1 to 20 visible characters without controls and without blanks about them",
);

/// A note of operators on a member.
pub const NOTE: Rule<str> = Rule::new(
    |text| {
        fits_bytes(text, 1_000)
            && text.chars().count() <= 1_000
            && text::is_visible(text)
            && MULTILINE.is_valid(text)
    },
    "1 to 1000 characters with a visible one and without controls",
);

/// The name of an operator token.
pub const TOKEN_NAME: Rule<str> =
    Rule::new(|name| is_line(name, 64) && text::is_visible(name), "1 to 64 characters without controls");

#[cfg(test)]
mod tests;
