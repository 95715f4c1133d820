//! The JSON of a page of members, from encoded profiles.

use crate::encoded_profiles::ProfilePage;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::{GroupMember, RelationPage};
use guanxi_domain::relation;
use guanxi_storage::store::ListEntry;
use std::borrow::Cow;

/// Encodes a page of a list. Members without an avatar get the default one, at the URL that `default_avatar`
/// returns (D40).
pub fn relation_page<'a>(
    page: &ProfilePage,
    default_avatar: impl FnOnce() -> Cow<'a, str>,
) -> Result<PreEncoded<RelationPage>, ApiError> {
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

/// Encodes a page of a group. Default avatars are as in [`relation_page`].
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

/// Writes the fields of a [`RelationListItem`] except those of the profile.
///
/// [`RelationListItem`]: guanxi_api::member_list::RelationListItem
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoded_profiles::EncodedProfiles;
    use crate::to_api;
    use guanxi_api::Envelope;
    use guanxi_api::member_list::{ProfileSummary, RelationListItem};
    use guanxi_domain::relation::GroupMembership;
    use guanxi_storage::model::{Card, Vip};
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
            let vip = Vip { due_date, ..Vip::default() };
            (ListEntry { mid, mtime, attribute, groups }, Card { uname, face, sign, vip, ..Card::new(mid) })
        });
        prop::collection::vec(member, 0..5)
    }

    /// Returns the public profile of a card.
    fn public_profile(card: Card) -> ProfileSummary {
        let face = if card.face.is_empty() { DEFAULT_AVATAR.to_owned() } else { card.face.clone() };
        ProfileSummary { face, ..to_api::profile_summary(card) }
    }

    /// Encodes data in an envelope through its type.
    fn encode_typed<T: Serialize>(data: T) -> Vec<u8> {
        serde_json::to_vec(&Envelope::success(data)).unwrap()
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
                RelationListItem { mid, attribute, mtime, tag, special, profile: public_profile(card) }
            });
            let grouped = members.iter().cloned().map(|(entry, card)| {
                GroupMember { mid: entry.mid, profile: public_profile(card) }
            });
            let list: Vec<RelationListItem> = listed.collect();
            let encoded = relation_page(&page, default_avatar).unwrap().into_bytes();
            let decoded: Envelope<RelationPage> = serde_json::from_slice(&encoded).unwrap();
            let expected = RelationPage { list, re_version: version, total: u64::from(total) };
            prop_assert_eq!(decoded.data.as_ref(), Some(&expected));
            prop_assert_eq!(&encoded, &encode_typed(expected));
            let group = group_page(&page, default_avatar).unwrap().into_bytes();
            prop_assert_eq!(group, encode_typed(grouped.collect::<Vec<_>>()));
            let bytes = encoded.len();
            let bound = max_encoded_bytes(&page) + count_without_avatar(&page) * DEFAULT_AVATAR.len();
            prop_assert!(bytes <= bound, "{bytes} > {bound}");
        }
    }
}
