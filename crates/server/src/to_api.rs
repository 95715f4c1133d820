//! Conversions of rows to the types of the API.

use crate::encoded_profiles::ProfilePage;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::badge::{Nameplate, Official, OfficialVerify, Pendant, Vip, VipLabel};
use guanxi_api::member_list::{self, GroupMember, ProfileSummary, SummaryVip, SummaryVipLabel};
use guanxi_api::profile::get_card::LevelInfo;
use guanxi_domain::{level, relation};
use guanxi_storage::model;
use guanxi_storage::store::{ListEntry, Space};
use std::borrow::Cow;

/// Encodes a page of a list. Members without an avatar get the default one, at the URL that `default_avatar`
/// returns (D40).
pub fn list_page<'a>(
    page: &ProfilePage,
    default_avatar: impl FnOnce() -> Cow<'a, str>,
) -> Result<PreEncoded<member_list::RelationPage>, ApiError> {
    let missing = count_without_avatar(page);
    let avatar = if missing > 0 { default_avatar() } else { Cow::Borrowed("") };
    PreEncoded::encode(max_encoded_bytes(page) + missing * avatar.len(), |out| {
        out.extend_from_slice(b"{\"list\":");
        write_list(out, page, &avatar, write_relation_fields)?;
        write_number(out, ",\"re_version\":", page.version);
        write_number(out, ",\"total\":", page.total);
        out.push(b'}');
        Ok(())
    })
}

/// Encodes a page of a group. Default avatars are as in [`list_page`].
pub fn group_page<'a>(
    page: &ProfilePage,
    default_avatar: impl FnOnce() -> Cow<'a, str>,
) -> Result<PreEncoded<Vec<GroupMember>>, ApiError> {
    let missing = count_without_avatar(page);
    let avatar = if missing > 0 { default_avatar() } else { Cow::Borrowed("") };
    PreEncoded::encode(max_encoded_bytes(page) + missing * avatar.len(), |out| {
        write_list(out, page, &avatar, |out, entry| {
            write_number(out, "\"mid\":", entry.mid.get());
            Ok(())
        })
    })
}

/// Returns the number of members on a page without an avatar.
fn count_without_avatar(page: &ProfilePage) -> usize {
    page.profiles.iter().filter(|profile| !profile.has_avatar()).count()
}

/// Returns an upper bound of the size of an encoded page without default avatars, in bytes.
fn max_encoded_bytes(page: &ProfilePage) -> usize {
    let groups: usize = page.entries.iter().map(|entry| entry.groups.len()).sum();
    page.profiles.size_bytes() + 96 * page.entries.len() + 20 * groups + 96
}

/// Writes the entries of a page. Each entry has the fields that `write_fields` writes, followed by the member's
/// profile.
fn write_list(
    out: &mut Vec<u8>,
    page: &ProfilePage,
    default_avatar: &str,
    write_fields: impl Fn(&mut Vec<u8>, &ListEntry) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let mut separator = b"[{".as_slice();
    for (entry, profile) in page.entries.iter().zip(page.profiles.iter()) {
        out.extend_from_slice(separator);
        write_fields(out, entry)?;
        out.push(b',');
        profile.write(out, default_avatar);
        separator = b"},{";
    }
    out.extend_from_slice(if page.entries.is_empty() { b"[]" } else { b"}]" });
    Ok(())
}

/// Writes the fields of a [`RelationListItem`](member_list::RelationListItem) except those of the profile.
fn write_relation_fields(out: &mut Vec<u8>, entry: &ListEntry) -> serde_json::Result<()> {
    write_number(out, "\"mid\":", entry.mid.get());
    write_number(out, ",\"attribute\":", entry.attribute);
    write_number(out, ",\"mtime\":", entry.mtime);
    if entry.groups.is_empty() {
        out.extend_from_slice(b",\"tag\":null,\"special\":0");
        return Ok(());
    }
    out.extend_from_slice(b",\"tag\":");
    serde_json::to_writer(&mut *out, &relation::encode_tag(&entry.groups))?;
    write_number(out, ",\"special\":", relation::encode_special(&entry.groups));
    Ok(())
}

#[inline]
fn write_number(out: &mut Vec<u8>, prefix: &str, number: impl itoa::Integer) {
    out.extend_from_slice(prefix.as_bytes());
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Converts a card to the public summary of a member. The avatar is empty if the member has none.
pub fn profile_summary(card: model::Card) -> ProfileSummary {
    let model::Card { uname, face, sign, official, vip, .. } = card;
    let official_verify = official_verify(&official);
    ProfileSummary { uname, face, sign, official_verify, vip: summary_vip(vip) }
}

/// The status of an active VIP, the only one that lists show (D37).
const VIP_ACTIVE: u8 = 1;

/// Converts a VIP to its form in lists.
fn summary_vip(vip: model::Vip) -> SummaryVip {
    SummaryVip {
        vip_type: vip.kind,
        vip_due_date: vip.due_date,
        due_remark: vip.due_remark,
        access_status: vip.access_status,
        vip_status: u8::from(vip.status == VIP_ACTIVE),
        vip_status_warn: vip.status_warn,
        theme_type: vip.theme_type,
        label: SummaryVipLabel { path: vip.label.path },
    }
}

/// Converts an official verification to its short form: the title becomes the description.
pub fn official_verify(official: &model::Official) -> OfficialVerify {
    OfficialVerify { r#type: official.verified.number(), desc: official.title.clone() }
}

/// Converts a VIP.
pub fn vip(vip: model::Vip) -> Vip {
    let model::VipLabel { path, text, theme, text_color, bg_style, bg_color, border_color } = vip.label;
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

/// Converts an official verification.
pub fn official(official: model::Official) -> Official {
    let model::Official { role, title, desc, verified } = official;
    Official { role, title, desc, r#type: verified.number() }
}

/// Converts a pendant.
pub fn pendant(pendant: model::Pendant) -> Pendant {
    let model::Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = pendant;
    Pendant { pid, name, image, expire, image_enhance, image_enhance_frame }
}

/// Converts a nameplate.
pub fn nameplate(nameplate: model::Nameplate) -> Nameplate {
    let model::Nameplate { nid, name, image, image_small, level, condition } = nameplate;
    Nameplate { nid, name, image, image_small, level, condition }
}

/// Returns 男, 女 or 保密.
pub fn sex(sex: model::Sex) -> String {
    match sex {
        model::Sex::Man => "男",
        model::Sex::Woman => "女",
        model::Sex::Secret => "保密",
    }
    .to_owned()
}

/// Returns the number of a login method: 0 for a password, 1 for a QR code.
pub fn login_type(method: model::LoginMethod) -> u8 {
    match method {
        model::LoginMethod::Password => 0,
        model::LoginMethod::Qr => 1,
    }
}

/// Converts a member's experience to a level. Only the member sees the experience itself (D32).
pub fn level_info(space: &Space, is_own: bool) -> LevelInfo {
    let level = level::compute_level(space.experience.exp);
    let next_exp = level.next.map_or(-1, |next| i64::try_from(next).unwrap_or(i64::MAX));
    let level_info = LevelInfo {
        current_level: level.level,
        current_min: level.min,
        current_exp: space.experience.exp,
        next_exp,
    };
    if is_own { level_info } else { LevelInfo { current_min: 0, current_exp: 0, next_exp: 0, ..level_info } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoded_profiles::EncodedProfiles;
    use guanxi_api::Envelope;
    use guanxi_domain::relation::GroupMembership;
    use guanxi_storage::model::Card;
    use guanxi_types::{Mid, Tagid};
    use proptest::prelude::*;
    use serde::Serialize;

    /// The URL of the default avatar.
    const DEFAULT_AVATAR: &str = "http://a.cn/noface.gif";

    fn default_avatar() -> Cow<'static, str> {
        Cow::Borrowed(DEFAULT_AVATAR)
    }

    fn members() -> impl Strategy<Value = Vec<(ListEntry, Card)>> {
        let face = prop_oneof![Just(String::new()), any::<String>()];
        let card = (any::<String>(), face, any::<String>(), any::<i64>());
        let member = (1..=Mid::MAX.get(), any::<(i64, u8, Vec<i64>)>(), card);
        let member = member.prop_map(|(mid, (mtime, attribute, tagids), (uname, face, sign, due_date))| {
            let mid = Mid::new(mid).unwrap();
            let membership = |tagid| GroupMembership { tagid: Tagid(tagid % Tagid::MAX.0), seq: 1 };
            let groups = tagids.into_iter().map(membership).collect();
            let vip = model::Vip { due_date, ..model::Vip::default() };
            (ListEntry { mid, mtime, attribute, groups }, Card { uname, face, sign, vip, ..Card::new(mid) })
        });
        prop::collection::vec(member, 0..5)
    }

    /// Returns the public profile of a card.
    fn public_profile(card: Card) -> ProfileSummary {
        let face = if card.face.is_empty() { DEFAULT_AVATAR.to_owned() } else { card.face.clone() };
        ProfileSummary { face, ..profile_summary(card) }
    }

    /// Encodes data in an envelope through its type.
    fn encode_typed<T: Serialize>(data: T) -> Vec<u8> {
        serde_json::to_vec(&Envelope::success(data)).unwrap()
    }

    #[test]
    fn listed_vip_status_is_1_only_if_active() {
        let vip = |status| model::Vip { status, ..model::Vip::default() };
        assert_eq!([0, 1, 2, 3].map(|status| summary_vip(vip(status)).vip_status), [0, 1, 0, 0]);
    }

    proptest! {
        #[test]
        fn encoded_page_equals_the_serialized_type(members in members(), total: u32, version: u32) {
            let (entries, cards): (Vec<ListEntry>, Vec<Card>) = members.iter().cloned().unzip();
            let mut profiles = EncodedProfiles::default();
            profiles.fill(&entries, cards).unwrap();
            let page = ProfilePage { entries, profiles, total, version };
            let listed = members.iter().cloned().map(|(entry, card)| {
                let (tag, special) = (relation::encode_tag(&entry.groups), relation::encode_special(&entry.groups));
                let (mid, attribute, mtime) = (entry.mid, entry.attribute, entry.mtime);
                member_list::RelationListItem { mid, attribute, mtime, tag, special, profile: public_profile(card) }
            });
            let grouped = members.iter().cloned().map(|(entry, card)| {
                GroupMember { mid: entry.mid, profile: public_profile(card) }
            });
            let list: Vec<member_list::RelationListItem> = listed.collect();
            let encoded = list_page(&page, default_avatar).unwrap();
            prop_assert_eq!(&encoded.decode().unwrap().list, &list);
            let expected = member_list::RelationPage { list, re_version: version, total: u64::from(total) };
            prop_assert_eq!(encoded.into_bytes(), encode_typed(expected));
            let group = group_page(&page, default_avatar).unwrap().into_bytes();
            prop_assert_eq!(group, encode_typed(grouped.collect::<Vec<_>>()));
            let bytes = list_page(&page, default_avatar).unwrap().into_bytes().len();
            let bound = max_encoded_bytes(&page) + count_without_avatar(&page) * DEFAULT_AVATAR.len();
            prop_assert!(bytes <= bound, "{bytes} > {bound}");
        }
    }
}
