//! The index by which members are found by a part of their name or by pinyin: its entries, and the scans of a search.
//!
//! An entry is a text that a search may begin: the folded name from any of its characters on, the pinyin initials from
//! any character on, and the pinyin of the whole name. A search is a prefix of such a text, so it reads a range of the
//! index, and the engine decides how many entries.

use crate::{name, text};
use pinyin::ToPinyinMulti;
use std::collections::BTreeSet;

/// The maximum length of an entry's text, in bytes. It holds 16 characters of any name.
pub const MAX_TEXT_BYTES: usize = 64;

/// The number of readings of a character that are indexed, the most common ones.
const MAX_READINGS: usize = 3;

/// The number of spellings of a text that are indexed. The readings of its first characters count before those of
/// later ones.
const MAX_SPELLINGS: usize = 8;

/// The kind of an entry. Its number is stored. The names of officially verified members come first in an order by
/// kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum EntryKind {
    /// The name of a verified member.
    OfficialStart,
    /// The name of another member.
    Start,
    /// Pinyin of the name of a verified member.
    OfficialPinyinStart,
    /// Pinyin of the name of another member.
    PinyinStart,
    /// The name from a later character on.
    Inside,
    /// Pinyin initials from a later character on.
    PinyinInside,
}

/// An entry of the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameEntry {
    /// The kind.
    pub kind: EntryKind,
    /// The text, at most [`MAX_TEXT_BYTES`] bytes without controls.
    pub text: String,
}

/// Returns the entries of a member's name.
pub fn entries(uname: &str, is_official: bool) -> BTreeSet<NameEntry> {
    let (start, pinyin_start) = if is_official {
        (EntryKind::OfficialStart, EntryKind::OfficialPinyinStart)
    } else {
        (EntryKind::Start, EntryKind::PinyinStart)
    };
    let mut entries = BTreeSet::new();
    let mut add = |kind, text: &str| {
        entries.insert(NameEntry { kind, text: truncated(text).to_owned() });
    };
    let folded = folded(uname);
    for (offset, c) in folded.char_indices() {
        match offset {
            0 => add(start, &folded),
            _ if text::is_visible_base(c) => add(EntryKind::Inside, &folded[offset..]),
            _ => (),
        }
    }
    let characters: Vec<Spelled> = folded.chars().filter_map(Spelled::new).collect();
    let last = characters.iter().rposition(|character| character.is_han);
    for first in 0..last.map_or(0, |last| last + 1) {
        let kind = if first == 0 { pinyin_start } else { EntryKind::PinyinInside };
        let initials = characters[first..].iter().map(|character| &character.initials);
        for spelling in spellings(initials) {
            add(kind, &spelling);
        }
    }
    if last.is_some() {
        let syllables = characters.iter().map(|character| &character.syllables);
        for spelling in spellings(syllables) {
            add(pinyin_start, &spelling);
        }
    }
    entries
}

/// The spellings of a character of a name, the most common ones first.
struct Spelled {
    is_han: bool,
    syllables: Vec<String>,
    initials: Vec<String>,
}

impl Spelled {
    /// Returns the spellings of a character: its pinyin, or itself. `None` for blanks and punctuation.
    fn new(c: char) -> Option<Spelled> {
        let Some(readings) = c.to_pinyin_multi() else {
            let itself = || vec![c.to_string()];
            return c.is_alphanumeric().then(|| Spelled {
                is_han: false,
                syllables: itself(),
                initials: itself(),
            });
        };
        let (mut syllables, mut initials): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for reading in readings.into_iter().take(MAX_READINGS) {
            // Keyboards have no ü.
            let syllable = reading.plain().replace('ü', "v");
            let initial: String = syllable.chars().take(1).collect();
            if !initials.contains(&initial) {
                initials.push(initial);
            }
            if !syllables.contains(&syllable) {
                syllables.push(syllable);
            }
        }
        Some(Spelled { is_han: true, syllables, initials })
    }
}

/// Returns the spellings of consecutive characters, at most [`MAX_SPELLINGS`]. The most common one comes first.
fn spellings<'s>(characters: impl Iterator<Item = &'s Vec<String>>) -> Vec<String> {
    let mut spellings = vec![String::new()];
    for readings in characters {
        let room = (MAX_SPELLINGS / spellings.len()).max(1);
        let extend = |reading| spellings.iter().map(move |spelling| format!("{spelling}{reading}"));
        spellings = readings.iter().take(room).flat_map(extend).collect();
    }
    spellings
}

/// A range of the index that a search reads, in the order of texts and members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameScan {
    /// The kind of the entries.
    pub kind: EntryKind,
    /// The least text.
    pub from: String,
    /// The text before which the range ends.
    pub end: String,
    /// The rank of the found members: 0 for the exact name, then names that begin with the text, then others.
    pub rank: u8,
}

/// Returns the scans of a search, best matches first. None if the text has no visible character.
pub fn scans(text: &str) -> Vec<NameScan> {
    let folded = folded(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let (text, is_ascii) = (words.join(" "), folded.is_ascii());
    let text = truncated(&text);
    if !text::is_visible(text) {
        return Vec::new();
    }
    // No text has a control or a noncharacter.
    let scan = |kind, rank, text: &str, last: char| {
        let (from, end) = (text.to_owned(), format!("{text}{last}"));
        NameScan { kind, from, end, rank }
    };
    let prefix = |kind, rank, text| scan(kind, rank, text, char::MAX);
    let mut scans = vec![
        scan(EntryKind::Start, 0, text, '\u{1}'),
        prefix(EntryKind::OfficialStart, 1, text),
        prefix(EntryKind::Start, 1, text),
        prefix(EntryKind::Inside, 3, text),
    ];
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    if is_ascii && letters.contains(|c: char| c.is_ascii_alphabetic()) {
        scans.extend([
            prefix(EntryKind::OfficialPinyinStart, 2, &letters),
            prefix(EntryKind::PinyinStart, 2, &letters),
            prefix(EntryKind::PinyinInside, 4, &letters),
        ]);
        scans.sort_by_key(|scan| scan.rank);
    }
    scans
}

fn folded(text: &str) -> String {
    let mut folded = name::fold_name(text);
    folded.retain(|c| !c.is_control());
    folded
}

/// Returns the characters of a text within [`MAX_TEXT_BYTES`].
fn truncated(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(uname: &str, kind: EntryKind) -> Vec<String> {
        entries(uname, false).into_iter().filter(|entry| entry.kind == kind).map(|entry| entry.text).collect()
    }

    #[test]
    fn entries_are_suffixes_initials_and_pinyin() {
        let cases: [(&str, [&[&str]; 4]); 6] = [
            ("陈睿", [&["陈睿"], &["chenrui", "cr"], &["睿"], &["r"]]),
            ("Ab 明", [&["ab 明"], &["abm", "abmeng", "abming"], &["b 明", "明"], &["bm", "m"]]),
            ("绿_a", [&["绿_a"], &["la", "lua", "lva"], &["_a", "a"], &[]]),
            ("e\u{301}x", [&["éx"], &[], &["x"], &[]]),
            ("q\u{301}x", [&["q\u{301}x"], &[], &["x"], &[]]),
            ("ＡＢ", [&["ab"], &[], &["b"], &[]]),
        ];
        let kinds = [EntryKind::Start, EntryKind::PinyinStart, EntryKind::Inside, EntryKind::PinyinInside];
        for (uname, expected) in cases {
            assert_eq!(kinds.map(|kind| texts(uname, kind)), expected.map(<[&str]>::to_vec), "{uname}");
        }
    }

    #[test]
    fn entries_have_common_readings_of_a_character() {
        for (uname, typed) in
            [("单田芳", "stf"), ("解晓东", "xxd"), ("乐嘉", "yj"), ("重庆", "chongqing"), ("曾单", "cs")]
        {
            let found = texts(uname, EntryKind::PinyinStart);
            assert!(found.iter().any(|text| text.starts_with(typed)), "{uname}: {found:?}");
        }
    }

    #[test]
    fn entries_of_any_name_are_bounded() {
        for uname in ["单".repeat(16), "😀".repeat(16), "ﷺ".repeat(16), "a".repeat(300)] {
            let entries = entries(&uname, true);
            assert!(entries.len() <= 300, "{uname}: {}", entries.len());
            assert!(entries.iter().all(|entry| entry.text.len() <= MAX_TEXT_BYTES), "{uname}");
        }
        assert!(entries(&"单".repeat(16), false).len() <= 16 * (MAX_SPELLINGS + 1) + MAX_SPELLINGS);
        assert!(entries("", true).is_empty());
    }

    /// Returns the rank of a name among the results of a search.
    fn rank(uname: &str, is_official: bool, text: &str) -> Option<u8> {
        let entries = entries(uname, is_official);
        let finds = |scan: &NameScan| {
            let is_found =
                |entry: &NameEntry| entry.kind == scan.kind && (&scan.from..&scan.end).contains(&&entry.text);
            entries.iter().any(is_found)
        };
        scans(text).iter().find(|scan| finds(scan)).map(|scan| scan.rank)
    }

    #[test]
    fn search_ranks_names() {
        for (uname, text, expected) in [
            ("陈睿", "陈睿", Some(0)),
            ("陈睿", " 陈", Some(1)),
            ("陈睿", "睿", Some(3)),
            ("陈睿", "cr", Some(2)),
            ("陈睿", "CR", Some(2)),
            ("陈睿", "chen r", Some(2)),
            ("陈睿", "chr", None),
            ("陈睿", "rui", None),
            ("陈睿", "r", Some(4)),
            ("陈睿", "睿陈", None),
            ("Bob Lee", "lee", Some(3)),
            ("Bob Lee", "bob  l", Some(1)),
            ("Straße", "STRASSE", Some(0)),
            ("甲12", "12", Some(3)),
            ("甲12", "", None),
            ("甲12", "\u{200b} ", None),
            ("甲", "甲\u{0}", Some(0)),
        ] {
            assert_eq!(rank(uname, false, text), expected, "{uname} {text:?}");
        }
        assert_eq!([rank("陈睿", true, "陈"), rank("陈睿", true, "cr")], [Some(1), Some(2)]);
    }

    proptest::proptest! {
        #[test]
        fn every_part_of_a_name_is_found(uname in "[a-zA-Z一-龥]{1,16}", from in 0..16usize, len in 1..16usize) {
            let part: String = uname.chars().skip(from).take(len).collect();
            proptest::prop_assert_eq!(rank(&uname, false, &part).is_some(), !part.is_empty());
        }
    }
}
