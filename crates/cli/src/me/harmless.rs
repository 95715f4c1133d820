//! Texts of others that come to a terminal: names, signs, whatever a service says.

use std::fmt::Write;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Between the parts of one emoji, or of one word in some scripts.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Whether a letter would do something to a terminal, or to the order of what stands beside it, in place of being shown.
fn acts(letter: char) -> bool {
    match letter.general_category() {
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            true
        }
        GeneralCategory::Format => !JOINERS.contains(&letter) && !is_tag(letter),
        _ => false,
    }
}

/// What the flags of some countries' parts are written with.
fn is_tag(letter: char) -> bool {
    ('\u{e0020}'..='\u{e007f}').contains(&letter)
}

/// A text on one line that does nothing but be shown. What would do more is a blank, or `�`.
pub(crate) fn line(text: &str) -> String {
    let shown = |letter| match letter {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        _ if acts(letter) => char::REPLACEMENT_CHARACTER,
        _ => letter,
    };
    text.chars().map(shown).collect()
}

/// A JSON document that says the same and does nothing more: JSON has such letters within texts alone, and there they may be
/// told by number.
pub(crate) fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for letter in document.chars() {
        if !acts(letter) {
            out.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // A string takes whatever is written.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_not_told() {
        let cases = [
            ("小甲", "小甲"),
            ("a\u{1b}[31mred\u{7}", "a�[31mred�"),
            ("\u{9b}2J", "�2J"),
            ("\u{202e}gnp.exe\u{2066}\u{200f}", "�gnp.exe��"),
            ("one\r\ntwo\tthree\u{2028}four", "one  two three four"),
            ("\u{7f}\u{feff}", "��"),
            ("👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e007f} é", "👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e007f} é"),
        ];
        for (text, shown) in cases {
            assert_eq!(line(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_document_says_the_same() {
        let text = "\u{1b}[31m \u{9b}2J \u{202e} \u{e0001} 小甲 👩‍👧 \" \\ \u{7f}";
        let document = serde_json::to_string(text).unwrap();
        let told = json(&document);
        assert_eq!(serde_json::from_str::<String>(&told).unwrap(), text);
        assert_eq!(told, r#""\u001b[31m \u009b2J \u202e \udb40\udc01 小甲 👩‍👧 \" \\ \u007f""#);
    }
}
