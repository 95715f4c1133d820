//! The encoded profiles of listed members: the JSON of each [`ProfileSummary`], ready to be copied into a page.
//!
//! [`ProfileSummary`]: guanxi_api::member_list::ProfileSummary

use crate::face_url;
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
    /// The offset of a picture's local path. Its origin depends on the request (D40).
    pub(crate) local_face: Option<NonZeroUsize>,
}

impl EncodedProfile<Vec<u8>> {
    /// Encodes the profile of a card.
    pub fn encode(mut card: Card) -> serde_json::Result<EncodedProfile<Vec<u8>>> {
        card.face = face_url::or_default(card.face);
        let is_local = face_url::is_local(&card.face);
        let mut fields = serde_json::to_vec(&to_api::profile_summary(card))?;
        // The braces are not part of the fields.
        fields.pop();
        fields.remove(0);
        let local_face = if is_local { local_face(&fields) } else { None };
        Ok(EncodedProfile { fields, local_face })
    }
}

impl<B: AsRef<[u8]>> EncodedProfile<B> {
    /// Returns true if the service has the picture.
    pub fn has_local_face(&self) -> bool {
        self.local_face.is_some()
    }

    /// Appends the fields. `origin` returns that of a local picture, escaped as in a JSON string.
    pub fn write<'a>(&self, out: &mut Vec<u8>, origin: impl FnOnce() -> &'a str) {
        let fields = self.fields.as_ref();
        let Some(offset) = self.local_face else { return out.extend_from_slice(fields) };
        let (head, tail) = fields.split_at(offset.get());
        out.extend_from_slice(head);
        out.extend_from_slice(origin().as_bytes());
        out.extend_from_slice(tail);
    }
}

/// Returns the offset of the picture's path. No text contains the searched bytes, since its quotes are escaped.
fn local_face(fields: &[u8]) -> Option<NonZeroUsize> {
    const LOCAL_FACE: &[u8] = b"\"face\":\"/";
    let start = memmem::find(fields, LOCAL_FACE)?;
    NonZeroUsize::new(start + LOCAL_FACE.len() - 1)
}
