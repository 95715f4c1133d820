//! What a sign may be, and when it is shown (8, D29).

use aho_corasick::AhoCorasick;
use caseless::Caseless;
use guanxi_types::ErrorCode;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{EmojiStatus, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};

/// The most characters of a sign: Unicode scalar values after NFC.
pub const LENGTH: usize = 70;

/// The operator's list of sensitive words.
#[derive(Clone, Debug)]
pub struct Words {
    /// Those of letters and digits alone: whatever else stands between them is passed over.
    plain: AhoCorasick,
    /// Those with symbols in them, such as `C++`: only blanks and punctuation are passed over.
    symbols: AhoCorasick,
}

impl Words {
    /// The list in a text of one word a line; empty lines and those that start with `#` say nothing. A line without
    /// anything to look for is named.
    pub fn parse(text: &str) -> Result<Words, String> {
        let (mut plain, mut symbols) = (Vec::new(), Vec::new());
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let word = bare(line, true);
            if word.is_empty() {
                return Err(format!("line {number}: {line:?} has nothing but blanks and punctuation"));
            }
            if word == bare(line, false) { plain.push(word) } else { symbols.push(word) }
        }
        let build = |words: Vec<String>| AhoCorasick::new(words).map_err(|error| error.to_string());
        Ok(Words { plain: build(plain)?, symbols: build(symbols)? })
    }

    fn are_in(&self, text: &str) -> bool {
        self.plain.is_match(&bare(text, false)) || self.symbols.is_match(&bare(text, true))
    }
}

/// A text as words are looked for in it: NFKC, case folded, without what can be put between its characters: blanks and
/// fillers, punctuation, marks that are no letters, and symbols unless they are to be kept.
fn bare(text: &str, symbols: bool) -> String {
    let filler = |letter: &char| matches!(letter, '\u{115f}' | '\u{1160}');
    let kept = |letter: &char| {
        letter.is_alphanumeric() || symbols && letter.general_category_group() == GeneralCategoryGroup::Symbol
    };
    text.nfkc().default_case_fold().nfkc().filter(|letter| kept(letter) && !filler(letter)).collect()
}

/// A sign as it is kept, or why not, in the order the refusals win: 40015, 40021, 40022.
pub fn check(given: &str, words: &Words) -> Result<String, ErrorCode> {
    if words.are_in(given) {
        return Err(ErrorCode::SignSensitive);
    }
    form(given)
}

/// A sign as it is kept whatever words are sensitive, or why not: 40021, 40022.
pub fn form(given: &str) -> Result<String, ErrorCode> {
    let sign: String = given.nfc().collect();
    if has_emoji(&sign) {
        return Err(ErrorCode::SignEmoji);
    }
    if sign.chars().count() > LENGTH {
        return Err(ErrorCode::SignTooLong);
    }
    Ok(sign)
}

/// Asks for the text form, or the picture, of the character before it; the third draws a key about it.
const AS_TEXT: char = '\u{fe0e}';
const AS_PICTURE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Whether anything in it is shown as a picture: 😀 ❤️ 1️⃣ 🇨🇳, not ☆ ♥ ©.
fn has_emoji(text: &str) -> bool {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let picture = match next {
            Some(AS_TEXT) => false,
            Some(AS_PICTURE) => letter.is_emoji_char(),
            _ => is_picture_by_itself(letter),
        };
        if picture || letter == KEYCAP {
            return true;
        }
    }
    false
}

fn is_picture_by_itself(letter: char) -> bool {
    matches!(
        letter.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    )
}

/// When a submitted sign takes the old one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// So many seconds after it was submitted.
    After(i64),
    /// When a moderator says so.
    Moderator,
}

impl Review {
    /// The second from which a sign submitted at `now` is due, if the clock alone decides.
    pub fn due(self, now: i64) -> Option<i64> {
        match self {
            Review::After(delay) => Some(now.saturating_add(delay)),
            Review::Moderator => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs() {
        let words = Words::parse("# a note\n\n代开发票\nSpam Word\nC++\n").unwrap();
        let fits = "字".repeat(70);
        let long = "字".repeat(71);
        let composed = "e\u{301}".repeat(70);
        let cases = [
            ("高中技术宅一枚,爱好MC&电子&8-bit音乐&数码&编程,资深猿厨,粉丝群:1136462265", Ok(())),
            ("☆ ♥ © ™ ▶ # 1 * →", Ok(())),
            ("⌚\u{fe0e} as text", Ok(())),
            (&fits, Ok(())),
            (&composed, Ok(())),
            (&long, Err(ErrorCode::SignTooLong)),
            ("😀", Err(ErrorCode::SignEmoji)),
            ("I ❤\u{fe0f} it", Err(ErrorCode::SignEmoji)),
            ("1\u{fe0f}\u{20e3}", Err(ErrorCode::SignEmoji)),
            ("1\u{20e3}", Err(ErrorCode::SignEmoji)),
            ("🇨🇳", Err(ErrorCode::SignEmoji)),
            ("👨‍👩‍👧", Err(ErrorCode::SignEmoji)),
            ("☝🏻", Err(ErrorCode::SignEmoji)),
            ("⌚", Err(ErrorCode::SignEmoji)),
            ("专业代开发票", Err(ErrorCode::SignSensitive)),
            ("代 开-发。票", Err(ErrorCode::SignSensitive)),
            ("ｓｐａｍ ＷＯＲＤ", Err(ErrorCode::SignSensitive)),
            ("sPaM_wOrD", Err(ErrorCode::SignSensitive)),
            ("代\u{200b}开发票", Err(ErrorCode::SignSensitive)),
            ("代\u{fe0f}开\u{336}发\u{3164}票", Err(ErrorCode::SignSensitive)),
            ("代+开=发|票", Err(ErrorCode::SignSensitive)),
            ("c + +", Err(ErrorCode::SignSensitive)),
            ("a cat", Ok(())),
            ("代开", Ok(())),
            // The order they win: 40015, 40021, 40022.
            (&format!("{long}😀代开发票"), Err(ErrorCode::SignSensitive)),
            (&format!("{long}😀"), Err(ErrorCode::SignEmoji)),
        ];
        for (sign, expected) in cases {
            assert_eq!(check(sign, &words).map(|_| ()), expected, "{sign}");
        }
    }

    #[test]
    fn a_word_of_nothing_is_named() {
        assert_eq!(
            Words::parse("a\n---\n").unwrap_err(),
            "line 2: \"---\" has nothing but blanks and punctuation"
        );
    }

    #[test]
    fn a_sign_is_kept_composed() {
        let none = Words::parse("").unwrap();
        assert_eq!(check("e\u{301}", &none).as_deref(), Ok("é"));
    }

    #[test]
    fn when_a_sign_is_due() {
        assert_eq!(Review::After(60).due(100), Some(160));
        assert_eq!(Review::Moderator.due(100), None);
    }
}
