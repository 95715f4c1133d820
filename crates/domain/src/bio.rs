//! The bio of a member (`sign` in the API): its rules, and when a submission takes effect (D29).

use aho_corasick::AhoCorasick;
use caseless::Caseless;
use guanxi_types::ErrorCode;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{EmojiStatus, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};

/// The maximum length of a bio, in Unicode scalar values after NFC.
pub const MAX_BIO_CHARS: usize = 70;

/// The operator's list of sensitive words.
#[derive(Clone, Debug)]
pub struct SensitiveWords {
    /// Words of letters and digits. Matching ignores all other characters between them.
    plain: AhoCorasick,
    /// Words with symbols, such as `C++`. Matching ignores only blanks and punctuation.
    with_symbols: AhoCorasick,
}

impl SensitiveWords {
    /// Parses a list with one word a line. Empty lines and lines that start with `#` are skipped. The error names a
    /// line without letters, digits and symbols.
    pub fn parse(text: &str) -> Result<SensitiveWords, String> {
        let (mut plain, mut with_symbols) = (Vec::new(), Vec::new());
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let word = normalize_for_matching(line, true);
            if word.is_empty() {
                return Err(format!("line {number}: {line:?} has nothing but blanks and punctuation"));
            }
            if word == normalize_for_matching(line, false) {
                plain.push(word);
            } else {
                with_symbols.push(word);
            }
        }
        let build = |words: Vec<String>| AhoCorasick::new(words).map_err(|error| error.to_string());
        Ok(SensitiveWords { plain: build(plain)?, with_symbols: build(with_symbols)? })
    }

    fn is_match(&self, text: &str) -> bool {
        self.plain.is_match(&normalize_for_matching(text, false))
            || self.with_symbols.is_match(&normalize_for_matching(text, true))
    }
}

/// Returns the form of a text in which words are searched: NFKC, case folded, without characters that can hide a
/// word. Removed are blanks, fillers, punctuation, marks that are no letters, and symbols unless `keep_symbols`.
fn normalize_for_matching(text: &str, keep_symbols: bool) -> String {
    let is_filler = |c: &char| matches!(c, '\u{115f}' | '\u{1160}');
    let is_kept = |c: &char| {
        c.is_alphanumeric() || keep_symbols && c.general_category_group() == GeneralCategoryGroup::Symbol
    };
    text.nfkc().default_case_fold().nfkc().filter(|c| is_kept(c) && !is_filler(c)).collect()
}

/// Returns the normal form of a bio, or the first error of 40015, 40021, 40022.
pub fn check_bio(input: &str, words: &SensitiveWords) -> Result<String, ErrorCode> {
    if words.is_match(input) {
        return Err(ErrorCode::BioSensitiveWord);
    }
    normalize_bio(input)
}

/// Returns the normal form of a bio without a check of sensitive words, or error 40021 or 40022.
pub fn normalize_bio(input: &str) -> Result<String, ErrorCode> {
    let bio: String = input.nfc().collect();
    if has_emoji(&bio) {
        return Err(ErrorCode::BioHasEmoji);
    }
    if bio.chars().count() > MAX_BIO_CHARS {
        return Err(ErrorCode::BioTooLong);
    }
    Ok(bio)
}

/// The selector of the text form of the preceding character.
const TEXT_SELECTOR: char = '\u{fe0e}';
/// The selector of the emoji form of the preceding character.
const EMOJI_SELECTOR: char = '\u{fe0f}';
/// The mark that draws a key around the preceding character.
const KEYCAP: char = '\u{20e3}';

/// True if a text has a character in emoji form: 😀 ❤️ 1️⃣ 🇨🇳, not ☆ ♥ ©.
fn has_emoji(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let is_emoji = match next {
            Some(TEXT_SELECTOR) => false,
            Some(EMOJI_SELECTOR) => c.is_emoji_char(),
            _ => is_emoji_by_default(c),
        };
        if is_emoji || c == KEYCAP {
            return true;
        }
    }
    false
}

fn is_emoji_by_default(c: char) -> bool {
    matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    )
}

/// The review of submitted bios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewPolicy {
    /// A bio takes effect this many seconds after its submission.
    Delay(i64),
    /// A bio takes effect when a moderator approves it.
    Moderator,
}

impl ReviewPolicy {
    /// Returns the second from which a bio submitted at `now` takes effect. `None` if a moderator decides.
    pub fn due_at(self, now: i64) -> Option<i64> {
        match self {
            ReviewPolicy::Delay(delay) => Some(now.saturating_add(delay)),
            ReviewPolicy::Moderator => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bios_are_normalized_or_rejected() {
        let words = SensitiveWords::parse("# a note\n\n代开发票\nSpam Word\nC++\n").unwrap();
        let max_length = "字".repeat(70);
        let too_long = "字".repeat(71);
        let composed = "e\u{301}".repeat(70);
        let cases = [
            ("高中技术宅一枚,爱好MC&电子&8-bit音乐&数码&编程,资深猿厨,粉丝群:1136462265", Ok(())),
            ("☆ ♥ © ™ ▶ # 1 * →", Ok(())),
            ("⌚\u{fe0e} as text", Ok(())),
            (&max_length, Ok(())),
            (&composed, Ok(())),
            (&too_long, Err(ErrorCode::BioTooLong)),
            ("😀", Err(ErrorCode::BioHasEmoji)),
            ("I ❤\u{fe0f} it", Err(ErrorCode::BioHasEmoji)),
            ("1\u{fe0f}\u{20e3}", Err(ErrorCode::BioHasEmoji)),
            ("1\u{20e3}", Err(ErrorCode::BioHasEmoji)),
            ("🇨🇳", Err(ErrorCode::BioHasEmoji)),
            ("👨‍👩‍👧", Err(ErrorCode::BioHasEmoji)),
            ("☝🏻", Err(ErrorCode::BioHasEmoji)),
            ("⌚", Err(ErrorCode::BioHasEmoji)),
            ("专业代开发票", Err(ErrorCode::BioSensitiveWord)),
            ("代 开-发。票", Err(ErrorCode::BioSensitiveWord)),
            ("ｓｐａｍ ＷＯＲＤ", Err(ErrorCode::BioSensitiveWord)),
            ("sPaM_wOrD", Err(ErrorCode::BioSensitiveWord)),
            ("代\u{200b}开发票", Err(ErrorCode::BioSensitiveWord)),
            ("代\u{fe0f}开\u{336}发\u{3164}票", Err(ErrorCode::BioSensitiveWord)),
            ("代+开=发|票", Err(ErrorCode::BioSensitiveWord)),
            ("c + +", Err(ErrorCode::BioSensitiveWord)),
            ("a cat", Ok(())),
            ("代开", Ok(())),
            // The precedence of the codes: 40015, 40021, 40022.
            (&format!("{too_long}😀代开发票"), Err(ErrorCode::BioSensitiveWord)),
            (&format!("{too_long}😀"), Err(ErrorCode::BioHasEmoji)),
        ];
        for (bio, expected) in cases {
            assert_eq!(check_bio(bio, &words).map(|_| ()), expected, "{bio}");
        }
    }

    #[test]
    fn empty_sensitive_word_is_rejected() {
        assert_eq!(
            SensitiveWords::parse("a\n---\n").unwrap_err(),
            "line 2: \"---\" has nothing but blanks and punctuation"
        );
    }

    #[test]
    fn bio_is_normalized_to_nfc() {
        let no_words = SensitiveWords::parse("").unwrap();
        assert_eq!(check_bio("e\u{301}", &no_words).as_deref(), Ok("é"));
    }

    #[test]
    fn bio_is_due_after_delay() {
        assert_eq!(ReviewPolicy::Delay(60).due_at(100), Some(160));
        assert_eq!(ReviewPolicy::Moderator.due_at(100), None);
    }
}
