//! Members' pictures, names and bios on pages.
//!
//! Names and bios are untrusted text: templates escape them, `<bdi>` isolates their text direction, and truncation
//! cuts between graphemes.

use super::language::Language;
use crate::image_policy::ImageOrigins;
use crate::to_api;
use guanxi_api::badge::OfficialVerify;
use guanxi_domain::picture::{PicturePath, SIZES};
use guanxi_storage::model::Card;
use guanxi_types::Mid;
use unicode_segmentation::UnicodeSegmentation;

/// A picture, or the initial of the name as its substitute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// URL of the picture; `None` if the initial is shown instead.
    pub src: Option<String>,
    /// The initial.
    pub initial: String,
    /// Background colour of the initial, 0 to 7.
    pub colour: u64,
}

impl Avatar {
    /// Builds the avatar of a member as lists show it. The initial replaces a picture whose origin the image policy
    /// does not allow.
    pub fn new(images: &ImageOrigins, mid: Mid, uname: &str, face: &str) -> Avatar {
        Avatar::with_size(images, mid, uname, face, SIZES[0])
    }

    /// Builds the large avatar at the head of a page.
    pub fn large(images: &ImageOrigins, mid: Mid, uname: &str, face: &str) -> Avatar {
        Avatar::with_size(images, mid, uname, face, SIZES[1])
    }

    fn with_size(images: &ImageOrigins, mid: Mid, uname: &str, face: &str, size: u32) -> Avatar {
        let of_size = PicturePath::parse(face).map(|path| path.with_size(size).to_string());
        let src = of_size.or_else(|| images.allows(face).then(|| face.to_owned()));
        Avatar { src, initial: initial(uname), colour: mid.get() % 8 }
    }
}

/// Returns the first alphanumeric grapheme of a name in upper case, limited to two characters.
fn initial(name: &str) -> String {
    let first = name.graphemes(true).find(|grapheme| grapheme.chars().any(char::is_alphanumeric));
    first.map_or_else(|| "关".to_owned(), |first| first.chars().take(2).collect::<String>().to_uppercase())
}

/// Truncates a text to `max` graphemes and marks the cut with `…`. Combining marks beyond a few per grapheme are
/// dropped, since they would overlap the neighbouring lines.
pub fn truncate_graphemes(text: &str, max: usize) -> String {
    const MAX_CHARS_PER_GRAPHEME: usize = 8;
    let mut graphemes = text.graphemes(true);
    let kept = graphemes.by_ref().take(max);
    let mut truncated: String =
        kept.flat_map(|grapheme| grapheme.chars().take(MAX_CHARS_PER_GRAPHEME)).collect();
    if graphemes.next().is_some() {
        truncated.push('…');
    }
    truncated
}

/// A member as lists and spaces show them.
#[derive(Clone, Debug)]
pub struct MemberSummary {
    /// Id of the member.
    pub mid: Mid,
    /// Name, truncated for display.
    pub uname: String,
    /// Picture or initial.
    pub avatar: Avatar,
    /// Bio, truncated for display.
    pub bio: String,
    /// Verification label; empty if the member is not verified.
    pub verification: String,
    /// True if the member's VIP is active.
    pub has_vip: bool,
}

/// Displayed length of a name.
pub(super) const NAME_MAX_GRAPHEMES: usize = 20;
/// Displayed length of a bio: the longest that a member may submit.
pub(super) const BIO_MAX_GRAPHEMES: usize = guanxi_domain::bio::MAX_BIO_CHARS;

impl MemberSummary {
    /// Builds the summary of a listed member.
    pub fn new(images: &ImageOrigins, card: &Card, language: Language) -> MemberSummary {
        MemberSummary {
            mid: card.mid,
            uname: truncate_graphemes(&card.uname, NAME_MAX_GRAPHEMES),
            avatar: Avatar::new(images, card.mid, &card.uname, &card.face),
            bio: truncate_graphemes(&card.sign, BIO_MAX_GRAPHEMES),
            verification: verification_label(&to_api::official_verify(&card.official), language),
            has_vip: card.vip.status == to_api::VIP_ACTIVE,
        }
    }
}

/// Returns the verification label; empty if the member is not verified.
pub fn verification_label(verify: &OfficialVerify, language: Language) -> String {
    match verify.r#type {
        -1 => String::new(),
        _ if verify.desc.is_empty() => language.text("verified").to_string(),
        _ => truncate_graphemes(&verify.desc, 40),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_truncated_between_graphemes() {
        // text, max, expected
        let cases = [
            ("", 3, ""),
            ("关系", 2, "关系"),
            ("关系链", 2, "关系…"),
            ("👨‍👩‍👧关", 1, "👨‍👩‍👧…"),
            ("e\u{301}a", 1, "e\u{301}…"),
            ("🇨🇳🇨🇳", 1, "🇨🇳…"),
        ];
        for (text, max, expected) in cases {
            assert_eq!(truncate_graphemes(text, max), expected);
        }
        let stacked = format!("a{}", "\u{301}".repeat(1000));
        assert_eq!(truncate_graphemes(&stacked, 5).chars().count(), 8);
    }

    #[test]
    fn avatar_of_disallowed_origin_is_an_initial() {
        let mid = Mid::new(9).unwrap();
        let images = ImageOrigins::try_from(" https://img.cn, http://c.cn:8080".to_owned()).unwrap();
        // name, face, src, initial
        let cases = [
            ("甲乙", "https://b.cn/a.jpg", None, "甲"),
            ("甲乙", "https://img.cn/a.jpg", Some("https://img.cn/a.jpg"), "甲"),
            ("甲乙", "https://img.cn.b.cn/a.jpg", None, "甲"),
            ("甲乙", "https://img.cn@b.cn/a.jpg", None, "甲"),
            ("bob", "//b.cn/a.jpg", None, "B"),
            ("bob", "/\\b.cn/a.jpg", None, "B"),
            ("…丙", "/faces/9.png", Some("/faces/9.png"), "丙"),
            ("!!!", "javascript:alert(1)", None, "关"),
            ("丁", "/face/9/00000000000000ab/256.jpg", Some("/face/9/00000000000000ab/96.jpg"), "丁"),
        ];
        for (name, face, src, initial) in cases {
            let avatar = Avatar::new(&images, mid, name, face);
            assert_eq!((avatar.src.as_deref(), avatar.initial.as_str(), avatar.colour), (src, initial, 1));
        }
        assert!(
            images
                .content_security_policy()
                .to_str()
                .unwrap()
                .contains("img-src 'self' https://img.cn http://c.cn:8080;")
        );
    }
}
