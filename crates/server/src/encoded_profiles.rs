//! The encoded profiles of listed members: the JSON of each [`ProfileSummary`], ready to be copied into a page.
//!
//! [`ProfileSummary`]: guanxi_api::member_list::ProfileSummary

use crate::to_api;
use guanxi_storage::model::Card;
use memchr::memmem;
use std::num::NonZeroUsize;

/// The encoded profile of a member: the fields of a [`ProfileSummary`] as JSON, from `"uname"` on, without braces.
///
/// [`ProfileSummary`]: guanxi_api::member_list::ProfileSummary
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedProfile<B> {
    /// The JSON.
    pub(crate) fields: B,
    /// The offset of the URL of the default avatar, for a member without one. The URL depends on the request (D40).
    pub(crate) avatar_offset: Option<NonZeroUsize>,
}

impl EncodedProfile<Vec<u8>> {
    /// Encodes the profile of a card.
    pub fn encode(card: Card) -> serde_json::Result<EncodedProfile<Vec<u8>>> {
        let has_avatar = !card.face.is_empty();
        let mut fields = serde_json::to_vec(&to_api::profile_summary(card))?;
        // The braces are not part of the fields.
        fields.pop();
        fields.remove(0);
        let avatar_offset = if has_avatar { None } else { avatar_offset(&fields) };
        Ok(EncodedProfile { fields, avatar_offset })
    }
}

impl<B: AsRef<[u8]>> EncodedProfile<B> {
    /// Returns true if the member has an avatar.
    pub fn has_avatar(&self) -> bool {
        self.avatar_offset.is_none()
    }

    /// Appends the fields. `default_avatar` returns the URL for a member without an avatar, escaped as in a JSON
    /// string.
    pub fn write<'a>(&self, out: &mut Vec<u8>, default_avatar: impl FnOnce() -> &'a str) {
        let fields = self.fields.as_ref();
        let Some(offset) = self.avatar_offset else { return out.extend_from_slice(fields) };
        let (head, tail) = fields.split_at(offset.get());
        out.extend_from_slice(head);
        out.extend_from_slice(default_avatar().as_bytes());
        out.extend_from_slice(tail);
    }
}

/// Returns the offset of the avatar's empty URL. No text contains the searched bytes, since its quotes are escaped.
fn avatar_offset(fields: &[u8]) -> Option<NonZeroUsize> {
    const EMPTY_AVATAR: &[u8] = b"\"face\":\"\"";
    let start = memmem::find(fields, EMPTY_AVATAR)?;
    NonZeroUsize::new(start + EMPTY_AVATAR.len() - 1)
}
