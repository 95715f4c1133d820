//! Rows as the wire shows them.

use crate::answer::{ApiError, PreEncoded};
use guanxi_api::api::web_interface::card::LevelInfo;
use guanxi_api::badge::{Nameplate, Official, Pendant, Vip, VipLabel};
use guanxi_api::listed::{self, Grouped};
use guanxi_domain::{level, tie};
use guanxi_storage::row;
use guanxi_storage::store::{Entry, Page, Space};
use std::borrow::Cow;

/// A page of a list. Members without a picture of their own have the service's, at the address that `picture` tells (D40).
pub fn page<'a>(
    page: &Page,
    picture: impl FnOnce() -> Cow<'a, str>,
) -> Result<PreEncoded<listed::Page>, ApiError> {
    let missing = missing(page);
    let picture = if missing > 0 { picture() } else { Cow::Borrowed("") };
    PreEncoded::written(room(page) + missing * picture.len(), |out| {
        out.extend_from_slice(b"{\"list\":");
        list(out, page, &picture, listed)?;
        number(out, ",\"re_version\":", page.version);
        number(out, ",\"total\":", page.total);
        out.push(b'}');
        Ok(())
    })
}

/// A page of a group, likewise.
pub fn group<'a>(
    page: &Page,
    picture: impl FnOnce() -> Cow<'a, str>,
) -> Result<PreEncoded<Vec<Grouped>>, ApiError> {
    let missing = missing(page);
    let picture = if missing > 0 { picture() } else { Cow::Borrowed("") };
    PreEncoded::written(room(page) + missing * picture.len(), |out| {
        list(out, page, &picture, |out, entry| {
            number(out, "\"mid\":", entry.mid.get());
            Ok(())
        })
    })
}

/// How many of a page's members have no picture of their own.
fn missing(page: &Page) -> usize {
    page.faces.iter().filter(|face| !face.has_picture()).count()
}

/// How many bytes a page takes: beside its faces no more than these, an entry and itself.
fn room(page: &Page) -> usize {
    let groups: usize = page.entries.iter().map(|entry| entry.groups.len()).sum();
    page.faces.size() + 96 * page.entries.len() + 20 * groups + 96
}

/// Writes the entries of a page: for each what `fields` writes of it, and then the member's face.
fn list(
    out: &mut Vec<u8>,
    page: &Page,
    picture: &str,
    fields: impl Fn(&mut Vec<u8>, &Entry) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let mut before = b"[{".as_slice();
    for (entry, face) in page.entries.iter().zip(page.faces.iter()) {
        out.extend_from_slice(before);
        fields(out, entry)?;
        out.push(b',');
        face.write(out, picture);
        before = b"},{";
    }
    out.extend_from_slice(if page.entries.is_empty() { b"[]" } else { b"}]" });
    Ok(())
}

/// The fields of a [`Listed`](listed::Listed) but for the face's.
fn listed(out: &mut Vec<u8>, entry: &Entry) -> serde_json::Result<()> {
    number(out, "\"mid\":", entry.mid.get());
    number(out, ",\"attribute\":", entry.attribute);
    number(out, ",\"mtime\":", entry.mtime);
    if entry.groups.is_empty() {
        out.extend_from_slice(b",\"tag\":null,\"special\":0");
        return Ok(());
    }
    out.extend_from_slice(b",\"tag\":");
    serde_json::to_writer(&mut *out, &tie::tag(&entry.groups))?;
    number(out, ",\"special\":", tie::special(&entry.groups));
    Ok(())
}

#[inline]
fn number(out: &mut Vec<u8>, before: &str, number: impl itoa::Integer) {
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// VIP.
pub fn vip(vip: row::Vip) -> Vip {
    let row::Label { path, text, theme, text_color, bg_style, bg_color, border_color } = vip.label;
    Vip {
        r#type: vip.kind,
        status: vip.status,
        due_date: vip.due_date,
        vip_pay_type: vip.pay_type,
        theme_type: vip.theme_type,
        label: VipLabel { path, text, label_theme: theme, text_color, bg_style, bg_color, border_color },
        avatar_subscript: vip.avatar_subscript,
        nickname_color: vip.nickname_color,
        role: vip.role,
        avatar_subscript_url: vip.avatar_subscript_url,
    }
}

/// Verification.
pub fn official(official: row::Official) -> Official {
    let row::Official { role, title, desc, verified: who } = official;
    Official { role, title, desc, r#type: who.number() }
}

/// A pendant.
pub fn pendant(pendant: row::Pendant) -> Pendant {
    let row::Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = pendant;
    Pendant { pid, name, image, expire, image_enhance, image_enhance_frame }
}

/// A nameplate.
pub fn nameplate(nameplate: row::Nameplate) -> Nameplate {
    let row::Nameplate { nid, name, image, image_small, level, condition } = nameplate;
    Nameplate { nid, name, image, image_small, level, condition }
}

/// 男, 女 or 保密.
pub fn sex(sex: row::Sex) -> String {
    match sex {
        row::Sex::Man => "男",
        row::Sex::Woman => "女",
        row::Sex::Secret => "保密",
    }
    .to_owned()
}

/// A level; to others without what it took (D32).
pub fn level_info(space: &Space, own: bool) -> LevelInfo {
    let level = level::level(space.growth.exp);
    let next_exp = level.next.map_or(-1, |next| i64::try_from(next).unwrap_or(i64::MAX));
    let told = LevelInfo {
        current_level: level.level,
        current_min: level.min,
        current_exp: space.growth.exp,
        next_exp,
    };
    if own { told } else { LevelInfo { current_min: 0, current_exp: 0, next_exp: 0, ..told } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_api::Envelope;
    use guanxi_domain::tie::GroupMembership;
    use guanxi_storage::cards::Faces;
    use guanxi_storage::row::Card;
    use guanxi_types::{Mid, Tagid};
    use proptest::prelude::*;
    use serde::Serialize;

    /// The address of the service's picture.
    const PICTURE: &str = "http://a.cn/noface.gif";

    fn picture() -> Cow<'static, str> {
        Cow::Borrowed(PICTURE)
    }

    fn members() -> impl Strategy<Value = Vec<(Entry, Card)>> {
        let face = prop_oneof![Just(String::new()), any::<String>()];
        let card = (any::<String>(), face, any::<String>(), any::<i64>());
        let member = (1..=Mid::MAX.get(), any::<(i64, u8, Vec<i64>)>(), card);
        let member = member.prop_map(|(mid, (mtime, attribute, tagids), (uname, face, sign, due_date))| {
            let mid = Mid::new(mid).unwrap();
            let joined = |tagid| GroupMembership { tagid: Tagid(tagid % Tagid::MAX.0), seq: 1 };
            let groups = tagids.into_iter().map(joined).collect();
            let vip = row::Vip { due_date, ..row::Vip::default() };
            (Entry { mid, mtime, attribute, groups }, Card { uname, face, sign, vip, ..Card::of(mid) })
        });
        prop::collection::vec(member, 0..5)
    }

    /// What everybody sees of a card.
    fn shown(card: Card) -> listed::Face {
        let face = if card.face.is_empty() { PICTURE.to_owned() } else { card.face.clone() };
        listed::Face { face, ..card.into() }
    }

    /// The envelope of the data as their type has it.
    fn typed<T: Serialize>(data: T) -> Vec<u8> {
        serde_json::to_vec(&Envelope::done(data)).unwrap()
    }

    proptest! {
        #[test]
        fn a_page_is_written_as_its_type_has_it(members in members(), total: u32, version: u32) {
            let (entries, cards): (Vec<Entry>, Vec<Card>) = members.iter().cloned().unzip();
            let written = Page { faces: Faces::of(cards).unwrap(), entries, total, version };
            let listed = members.iter().cloned().map(|(entry, card)| {
                let (tag, special) = (tie::tag(&entry.groups), tie::special(&entry.groups));
                let (mid, attribute, mtime) = (entry.mid, entry.attribute, entry.mtime);
                listed::Listed { mid, attribute, mtime, tag, special, face: shown(card) }
            });
            let grouped = members.iter().cloned().map(|(entry, card)| Grouped { mid: entry.mid, face: shown(card) });
            let list: Vec<listed::Listed> = listed.collect();
            let whole = page(&written, picture).unwrap();
            prop_assert_eq!(&whole.read().unwrap().list, &list);
            let expected = listed::Page { list, re_version: version, total: u64::from(total) };
            prop_assert_eq!(whole.into_bytes(), typed(expected));
            prop_assert_eq!(group(&written, picture).unwrap().into_bytes(), typed(grouped.collect::<Vec<_>>()));
            let bytes = page(&written, picture).unwrap().into_bytes().len();
            let room = room(&written) + missing(&written) * PICTURE.len();
            prop_assert!(bytes <= room, "{bytes} in {room}");
        }
    }
}
