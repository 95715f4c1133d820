//! How a member looks on a page. Names and signs are anybody's text: templates escape them, `<bdi>` keeps their direction to
//! themselves, and they are cut between what a reader takes for letters.

use crate::images::ImageOrigins;
use guanxi_api::badge::OfficialVerify;
use guanxi_api::listed;
use guanxi_types::Mid;
use unicode_segmentation::UnicodeSegmentation;

/// A picture, or else the first letter of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// Where the picture is; none if a letter stands for it.
    pub src: Option<String>,
    /// The letter.
    pub letter: String,
    /// One of eight colours behind it.
    pub colour: u64,
}

impl Avatar {
    /// The picture of a member, if pages may load it.
    pub fn of(images: &ImageOrigins, mid: Mid, uname: &str, face: &str) -> Avatar {
        let src = images.allow(face).then(|| face.to_owned());
        Avatar { src, letter: first_letter(uname), colour: mid.get() % 8 }
    }
}

/// What a name begins with, as a reader sees it; marks stacked upon it are left out.
fn first_letter(name: &str) -> String {
    let letter = name.graphemes(true).find(|letter| letter.chars().any(char::is_alphanumeric));
    letter.map_or_else(|| "关".to_owned(), |letter| letter.chars().take(2).collect::<String>().to_uppercase())
}

/// A text of at most so many letters, as a reader counts them; `…` stands for what was cut. A letter with more than a few
/// marks on it would reach into the lines about it, and loses them.
pub fn cut(text: &str, most: usize) -> String {
    const MARKS: usize = 8;
    let mut letters = text.graphemes(true);
    let mut kept: String =
        letters.by_ref().take(most).flat_map(|letter| letter.chars().take(MARKS)).collect();
    if letters.next().is_some() {
        kept.push('…');
    }
    kept
}

/// A member as lists and spaces show them.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who.
    pub mid: Mid,
    /// Their name.
    pub uname: String,
    /// Their picture.
    pub portrait: Avatar,
    /// Their sign.
    pub sign: String,
    /// What they are verified as; empty for none.
    pub verified: String,
    /// Whether their VIP is in force.
    pub vip: bool,
}

/// How long a name is shown, and a sign: as long as it may be.
const NAME: usize = 20;
pub(super) const SIGN: usize = guanxi_domain::sign::LENGTH;

impl Shown {
    /// A member of a list.
    pub fn of(images: &ImageOrigins, mid: Mid, face: &listed::Face) -> Shown {
        Shown {
            mid,
            uname: cut(&face.uname, NAME),
            portrait: Avatar::of(images, mid, &face.uname, &face.face),
            sign: cut(&face.sign, SIGN),
            verified: verified(&face.official_verify),
            vip: face.vip.vip_status == 1,
        }
    }
}

/// What somebody is verified as; empty for none.
pub fn verified(verify: &OfficialVerify) -> String {
    match verify.r#type {
        -1 => String::new(),
        _ if verify.desc.is_empty() => "认证用户".to_owned(),
        _ => cut(&verify.desc, 40),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_between_letters() {
        // text, most, what is left
        let cases = [
            ("", 3, ""),
            ("关系", 2, "关系"),
            ("关系链", 2, "关系…"),
            ("👨‍👩‍👧关", 1, "👨‍👩‍👧…"),
            ("e\u{301}a", 1, "e\u{301}…"),
            ("🇨🇳🇨🇳", 1, "🇨🇳…"),
        ];
        for (text, most, left) in cases {
            assert_eq!(cut(text, most), left);
        }
        let heap = format!("a{}", "\u{301}".repeat(1000));
        assert_eq!(cut(&heap, 5).chars().count(), 8);
    }

    #[test]
    fn a_letter_stands_for_a_picture_from_elsewhere() {
        let mid = Mid::new(9).unwrap();
        let images = ImageOrigins::try_from(" https://img.cn, http://c.cn:8080".to_owned()).unwrap();
        // name, face, src, letter
        let cases = [
            ("甲乙", "https://b.cn/a.jpg", None, "甲"),
            ("甲乙", "https://img.cn/a.jpg", Some("https://img.cn/a.jpg"), "甲"),
            ("甲乙", "https://img.cn.b.cn/a.jpg", None, "甲"),
            ("甲乙", "https://img.cn@b.cn/a.jpg", None, "甲"),
            ("bob", "//b.cn/a.jpg", None, "B"),
            ("bob", "/\\b.cn/a.jpg", None, "B"),
            ("…丙", "/faces/9.png", Some("/faces/9.png"), "丙"),
            ("!!!", "javascript:alert(1)", None, "关"),
        ];
        for (name, face, src, letter) in cases {
            let portrait = Avatar::of(&images, mid, name, face);
            assert_eq!(
                (portrait.src.as_deref(), portrait.letter.as_str(), portrait.colour),
                (src, letter, 1)
            );
        }
        assert!(
            images.policy().to_str().unwrap().contains("img-src 'self' https://img.cn http://c.cn:8080;")
        );
    }
}
