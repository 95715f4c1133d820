//! Characters of the texts that people read: those that no text has, and those of which nothing is seen.

use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, NoncharacterCodePoint};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Returns true for a control, a line separator, a bidirectional control or a noncharacter. They change how the text about
/// them is shown, or are no text at all.
pub fn is_forbidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}')
        || CodePointSetData::new::<BidiControl>().contains(letter)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(letter)
}

/// Returns true if a text has a [forbidden](is_forbidden) character.
pub fn has_forbidden(text: &str) -> bool {
    text.chars().any(is_forbidden)
}

/// Returns true for a character that Unicode lets programs show nothing of, such as U+034F, U+FE0F, joiners and fillers.
/// The blank braille pattern is one of them here: it is a symbol without dots.
pub fn is_ignorable(letter: char) -> bool {
    letter == '\u{2800}' || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
}

/// Returns true for a character that is seen by itself: a letter, a digit, punctuation or a symbol. A mark needs a
/// character before it.
pub fn is_visible_base(letter: char) -> bool {
    let seen = !matches!(
        letter.general_category_group(),
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Mark
    );
    seen && !is_ignorable(letter)
}

/// Returns true if something of a text is seen: at least one [visible base character](is_visible_base).
pub fn is_visible(text: &str) -> bool {
    text.chars().any(is_visible_base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters() {
        for letter in [
            '\0',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9f}',
            '\u{61c}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{fdd0}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{10ffff}',
        ] {
            assert!(is_forbidden(letter), "{letter:?}");
            assert!(has_forbidden(&format!("甲{letter}乙")), "{letter:?}");
        }
        for text in ["", "甲 a\u{301}1!", "❤\u{fe0f}", "👩\u{200d}💻", "من\u{200c}ها", "\u{3000}", "\u{ad}"]
        {
            assert!(!has_forbidden(text), "{text:?}");
        }
    }

    #[test]
    fn ignorable_characters() {
        for letter in [
            '\u{34f}',
            '\u{ad}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{17b5}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{2060}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e0001}',
            '\u{e0100}',
        ] {
            assert!(is_ignorable(letter), "{letter:?}");
            assert!(!is_visible(&letter.to_string()), "{letter:?}");
        }
        for letter in ['a', '甲', '😀', '1', ' ', '\u{301}'] {
            assert!(!is_ignorable(letter), "{letter:?}");
        }
    }

    #[test]
    fn a_text_is_visible_by_a_base_character_alone() {
        let cases = [
            ("甲", true),
            ("é", true),
            ("e\u{301}", true),
            ("...", true),
            ("😀", true),
            ("❤\u{fe0f}", true),
            (" \u{3000}a", true),
            ("", false),
            (" \u{a0}\u{3000}", false),
            ("\u{301}\u{20dd}", false),
            ("\u{e000}", false),
            ("\u{200b}\u{3164}", false),
        ];
        for (text, visible) in cases {
            assert_eq!(is_visible(text), visible, "{text:?}");
        }
    }
}
