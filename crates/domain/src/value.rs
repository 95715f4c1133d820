//! Rules of single values: each kind of text and number that is kept, wherever it is written. Requests, operators' writes,
//! events and imports hold a field to the same rule.
//!
//! A rule is of the form of a value and does not change with settings, so what a community wrote can be imported again. The
//! word list, reserved names and limits of how many are for what members do themselves.

use crate::{contact, group, id_card, name, realname, sign, text};
use guanxi_types::{Coins, Mid, Tagid};
use jiff::civil::{Date, date};
use url::Url;

/// A rule of a value.
#[derive(Clone, Copy, Debug)]
pub struct Rule<T: ?Sized> {
    fits: fn(&T) -> bool,
    says: &'static str,
}

/// A value that breaks its rule. The value itself is not told: it may be private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field.
    pub field: &'static str,
    /// The rule: what the value would have to be.
    pub rule: &'static str,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: not {}", self.field, self.rule)
    }
}

impl std::error::Error for Invalid {}

impl<T: ?Sized> Rule<T> {
    const fn new(fits: fn(&T) -> bool, says: &'static str) -> Rule<T> {
        Rule { fits, says }
    }

    /// Returns true if a value follows the rule.
    pub fn fits(&self, value: &T) -> bool {
        (self.fits)(value)
    }

    /// Returns an error that names the field if its value breaks the rule.
    pub fn hold(&self, field: &'static str, value: &T) -> Result<(), Invalid> {
        if self.fits(value) { Ok(()) } else { Err(Invalid { field, rule: self.says }) }
    }
}

/// The largest number that a JavaScript number, and a column of another engine, hold exactly.
pub const LARGEST: u64 = Mid::MAX.get();

/// The largest mid that sign-ups count on from, and the largest tagid and audit number that may be imported: above it there
/// is room for those that are given next.
pub const LARGEST_COUNTED: u64 = 1 << 52;

/// The largest balance.
pub const LARGEST_BALANCE: Coins = Coins::whole(1_000_000_000_000);

const fn at_most(text: &str, most: usize) -> bool {
    // A character takes up to four bytes: what is far too long is not counted.
    text.len() <= most * 4
}

fn is_line(text: &str, most: usize) -> bool {
    at_most(text, most) && text.chars().count() <= most && !text::has_forbidden(text)
}

/// Returns true for an absolute URL as it is written: a parser would mend `https:///a.cn` and `https:a.cn`.
fn is_url(text: &str) -> bool {
    let unclean = |letter: char| {
        letter.is_whitespace()
            || text::is_forbidden(letter)
            || text::is_ignorable(letter)
            || matches!(letter, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let absolute = text.split_once("://").is_some_and(|(scheme, rest)| {
        ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            && rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[')
    });
    let anonymous = |url: Url| url.has_host() && url.username().is_empty() && url.password().is_none();
    let fits = absolute && text.len() <= 2_000 && !text.contains(unclean);
    text.is_empty() || fits && Url::parse(text).is_ok_and(anonymous)
}

fn is_color(text: &str) -> bool {
    let digits = |digits: &str| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    text.is_empty() || text.strip_prefix('#').is_some_and(digits)
}

/// Returns true for a PHC string of argon2 whose cost a login can pay: 1 GiB, 64 passes and 64 lanes at most.
fn is_phc(text: &str) -> bool {
    let number =
        |given: &str, most: u32| given.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number));
    let cost = |part: &str| match part.split_once('=') {
        Some(("m", given)) => number(given, 1 << 20),
        Some(("t" | "p", given)) => number(given, 64),
        _ => false,
    };
    let coded = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    match text.split('$').collect::<Vec<_>>()[..] {
        ["", "argon2id" | "argon2i" | "argon2d", "v=19" | "v=16", costs, salt, hash] => {
            text.len() <= 512
                && costs.split(',').count() == 3
                && costs.split(',').all(cost)
                && coded(salt)
                && coded(hash)
        }
        _ => false,
    }
}

/// A time, in seconds.
pub const TIME: Rule<i64> =
    Rule::new(|time| u32::try_from(*time).is_ok(), "a time in seconds from 1970 to 2106");

/// A time, in milliseconds.
pub const MILLISECONDS: Rule<i64> = Rule::new(
    |time| *time >= 0 && u32::try_from(time / 1_000).is_ok(),
    "a time in milliseconds from 1970 to 2106",
);

/// A day that is past, or to come in this age.
pub const DAY: Rule<Date> =
    Rule::new(|day| (date(1970, 1, 1)..=date(2106, 12, 31)).contains(day), "a day from 1970 to 2106");

/// A birthday.
pub const BIRTHDAY: Rule<Date> =
    Rule::new(|day| (date(1, 1, 1)..=date(9999, 12, 31)).contains(day), "a day from year 1 to 9999");

/// A count, or a number of something.
pub const COUNT: Rule<u64> = Rule::new(|count| *count <= LARGEST, "a number from 0 to 9007199254740991");

/// A number that is 0 or 1.
pub const FLAG: Rule<u8> = Rule::new(|flag| *flag <= 1, "0 or 1");

/// A number that the contract knows as 0 alone.
pub const ZERO: Rule<u8> = Rule::new(|number| *number == 0, "0");

/// A number from 0 to 2: the kind of a VIP.
pub const VIP_KIND: Rule<u8> = Rule::new(|kind| *kind <= 2, "a number from 0 to 2");

/// A number from 0 to 3: the status of a VIP.
pub const VIP_STATUS: Rule<u8> = Rule::new(|status| *status <= 3, "a number from 0 to 3");

/// The role of a VIP.
pub const VIP_ROLE: Rule<u8> = Rule::new(|role| matches!(role, 0 | 1 | 3), "0, 1 or 3");

/// The strength of a password.
pub const SCORE: Rule<u8> = Rule::new(|score| *score <= 100, "a number from 0 to 100");

/// The level of a password: 1 to 3, or 0 for one that is not known.
pub const PASSWORD_LEVEL: Rule<u8> =
    Rule::new(|level| *level <= 3, "a number from 1 to 3, or 0 if not known");

/// The type of a document.
pub const CARD_TYPE: Rule<u8> = Rule::new(|kind| *kind <= 6, "a number from 0 to 6");

/// Exp that a day gave for coins.
pub const COINS_EXP: Rule<u8> = Rule::new(
    |exp| *exp <= crate::reward::COINS_EXP,
    "exp for coins from 0 to 50, the most that a day gives",
);

/// A change of coins.
pub const DELTA: Rule<Coins> = Rule::new(
    |delta| (-Coins::whole(1_000_000_000)..=Coins::whole(1_000_000_000)).contains(delta),
    "a change of at most 1000000000 coins",
);

/// A balance.
pub const BALANCE: Rule<Coins> = Rule::new(
    |coins| (Coins::ZERO..=LARGEST_BALANCE).contains(coins),
    "a balance from 0 to 1000000000000 coins",
);

/// The number of a group of a member's own.
pub const TAGID: Rule<Tagid> = Rule::new(
    |tagid| u64::try_from(tagid.0).is_ok_and(|tagid| (1..=LARGEST_COUNTED).contains(&tagid)),
    "a number from 1 to 4503599627370496",
);

/// The number of an entry of the audit.
pub const SEQUENCE: Rule<u64> =
    Rule::new(|seq| (1..=LARGEST_COUNTED).contains(seq), "a number from 1 to 4503599627370496");

/// The turn of a join: half of the numbers there are is left for later joins.
pub const TURN: Rule<u32> = Rule::new(|turn| *turn <= u32::MAX / 2, "a number from 0 to 2147483647");

/// A text of one line and 100 characters, such as a title or a place.
pub const LINE: Rule<str> =
    Rule::new(|text| is_line(text, 100), "a text of at most 100 characters without controls");

/// A text of one line and 200 characters, such as a remark.
pub const LONG_LINE: Rule<str> =
    Rule::new(|text| is_line(text, 200), "a text of at most 200 characters without controls");

/// A text of some lines.
pub const PROSE: Rule<str> = Rule::new(
    |text| {
        at_most(text, 2_000)
            && text.chars().count() <= 2_000
            && text.chars().all(|letter| letter == '\n' || !text::is_forbidden(letter))
    },
    "a text of at most 2000 characters without controls other than line breaks",
);

/// A list of some words about a member.
pub const TAGS: Rule<[String]> = Rule::new(
    |tags| tags.len() <= 50 && tags.iter().all(|tag| is_line(tag, 50)),
    "at most 50 texts of at most 50 characters without controls",
);

/// The address of a picture or a page; empty for none.
pub const URL: Rule<str> = Rule::new(is_url, "an http or https URL of at most 2000 bytes, or empty");

/// A colour; empty for none.
pub const COLOR: Rule<str> = Rule::new(is_color, "a color such as #FB7299, or empty");

/// A name as it is kept; empty for none.
pub const NAME: Rule<str> = Rule::new(
    |given| {
        given.is_empty()
            || at_most(given, name::LENGTH) && name::check(given).is_ok_and(|kept| kept == *given)
    },
    "a name of 1 to 16 visible characters that is no mail address, phone or user name (30001)",
);

/// A user name; empty for none.
pub const USERID: Rule<str> = Rule::new(
    |given| given.is_empty() || name::userid(given).is_some(),
    "a user name of 1 to 32 letters, digits, _ and -",
);

/// A sign.
pub const SIGN: Rule<str> = Rule::new(
    |given| at_most(given, sign::LENGTH * 4) && sign::form(given).is_ok(),
    "a sign of at most 70 characters without emoji (40021, 40022)",
);

/// The name of a group, as it is kept.
pub const GROUP_NAME: Rule<str> = Rule::new(
    |given| is_line(given, group::NAME_LENGTH) && text::is_visible(given) && group::name(given) == Ok(given),
    "a group name of 1 to 16 characters without controls and without blanks about them",
);

/// A phone.
pub const PHONE: Rule<str> =
    Rule::new(|given| at_most(given, 64) && contact::phone(given).is_some(), "a phone");

/// A mail address.
pub const MAIL: Rule<str> =
    Rule::new(|given| given.len() <= 512 && contact::mail(given).is_some(), "a mail address");

/// A real name.
pub const REALNAME: Rule<str> = Rule::new(
    |given| at_most(given, 64) && realname::name(given).is_some(),
    "a real name of 2 to 50 letters",
);

/// The number of a document of some type.
pub fn hold_card(field: &'static str, card_type: u8, number: &str) -> Result<(), Invalid> {
    // The clock has no word here: whether somebody may have been born was judged when they applied.
    let fits = id_card::check(card_type, number, date(9999, 12, 31)).is_some();
    if fits { Ok(()) } else { Err(Invalid { field, rule: "a number of a document of its card_type" }) }
}

/// A safe question.
pub const QUESTION: Rule<str> = Rule::new(
    |given| at_most(given, 100) && (1..=100).contains(&given.chars().count()),
    "a text of 1 to 100 characters",
);

/// What argon2 made of a secret.
pub const PHC: Rule<str> =
    Rule::new(is_phc, "a PHC string of argon2 with at most 1 GiB of memory, 64 passes and 64 lanes");

/// The reason of a change of coins.
pub const REASON: Rule<str> =
    Rule::new(|reason| !reason.is_empty() && is_line(reason, 100), "1 to 100 characters without controls");

/// Why a moderator rejected something.
pub const REMARK: Rule<str> = Rule::new(
    |remark| !remark.trim().is_empty() && PROSE.fits(remark) && remark.chars().count() <= 200,
    "1 to 200 characters without controls",
);

/// The name of an operator's token.
pub const TOKEN_NAME: Rule<str> =
    Rule::new(|name| is_line(name, 64) && text::is_visible(name), "1 to 64 characters without controls");

#[cfg(test)]
mod tests;
