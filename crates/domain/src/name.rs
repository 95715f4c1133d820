//! Member names and user names, and the comparison of names.

use crate::{contact, text};
use caseless::Caseless;
use guanxi_types::ErrorCode;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_security::confusable_detection::skeleton;

/// The maximum length of a name, in Unicode scalar values after NFC.
pub const MAX_NAME_CHARS: usize = 16;

/// The maximum length of a text that names are searched for, in characters.
pub const MAX_SEARCH_CHARS: usize = 64;

/// Returns the normal form of a name, or error 30001.
///
/// A name has 1 to 16 characters: no controls, no blanks except single spaces inside, no invisible characters such
/// as emoji joiners and variation selectors. The first character is visible.
///
/// A name is not a mail address (`@`), a phone (only digits) or a generated user name (`gx_` and digits), since
/// other members may log in with those.
pub fn normalize_name(input: &str) -> Result<String, ErrorCode> {
    let name: String = input.trim().nfc().collect();
    let has_valid_length = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    let has_valid_chars = name.starts_with(text::is_visible_base) && name.chars().all(is_name_char);
    let folded = fold_name(&name);
    let is_numeric = name.chars().all(|c| c.is_numeric() || matches!(c, '+' | '-' | ' '));
    let is_phone = is_numeric || contact::normalize_phone(&folded).is_some();
    let is_userid =
        folded.strip_prefix("gx_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let is_identifier = folded.contains('@') || is_phone || is_userid;
    if has_valid_length && has_valid_chars && !is_identifier { Ok(name) } else { Err(ErrorCode::InvalidName) }
}

fn is_name_char(c: char) -> bool {
    let is_visible = match c.general_category_group() {
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator => c == ' ',
        _ => !text::is_ignorable(c),
    };
    is_visible && c.general_category() != GeneralCategory::EnclosingMark
}

/// The format of a user name, as text for people.
pub const USERID_FORMAT: &str = "1 to 32 letters, digits, _ and -";

/// Returns a user name: 1 to 32 ASCII letters, digits, `_` and `-`. `None` for other texts.
pub fn parse_userid(input: &str) -> Option<String> {
    let is_valid_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_valid = (1..=32).contains(&input.len()) && input.bytes().all(is_valid_byte);
    is_valid.then(|| input.to_owned())
}

/// Returns the folded form of a name: NFKC and case folded. Names with the same folded form are equal.
pub fn fold_name(name: &str) -> String {
    name.trim().nfkc().default_case_fold().nfkc().collect()
}

/// Returns the skeletons of a name. Two names are confusable if they share a skeleton.
///
/// A skeleton is the UTS 39 skeleton, case folded, with single spaces. The skeleton of the folded name makes
/// `ADMIN` confusable with `admin`. The skeleton of the unfolded name makes `PaypaI`, with a capital I, confusable
/// with `paypal`. For most names both are the same.
pub fn compute_skeletons(name: &str) -> Vec<String> {
    let (folded, unfolded): (String, String) = (fold_name(name), name.trim().nfkc().collect());
    let mut skeletons = vec![compute_skeleton(&folded)];
    if unfolded != folded {
        skeletons.push(compute_skeleton(&unfolded));
        skeletons.dedup();
    }
    skeletons
}

/// Repeats the mapping until it is stable, since folding may produce a character with another skeleton.
fn compute_skeleton(name: &str) -> String {
    let mut current = name.to_owned();
    for _ in 0..4 {
        let mapped: String = skeleton(&current).collect();
        let folded = fold_name(&mapped);
        let next = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        if next == current {
            break;
        }
        current = next;
    }
    current
}

/// Returns the seconds until a member may change the name again. `None` if they may now. `changed_at` is the time of
/// the last change, or 0 for none.
pub fn wait_for_change(changed_at: i64, interval: i64, now: i64) -> Option<i64> {
    let allowed_at = changed_at.saturating_add(interval);
    (changed_at != 0 && interval > 0 && allowed_at > now).then(|| allowed_at.saturating_sub(now))
}

/// Names that members cannot choose.
#[derive(Clone, Debug, Default)]
pub struct ReservedNames(HashSet<String>);

impl ReservedNames {
    /// Parses a list with one name a line. Empty lines and lines that start with `#` are skipped. The error names a
    /// line without a letter or digit.
    pub fn parse(text: &str) -> Result<ReservedNames, String> {
        let mut names = HashSet::new();
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let skeletons: Vec<String> =
                alphanumeric_skeletons(line).filter(|skeleton| !skeleton.is_empty()).collect();
            if skeletons.is_empty() {
                return Err(format!("line {number}: {line:?} has no letter and no digit"));
            }
            names.extend(skeletons);
        }
        Ok(ReservedNames(names))
    }

    /// Returns the name, or error 30001 if it is confusable with a reserved name. Blanks and punctuation between
    /// letters are ignored.
    pub fn check(&self, name: String) -> Result<String, ErrorCode> {
        let is_reserved = alphanumeric_skeletons(&name).any(|skeleton| self.0.contains(&skeleton));
        if is_reserved { Err(ErrorCode::InvalidName) } else { Ok(name) }
    }
}

/// Returns the letters and digits of each skeleton of a name.
fn alphanumeric_skeletons(name: &str) -> impl Iterator<Item = String> {
    let skeletons = compute_skeletons(name).into_iter();
    skeletons.map(|skeleton| skeleton.chars().filter(|c| c.is_alphanumeric()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized_or_rejected() {
        let cases = [
            ("陈睿", Ok("陈睿")),
            (" 膜法指导 ", Ok("膜法指导")),
            ("a", Ok("a")),
            ("a b_c-d", Ok("a b_c-d")),
            ("一二三四五六七八九十一二三四五六", Ok("一二三四五六七八九十一二三四五六")),
            ("一二三四五六七八九十一二三四五六七", Err(ErrorCode::InvalidName)),
            ("", Err(ErrorCode::InvalidName)),
            ("   ", Err(ErrorCode::InvalidName)),
            ("13800138000", Err(ErrorCode::InvalidName)),
            ("+86 138-0013", Err(ErrorCode::InvalidName)),
            ("１３８００", Err(ErrorCode::InvalidName)),
            ("a@b.cn", Err(ErrorCode::InvalidName)),
            ("a＠b.cn", Err(ErrorCode::InvalidName)),
            ("153.1234.5056", Err(ErrorCode::InvalidName)),
            ("＋86．153．123", Err(ErrorCode::InvalidName)),
            ("gx_7", Err(ErrorCode::InvalidName)),
            ("ＧＸ_７", Err(ErrorCode::InvalidName)),
            ("gx_7a", Ok("gx_7a")),
            ("a\u{202e}b", Err(ErrorCode::InvalidName)),
            ("a\u{200b}b", Err(ErrorCode::InvalidName)),
            ("a\nb", Err(ErrorCode::InvalidName)),
            ("\u{3164}", Err(ErrorCode::InvalidName)),
            ("😀", Ok("😀")),
            ("陈\u{34f}睿", Err(ErrorCode::InvalidName)),
            ("❤\u{fe0f}", Err(ErrorCode::InvalidName)),
            ("❤", Ok("❤")),
            ("a\u{17b5}b", Err(ErrorCode::InvalidName)),
            ("👩\u{200d}💻", Err(ErrorCode::InvalidName)),
            ("من\u{200c}ها", Err(ErrorCode::InvalidName)),
            ("a\u{e0100}", Err(ErrorCode::InvalidName)),
            ("a\u{ffff}", Err(ErrorCode::InvalidName)),
            ("\u{301}\u{302}", Err(ErrorCode::InvalidName)),
            ("\u{301}a", Err(ErrorCode::InvalidName)),
            ("q\u{301}", Ok("q\u{301}")),
            ("⠀", Err(ErrorCode::InvalidName)),
        ];
        for (input, expected) in cases {
            assert_eq!(normalize_name(input).as_deref(), expected.as_ref().map(|name| *name), "{input:?}");
        }
    }

    #[test]
    fn name_changes_are_an_interval_apart() {
        // Last change, interval, now, seconds to wait.
        let cases = [
            (0, 100, 50, None),
            (50, 100, 50, Some(100)),
            (50, 100, 149, Some(1)),
            (50, 100, 150, None),
            (50, 0, 50, None),
            (50, 0, 49, None),
            (i64::MAX, i64::MAX, 50, Some(i64::MAX - 50)),
        ];
        for (changed_at, interval, now, wait) in cases {
            assert_eq!(wait_for_change(changed_at, interval, now), wait, "{changed_at} {interval} {now}");
        }
    }

    #[test]
    fn names_equal_after_folding() {
        for (one, other) in [("ABC", "abc"), ("ＡＢＣ", "abc"), ("Straße", "STRASSE"), (" é", "e\u{301}")]
        {
            assert_eq!(fold_name(one), fold_name(other), "{one} {other}");
        }
        assert_ne!(fold_name("甲"), fold_name("乙"));
    }

    fn are_confusable(one: &str, other: &str) -> bool {
        compute_skeletons(one).iter().any(|skeleton| compute_skeletons(other).contains(skeleton))
    }

    #[test]
    fn confusable_names_share_a_skeleton() {
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
            let skeletons = (compute_skeletons(one), compute_skeletons(other));
            assert!(are_confusable(one, other), "{one} {other}: {skeletons:?}");
        }
        for (one, other) in
            [("甲", "乙"), ("admin", "adm"), ("bill", "bail"), ("陈睿", "陈睿1"), ("Ali", "Ale")]
        {
            assert!(!are_confusable(one, other), "{one} {other}");
        }
    }

    #[test]
    fn reserved_names_are_rejected_by_skeleton() {
        let reserved = ReservedNames::parse("\u{feff}# a note\n\n管理员\nadmin\n").unwrap();
        for name in ["admin", "ADMIN", "\u{430}dmin", "a.d-m_i n", "Admin!", "管 理 员", "【管理员】"]
        {
            assert_eq!(reserved.check(name.to_owned()), Err(ErrorCode::InvalidName), "{name}");
        }
        for name in ["管理", "administer", "小管理员", "甲"] {
            assert_eq!(reserved.check(name.to_owned()).as_deref(), Ok(name));
        }
        assert!(ReservedNames::parse("a\n...\n").unwrap_err().contains("line 2"));
    }

    proptest::proptest! {
        #[test]
        fn skeleton_of_skeleton_is_itself(name in "\\PC{0,8}") {
            for skeleton in compute_skeletons(&name) {
                proptest::prop_assert_eq!(compute_skeletons(&skeleton), vec![skeleton]);
            }
        }
    }
}
