//! Neutralizing control characters in texts of others before they reach a terminal.

use std::fmt::Write;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Characters between the parts of an emoji, or of a word in some scripts.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// True if a character would control a terminal or reorder adjacent text.
fn is_unsafe(character: char) -> bool {
    match character.general_category() {
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            true
        }
        GeneralCategory::Format => !JOINERS.contains(&character) && !is_tag(character),
        _ => false,
    }
}

/// True for tag characters, which encode the flags of regions.
fn is_tag(character: char) -> bool {
    ('\u{e0020}'..='\u{e007f}').contains(&character)
}

/// Returns the text on one line. Replaces line breaks and tabs with blanks, and other unsafe characters with `�`.
pub(crate) fn single_line(text: &str) -> String {
    let replaced = |character| match character {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        _ if is_unsafe(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(replaced).collect()
}

/// Escapes unsafe characters in a JSON document. They occur only in strings, so the content remains the same.
pub(crate) fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if !is_unsafe(character) {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // A write into a `String` does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_line_replaces_unsafe_characters() {
        let cases = [
            ("小甲", "小甲"),
            ("a\u{1b}[31mred\u{7}", "a�[31mred�"),
            ("\u{9b}2J", "�2J"),
            ("\u{202e}gnp.exe\u{2066}\u{200f}", "�gnp.exe��"),
            ("one\r\ntwo\tthree\u{2028}four", "one  two three four"),
            ("\u{7f}\u{feff}", "��"),
            ("👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e007f} é", "👩‍👩‍👧 🏴\u{e0067}\u{e0062}\u{e007f} é"),
        ];
        for (text, replaced) in cases {
            assert_eq!(single_line(text), replaced, "{text:?}");
        }
    }

    #[test]
    fn escaped_json_has_the_same_content() {
        let text = "\u{1b}[31m \u{9b}2J \u{202e} \u{e0001} 小甲 👩‍👧 \" \\ \u{7f}";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_json(&json);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        assert_eq!(escaped, r#""\u001b[31m \u009b2J \u202e \udb40\udc01 小甲 👩‍👧 \" \\ \u007f""#);
    }
}
