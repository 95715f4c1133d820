//! Names that members go by, and how two of them are told apart.

use crate::{contact, text};
use caseless::Caseless;
use guanxi_types::ErrorCode;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_security::confusable_detection::skeleton;

/// The most characters of a name: Unicode scalar values after NFC.
pub const LENGTH: usize = 16;

/// A name as it is kept, or 30001. It has 1 to 16 characters, none of them a blank other than a space between two others,
/// a control, or one that is not seen by itself (emoji joiners and variation selectors among them), and begins with one
/// that is seen. No `@`, something beside digits, and more than `gx_` and digits, so that no name looks like a mail address,
/// a phone or a user name that another may log in with.
pub fn check(given: &str) -> Result<String, ErrorCode> {
    let name: String = given.trim().nfc().collect();
    let fits = (1..=LENGTH).contains(&name.chars().count());
    let folded = folded(&name);
    let numbers = name.chars().all(|letter| letter.is_numeric() || matches!(letter, '+' | '-' | ' '));
    let phone_like = numbers || contact::phone(&folded).is_some();
    let userid_like =
        folded.strip_prefix("gx_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let seen = name.starts_with(text::is_visible_base) && name.chars().all(is_nameable);
    if fits && !folded.contains('@') && !phone_like && !userid_like && seen {
        Ok(name)
    } else {
        Err(ErrorCode::BadName)
    }
}

fn is_nameable(letter: char) -> bool {
    let seen = match letter.general_category_group() {
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator => letter == ' ',
        _ => !text::is_ignorable(letter),
    };
    seen && letter.general_category() != GeneralCategory::EnclosingMark
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

/// The looks of a name: two names look alike if they share one. A look is the UTS 39 skeleton, case folded and with single
/// spaces. There is one of the folded name, so that `ADMIN` looks like `admin`, and one of the name as it is written, so
/// that `PaypaI` with a capital I looks like `paypal`; mostly they are the same.
pub fn looks(name: &str) -> Vec<String> {
    let (folded, written): (String, String) = (folded(name), name.trim().nfkc().collect());
    let mut looks = vec![look(&folded)];
    if written != folded {
        looks.push(look(&written));
        looks.dedup();
    }
    looks
}

/// Repeats the skeleton until it stays, as folding may leave a letter that has another.
fn look(name: &str) -> String {
    let mut look = name.to_owned();
    for _ in 0..4 {
        let skeleton: String = skeleton(&look).collect();
        let folded = folded(&skeleton);
        let next = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        if next == look {
            break;
        }
        look = next;
    }
    look
}

/// Names that no member gives themselves.
#[derive(Clone, Debug, Default)]
pub struct Reserved(HashSet<String>);

impl Reserved {
    /// The names in a text of one a line; empty lines and those that start with `#` say nothing. A line without a letter or
    /// a digit is named.
    pub fn parse(text: &str) -> Result<Reserved, String> {
        let mut names = HashSet::new();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bare: Vec<String> = bare_looks(line).filter(|look| !look.is_empty()).collect();
            if bare.is_empty() {
                return Err(format!("line {number}: {line:?} has no letter and no digit"));
            }
            names.extend(bare);
        }
        Ok(Reserved(names))
    }

    /// Passes on a name that a member may give themselves; 30001 if it looks like a reserved one, whatever blanks and
    /// punctuation stand between its letters.
    pub fn refuse(&self, name: String) -> Result<String, ErrorCode> {
        if bare_looks(&name).any(|look| self.0.contains(&look)) { Err(ErrorCode::BadName) } else { Ok(name) }
    }
}

/// The looks of a name with nothing but letters and digits.
fn bare_looks(name: &str) -> impl Iterator<Item = String> {
    looks(name).into_iter().map(|look| look.chars().filter(|letter| letter.is_alphanumeric()).collect())
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
            ("一二三四五六七八九十一二三四五六七", Err(ErrorCode::BadName)),
            ("", Err(ErrorCode::BadName)),
            ("   ", Err(ErrorCode::BadName)),
            ("13800138000", Err(ErrorCode::BadName)),
            ("+86 138-0013", Err(ErrorCode::BadName)),
            ("１３８００", Err(ErrorCode::BadName)),
            ("a@b.cn", Err(ErrorCode::BadName)),
            ("a＠b.cn", Err(ErrorCode::BadName)),
            ("153.1234.5056", Err(ErrorCode::BadName)),
            ("＋86．153．123", Err(ErrorCode::BadName)),
            ("gx_7", Err(ErrorCode::BadName)),
            ("ＧＸ_７", Err(ErrorCode::BadName)),
            ("gx_7a", Ok("gx_7a")),
            ("a\u{202e}b", Err(ErrorCode::BadName)),
            ("a\u{200b}b", Err(ErrorCode::BadName)),
            ("a\nb", Err(ErrorCode::BadName)),
            ("\u{3164}", Err(ErrorCode::BadName)),
            ("😀", Ok("😀")),
            ("陈\u{34f}睿", Err(ErrorCode::BadName)),
            ("❤\u{fe0f}", Err(ErrorCode::BadName)),
            ("❤", Ok("❤")),
            ("a\u{17b5}b", Err(ErrorCode::BadName)),
            ("👩\u{200d}💻", Err(ErrorCode::BadName)),
            ("من\u{200c}ها", Err(ErrorCode::BadName)),
            ("a\u{e0100}", Err(ErrorCode::BadName)),
            ("a\u{ffff}", Err(ErrorCode::BadName)),
            ("\u{301}\u{302}", Err(ErrorCode::BadName)),
            ("\u{301}a", Err(ErrorCode::BadName)),
            ("q\u{301}", Ok("q\u{301}")),
            ("⠀", Err(ErrorCode::BadName)),
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

    fn alike(one: &str, other: &str) -> bool {
        looks(one).iter().any(|look| looks(other).contains(look))
    }

    #[test]
    fn names_that_look_alike_share_a_look() {
        for (one, other) in [
            ("admin", "ADMIN"),
            ("admin", "\u{430}dmin"),
            ("PaypaI", "paypal"),
            ("paypal", "раураl"),
            ("Tom1", "Toml"),
            ("l00", "1oO"),
            ("ＡＢＣ", "abc"),
            ("a b", "a  b"),
            ("ΑΒΓ", "ABΓ"),
            ("ADMIN", "ＡＤМＩＮ"),
            ("力", "カ"),
            ("modern", "modem"),
        ] {
            assert!(alike(one, other), "{one} {other}: {:?} {:?}", looks(one), looks(other));
        }
        for (one, other) in
            [("甲", "乙"), ("admin", "adm"), ("bill", "bail"), ("陈睿", "陈睿1"), ("Ali", "Ale")]
        {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn reserved_names_are_refused_by_look() {
        let reserved = Reserved::parse("\u{feff}# a note\n\n管理员\nadmin\n").unwrap();
        for name in ["admin", "ADMIN", "\u{430}dmin", "a.d-m_i n", "Admin!", "管 理 员", "【管理员】"]
        {
            assert_eq!(reserved.refuse(name.to_owned()), Err(ErrorCode::BadName), "{name}");
        }
        for name in ["管理", "administer", "小管理员", "甲"] {
            assert_eq!(reserved.refuse(name.to_owned()).as_deref(), Ok(name));
        }
        assert!(Reserved::parse("a\n...\n").unwrap_err().contains("line 2"));
    }

    proptest::proptest! {
        #[test]
        fn looks_of_a_look_are_itself(name in "\\PC{0,8}") {
            for look in looks(&name) {
                proptest::prop_assert_eq!(looks(&look), vec![look]);
            }
        }
    }
}
