//! The encoded profiles of listed members: the JSON of each [`ProfileSummary`], ready to be copied into a page.
//!
//! [`ProfileSummary`]: guanxi_api::member_list::ProfileSummary

use crate::to_api;
use guanxi_storage::model::Card;
use guanxi_storage::store::ListEntry;
use memchr::memmem;
use std::num::NonZeroUsize;
use std::ops::Range;

/// The encoded profile of a member: the fields of a [`ProfileSummary`] as JSON, from `"uname"` on, without braces.
/// `B` is the bytes, or their range in a larger buffer.
///
/// [`ProfileSummary`]: guanxi_api::member_list::ProfileSummary
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedProfile<B> {
    /// The JSON.
    pub(crate) fields: B,
    /// The offset of the URL of the default avatar, for a member without one. The URL depends on the request (D40).
    pub(crate) avatar_offset: Option<NonZeroUsize>,
}

impl EncodedProfile<&[u8]> {
    /// Returns true if the member has an avatar.
    pub fn has_avatar(&self) -> bool {
        self.avatar_offset.is_none()
    }

    /// Appends the fields. `default_avatar` is the URL for a member without an avatar, escaped as in a JSON string.
    pub fn write(&self, out: &mut Vec<u8>, default_avatar: &str) {
        let (head, tail) = self.fields.split_at(self.avatar_offset.map_or(0, NonZeroUsize::get));
        out.extend_from_slice(head);
        if !self.has_avatar() {
            out.extend_from_slice(default_avatar.as_bytes());
        }
        out.extend_from_slice(tail);
    }
}

/// A page of a list with encoded profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfilePage {
    /// The entries.
    pub entries: Vec<ListEntry>,
    /// The profiles of the listed members, in the same order. They may be newer than the snapshot of the entries.
    pub profiles: EncodedProfiles,
    /// The number of entries in the whole list.
    pub total: u32,
    /// The version of the list.
    pub version: u32,
}

/// The encoded profiles of the members of a page, in its order.
#[derive(Clone, Debug, Default)]
pub struct EncodedProfiles {
    /// The fields of all profiles.
    bytes: Vec<u8>,
    /// The position of each profile in `bytes`. An empty range is a profile that is missing.
    profiles: Vec<EncodedProfile<Range<usize>>>,
}

impl EncodedProfiles {
    /// Returns copies of profiles. `None` is a missing one.
    pub(crate) fn copy(found: &[Option<EncodedProfile<&[u8]>>]) -> EncodedProfiles {
        let size = found.iter().flatten().map(|profile| profile.fields.len()).sum();
        let mut bytes = Vec::with_capacity(size);
        let profiles = found.iter().map(|profile| {
            let start = bytes.len();
            bytes.extend_from_slice(profile.map_or(&[], |profile| profile.fields));
            let avatar_offset = profile.and_then(|profile| profile.avatar_offset);
            EncodedProfile { fields: start..bytes.len(), avatar_offset }
        });
        EncodedProfiles { profiles: profiles.collect(), bytes }
    }

    /// Encodes the cards of the listed members whose profiles are missing, in the order of the page. Returns the
    /// indexes of these members.
    pub(crate) fn fill(&mut self, listed: &[ListEntry], cards: Vec<Card>) -> serde_json::Result<Vec<usize>> {
        self.profiles.resize(listed.len(), EncodedProfile { fields: 0..0, avatar_offset: None });
        let missing = (0..listed.len()).filter(|index| self.profiles[*index].fields.is_empty());
        let missing: Vec<usize> = missing.collect();
        for (index, card) in missing.iter().zip(cards) {
            debug_assert_eq!(card.mid, listed[*index].mid);
            self.profiles[*index] = self.encode(card)?;
        }
        Ok(missing)
    }

    /// Appends the fields of a profile, and returns their position.
    fn encode(&mut self, card: Card) -> serde_json::Result<EncodedProfile<Range<usize>>> {
        let start = self.bytes.len();
        let has_avatar = !card.face.is_empty();
        serde_json::to_writer(&mut self.bytes, &to_api::profile_summary(card))?;
        // The braces are not part of the fields.
        let fields = start + 1..self.bytes.len() - 1;
        let avatar_offset = if has_avatar { None } else { avatar_offset(&self.bytes[fields.clone()]) };
        Ok(EncodedProfile { fields, avatar_offset })
    }

    /// Returns a profile.
    pub(crate) fn get(&self, index: usize) -> EncodedProfile<&[u8]> {
        let EncodedProfile { fields, avatar_offset } = &self.profiles[index];
        EncodedProfile { fields: &self.bytes[fields.clone()], avatar_offset: *avatar_offset }
    }

    /// Returns the profiles.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = EncodedProfile<&[u8]>> {
        (0..self.profiles.len()).map(|index| self.get(index))
    }

    /// Returns an upper bound of the size of all profiles, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Returns the offset of the avatar's empty URL. No text contains the searched bytes, since its quotes are escaped.
fn avatar_offset(fields: &[u8]) -> Option<NonZeroUsize> {
    const EMPTY_AVATAR: &[u8] = b"\"face\":\"\"";
    let start = memmem::find(fields, EMPTY_AVATAR)?;
    NonZeroUsize::new(start + EMPTY_AVATAR.len() - 1)
}

impl PartialEq for EncodedProfiles {
    fn eq(&self, other: &EncodedProfiles) -> bool {
        self.iter().eq(other.iter())
    }
}
