//! Names that members go by, and how two of them are told apart.

use crate::contact;
use caseless::Caseless;
use guanxi_wire::Code;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The most characters of a name: Unicode scalar values after NFC.
pub const LENGTH: usize = 16;

/// A name as it is kept, or 30001. It has 1 to 16 characters, none of them a blank other than a space between two others,
/// a control, or one that is not seen; no `@`, something beside digits, and more than `gx_` and digits, so that no name looks like a
/// mail address, a phone or a user name that another may log in with.
pub fn check(given: &str) -> Result<String, Code> {
    let name: String = given.trim().nfc().collect();
    let fits = (1..=LENGTH).contains(&name.chars().count());
    let folded = folded(&name);
    let numbers = name.chars().all(|letter| letter.is_numeric() || matches!(letter, '+' | '-' | ' '));
    let phone_like = numbers || contact::phone(&folded).is_some();
    let userid_like =
        folded.strip_prefix("gx_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if fits && !folded.contains('@') && !phone_like && !userid_like && name.chars().all(is_nameable) {
        Ok(name)
    } else {
        Err(Code::BadName)
    }
}

fn is_nameable(letter: char) -> bool {
    let seen = match letter.general_category_group() {
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator => letter == ' ',
        _ => true,
    };
    // Fillers are letters by their category, and yet nothing is seen of them.
    let filler = matches!(letter, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}');
    seen && !filler && letter.general_category() != GeneralCategory::EnclosingMark
}

/// What a user name is, for people.
pub const USERID: &str = "1 to 32 letters, digits, _ and -";

/// A user name as it is kept: 1 to 32 letters, digits, `_` and `-`. None if it is none.
pub fn userid(given: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let fits = (1..=32).contains(&given.len()) && given.bytes().all(fits);
    fits.then(|| given.to_owned())
}

/// What two names share that nobody should tell apart: NFKC and case folded.
pub fn folded(name: &str) -> String {
    name.trim().nfkc().default_case_fold().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("陈睿", Ok("陈睿")),
            (" 膜法指导 ", Ok("膜法指导")),
            ("a", Ok("a")),
            ("a b_c-d", Ok("a b_c-d")),
            ("一二三四五六七八九十一二三四五六", Ok("一二三四五六七八九十一二三四五六")),
            ("一二三四五六七八九十一二三四五六七", Err(Code::BadName)),
            ("", Err(Code::BadName)),
            ("   ", Err(Code::BadName)),
            ("13800138000", Err(Code::BadName)),
            ("+86 138-0013", Err(Code::BadName)),
            ("１３８００", Err(Code::BadName)),
            ("a@b.cn", Err(Code::BadName)),
            ("a＠b.cn", Err(Code::BadName)),
            ("153.1234.5056", Err(Code::BadName)),
            ("＋86．153．123", Err(Code::BadName)),
            ("gx_7", Err(Code::BadName)),
            ("ＧＸ_７", Err(Code::BadName)),
            ("gx_7a", Ok("gx_7a")),
            ("a\u{202e}b", Err(Code::BadName)),
            ("a\u{200b}b", Err(Code::BadName)),
            ("a\nb", Err(Code::BadName)),
            ("\u{3164}", Err(Code::BadName)),
            ("😀", Ok("😀")),
        ];
        for (given, expected) in cases {
            assert_eq!(check(given).as_deref(), expected.as_ref().map(|name| *name), "{given:?}");
        }
    }

    #[test]
    fn names_that_are_one() {
        for (one, other) in [("ABC", "abc"), ("ＡＢＣ", "abc"), ("Straße", "STRASSE"), (" é", "e\u{301}")]
        {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("甲"), folded("乙"));
    }
}
