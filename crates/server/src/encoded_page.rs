//! The JSON of a page of members, written once: the fields of each entry, and the member's encoded profile.
//!
//! A page is written in the order of its list. A profile that is not cached leaves a gap, and the page is copied once to
//! fill the gaps.

use crate::encoded_profiles::EncodedProfile;
use crate::http::response::{PreEncoded, write_number};
use guanxi_api::member_list::{GroupMember, RelationPage};
use guanxi_domain::relation;
use guanxi_storage::store::ListEntry;
use std::borrow::Cow;
use std::cell::LazyCell;

/// The type of a page of members: its JSON beside that of the profiles.
pub trait PageLayout {
    /// The bytes before the first entry.
    const START: &[u8];

    /// Writes the fields of an entry except those of the profile.
    fn write_fields(out: &mut Vec<u8>, entry: &ListEntry);

    /// Writes the bytes after the last entry.
    fn write_end(out: &mut Vec<u8>, total: u32, version: u32);
}

impl PageLayout for RelationPage {
    const START: &[u8] = b"{\"list\":[";

    fn write_fields(out: &mut Vec<u8>, entry: &ListEntry) {
        write_number(out, b"\"mid\":", entry.mid.get());
        // The common case in fewer parts.
        if entry.attribute == 0 && entry.groups.is_empty() {
            write_number(out, b",\"attribute\":0,\"mtime\":", entry.mtime);
            out.extend_from_slice(b",\"tag\":null,\"special\":0");
            return;
        }
        write_number(out, b",\"attribute\":", entry.attribute);
        write_number(out, b",\"mtime\":", entry.mtime);
        out.extend_from_slice(b",\"tag\":");
        match relation::encode_tag(&entry.groups) {
            None => out.extend_from_slice(b"null"),
            Some(tagids) => {
                for (index, tagid) in tagids.iter().enumerate() {
                    write_number(out, if index == 0 { b"[" } else { b"," }, tagid.0);
                }
                out.push(b']');
            }
        }
        write_number(out, b",\"special\":", relation::encode_special(&entry.groups));
    }

    fn write_end(out: &mut Vec<u8>, total: u32, version: u32) {
        write_number(out, b"],\"re_version\":", version);
        write_number(out, b",\"total\":", total);
        out.push(b'}');
    }
}

impl PageLayout for Vec<GroupMember> {
    const START: &[u8] = b"[";

    fn write_fields(out: &mut Vec<u8>, entry: &ListEntry) {
        write_number(out, b"\"mid\":", entry.mid.get());
    }

    fn write_end(out: &mut Vec<u8>, _total: u32, _version: u32) {
        out.push(b']');
    }
}

/// The size of the JSON of an entry without profile and groups, and of a group, in bytes. They are upper bounds.
const ENTRY_BYTES: usize = 128;
const GROUP_BYTES: usize = 20;

/// The size of a page without entries, in bytes. It is an upper bound.
const PAGE_BYTES: usize = 128;

/// A page of a list that is being written. The pictures of the service have the origin that `origin` returns (D40).
pub struct PageWriter<'a, F = fn() -> Cow<'a, str>> {
    json: Vec<u8>,
    /// The offsets of the profiles that are missing.
    gaps: Vec<usize>,
    origin: LazyCell<Cow<'a, str>, F>,
}

impl<'a, F: FnOnce() -> Cow<'a, str>> PageWriter<'a, F> {
    /// Creates a page without entries.
    pub fn new(origin: F) -> PageWriter<'a, F> {
        PageWriter { json: Vec::new(), gaps: Vec::new(), origin: LazyCell::new(origin) }
    }

    /// Writes the entries, each with its profile unless that is missing.
    pub fn write_entries<T: PageLayout>(
        &mut self,
        entries: &[ListEntry],
        profiles: &[Option<EncodedProfile<&[u8]>>],
    ) {
        let PageWriter { json, gaps, origin } = self;
        let origin = &*origin;
        let profile_bytes: usize = profiles.iter().flatten().map(|profile| profile.fields.len()).sum();
        let local_faces = profiles.iter().flatten().filter(|profile| profile.has_local_face()).count();
        let origin_bytes = if local_faces > 0 { local_faces * origin.len() } else { 0 };
        let groups: usize = entries.iter().map(|entry| entry.groups.len()).sum();
        let bytes = profile_bytes + origin_bytes + ENTRY_BYTES * entries.len() + GROUP_BYTES * groups;
        *json = PreEncoded::<T>::start(PAGE_BYTES + bytes);
        json.extend_from_slice(T::START);
        for (index, (entry, profile)) in entries.iter().zip(profiles).enumerate() {
            json.extend_from_slice(if index == 0 { b"{" } else { b"},{" });
            T::write_fields(json, entry);
            json.push(b',');
            match profile {
                Some(profile) => profile.write(json, || origin),
                None => gaps.push(json.len()),
            }
        }
        if !entries.is_empty() {
            json.push(b'}');
        }
    }

    /// Completes the page of a list with `total` entries. `missing` are the missing profiles, in the order of the page.
    pub fn finish<T: PageLayout>(
        self,
        missing: &[EncodedProfile<Vec<u8>>],
        total: u32,
        version: u32,
    ) -> PreEncoded<T> {
        let PageWriter { mut json, gaps, origin } = self;
        debug_assert_eq!(gaps.len(), missing.len());
        if !missing.is_empty() {
            let profile_bytes: usize = missing.iter().map(|profile| profile.fields.len()).sum();
            let mut filled = Vec::with_capacity(json.len() + profile_bytes + PAGE_BYTES);
            let mut copied = 0;
            for (gap, profile) in gaps.into_iter().zip(missing) {
                filled.extend_from_slice(&json[copied..gap]);
                profile.write(&mut filled, || &origin);
                copied = gap;
            }
            filled.extend_from_slice(&json[copied..]);
            json = filled;
        }
        T::write_end(&mut json, total, version);
        PreEncoded::finish(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face_url;
    use crate::to_api;
    use guanxi_api::Envelope;
    use guanxi_api::member_list::{ProfileSummary, RelationListItem};
    use guanxi_domain::relation::GroupMembership;
    use guanxi_storage::model::{Card, Vip};
    use guanxi_types::{Mid, Tagid};
    use proptest::prelude::*;
    use serde::Serialize;

    const ORIGIN: &str = "http://a.cn";

    fn origin() -> Cow<'static, str> {
        Cow::Borrowed(ORIGIN)
    }

    fn members() -> impl Strategy<Value = Vec<(ListEntry, Card)>> {
        let face = prop_oneof![Just(String::new()), any::<String>(), "/[a-z/]{0,9}"];
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
        let face = face_url::or_default(card.face.clone());
        let face = if face.starts_with('/') { format!("{ORIGIN}{face}") } else { face };
        ProfileSummary { face, ..to_api::profile_summary(card) }
    }

    /// Encodes data in an envelope through its type.
    fn encode_typed<T: Serialize>(data: T) -> Vec<u8> {
        serde_json::to_vec(&Envelope::success(data)).unwrap()
    }

    proptest! {
        #[test]
        fn encoded_page_equals_the_serialized_type(
            members in members(),
            cached in prop::collection::vec(any::<bool>(), 5),
            total: u32,
            version: u32,
        ) {
            let (entries, cards): (Vec<ListEntry>, Vec<Card>) = members.iter().cloned().unzip();
            let encode = |card: &Card| EncodedProfile::encode(card.clone()).unwrap();
            let profiles: Vec<_> = cards.iter().map(encode).collect();
            let found: Vec<_> = profiles.iter().zip(&cached).map(|(profile, is_cached)| {
                let EncodedProfile { fields, local_face } = profile;
                is_cached.then_some(EncodedProfile { fields: &fields[..], local_face: *local_face })
            }).collect();
            let missing = profiles.iter().zip(&cached).filter(|(_, is_cached)| !**is_cached);
            let missing: Vec<_> = missing.map(|(profile, _)| profile.clone()).collect();
            let mut page = PageWriter::new(origin);
            page.write_entries::<RelationPage>(&entries, &found);
            let (capacity, is_complete) = (page.json.capacity(), missing.is_empty());
            let encoded = page.finish::<RelationPage>(&missing, total, version).into_bytes();
            prop_assert!(!is_complete || encoded.capacity() == capacity, "{} > {capacity}", encoded.len());
            let listed = members.iter().cloned().map(|(entry, card)| {
                let (tag, special) = (relation::encode_tag(&entry.groups), relation::encode_special(&entry.groups));
                let (mid, attribute, mtime) = (entry.mid, entry.attribute, entry.mtime);
                RelationListItem { mid, attribute, mtime, tag, special, profile: public_profile(card) }
            });
            let expected = RelationPage { list: listed.collect(), re_version: version, total: u64::from(total) };
            prop_assert_eq!(&encoded, &encode_typed(expected));
            let mut page = PageWriter::new(origin);
            page.write_entries::<Vec<GroupMember>>(&entries, &found);
            let group = page.finish::<Vec<GroupMember>>(&missing, total, version).into_bytes();
            let grouped = members.iter().cloned().map(|(entry, card)| {
                GroupMember { mid: entry.mid, profile: public_profile(card) }
            });
            prop_assert_eq!(group, encode_typed(grouped.collect::<Vec<_>>()));
        }
    }
}
