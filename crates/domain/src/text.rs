//! Classes of characters in texts: forbidden, ignorable and visible ones.

use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, NoncharacterCodePoint};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Returns true for a control, a line separator, a bidirectional control or a noncharacter. These change the
/// display of the text around them, or are no text.
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}')
        || CodePointSetData::new::<BidiControl>().contains(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

/// Returns true if a text has a [forbidden](is_forbidden) character.
pub fn has_forbidden(text: &str) -> bool {
    text.chars().any(is_forbidden)
}

/// Returns true for a default-ignorable character of Unicode, such as U+034F, U+FE0F, joiners and fillers. Includes
/// the blank braille pattern, a symbol without dots.
pub fn is_ignorable(c: char) -> bool {
    c == '\u{2800}' || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Returns true for a character that is visible by itself: a letter, digit, punctuation or symbol. A mark is not:
/// it needs a character before it.
pub fn is_visible_base(c: char) -> bool {
    let is_visible = !matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Mark
    );
    is_visible && !is_ignorable(c)
}

/// Returns true if a text has at least one [visible base character](is_visible_base).
pub fn is_visible(text: &str) -> bool {
    text.chars().any(is_visible_base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_detected() {
        for c in [
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
            assert!(is_forbidden(c), "{c:?}");
            assert!(has_forbidden(&format!("甲{c}乙")), "{c:?}");
        }
        for text in ["", "甲 a\u{301}1!", "❤\u{fe0f}", "👩\u{200d}💻", "من\u{200c}ها", "\u{3000}", "\u{ad}"]
        {
            assert!(!has_forbidden(text), "{text:?}");
        }
    }

    #[test]
    fn ignorable_characters_are_invisible() {
        for c in [
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
            assert!(is_ignorable(c), "{c:?}");
            assert!(!is_visible(&c.to_string()), "{c:?}");
        }
        for c in ['a', '甲', '😀', '1', ' ', '\u{301}'] {
            assert!(!is_ignorable(c), "{c:?}");
        }
    }

    #[test]
    fn text_is_visible_only_by_base_character() {
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
