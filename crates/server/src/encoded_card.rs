//! The encoded card of a member: the JSON of [`Data`], with places for what differs between two requests.

use crate::http::response::write_number;
use guanxi_api::profile::get_card::Data;
use guanxi_storage::Counters;
use memchr::memmem;

/// The JSON of the places, as it is encoded. No text contains it, since the quotes of a text are escaped.
const FACE: &[u8] = br#""face":""#;
const COUNTERS: &[u8] = br#""fans":0,"friend":0,"attention":0"#;
const BANNER: &[u8] = br#","space":{"#;
const FOLLOWING: &[u8] = br#","following":false"#;
const FOLLOWER: &[u8] = br#""follower":0"#;

/// An upper bound of the size of what is written into the places beside the origin of the picture, in bytes.
const PLACES_BYTES: usize = 64;

/// The number of places.
const PLACES: usize = 5;

/// The card of a member as others see it, without counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedCard<B> {
    json: B,
    /// The offsets of [`FACE`]'s text, and of the other places.
    places: [usize; PLACES],
}

/// The parts of a card that differ between two requests.
#[derive(Debug)]
pub struct CardParts {
    /// The counters of the member.
    pub counters: Counters,
    /// True if the viewer follows or whispers the member.
    pub is_followed: bool,
    /// True if the banner is shown.
    pub has_banner: bool,
}

impl EncodedCard<Vec<u8>> {
    /// Encodes a card with a banner, whose counters are 0, as it is shown to a viewer without a relation. A
    /// picture of the service has its path as `face`.
    ///
    /// # Panics
    ///
    /// Never: the type has all fields that are searched.
    pub fn encode(data: &Data) -> serde_json::Result<EncodedCard<Vec<u8>>> {
        let json = serde_json::to_vec(data)?;
        let mut from = 0;
        let places = [FACE, COUNTERS, BANNER, FOLLOWING, FOLLOWER].map(|text| {
            from += memmem::find(&json[from..], text).expect("the type has this field");
            from
        });
        let [face, counters, banner, following, follower] = places;
        let places = [face + FACE.len(), counters, banner, following, follower];
        Ok(EncodedCard { json, places })
    }

    /// Borrows the JSON.
    pub fn as_slice(&self) -> EncodedCard<&[u8]> {
        EncodedCard { json: &self.json, places: self.places }
    }

    /// Returns the places, followed by the JSON.
    pub fn to_bytes(&self) -> Box<[u8]> {
        let places = self.places.map(usize::to_le_bytes);
        [places.as_flattened(), &self.json].concat().into()
    }
}

impl<'b> EncodedCard<&'b [u8]> {
    /// Reads the bytes of [`to_bytes`](EncodedCard::to_bytes).
    pub fn from_bytes(bytes: &'b [u8]) -> Option<EncodedCard<&'b [u8]>> {
        let (mut places, mut json) = ([0; PLACES], bytes);
        for place in &mut places {
            let offset;
            (offset, json) = json.split_first_chunk()?;
            *place = usize::from_le_bytes(*offset);
        }
        Some(EncodedCard { json, places })
    }

    /// Returns an upper bound of the size of the card without the origin of the picture, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.json.len() + PLACES_BYTES
    }

    /// Appends the card. `origin` returns that of a picture of the service, escaped as in a JSON string.
    pub fn write<'a>(&self, out: &mut Vec<u8>, parts: &CardParts, origin: impl FnOnce() -> &'a str) {
        let EncodedCard { json, places: [face, counters, banner, following, follower] } = *self;
        out.extend_from_slice(&json[..face]);
        if json[face] == b'/' {
            out.extend_from_slice(origin().as_bytes());
        }
        out.extend_from_slice(&json[face..counters]);
        write_number(out, b"\"fans\":", parts.counters.follower);
        write_number(out, b",\"friend\":", parts.counters.following);
        write_number(out, b",\"attention\":", parts.counters.following);
        let banner_end = if parts.has_banner { following } else { banner };
        out.extend_from_slice(&json[counters + COUNTERS.len()..banner_end]);
        out.extend_from_slice(if parts.is_followed { b",\"following\":true" } else { FOLLOWING });
        out.extend_from_slice(&json[following + FOLLOWING.len()..follower]);
        write_number(out, b"\"follower\":", parts.counters.follower);
        out.extend_from_slice(&json[follower + FOLLOWER.len()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handlers::profile::get_card::card_data;
    use guanxi_api::profile::get_card::Data;
    use guanxi_storage::model::{Card, Experience, Profile, Upstat};
    use guanxi_storage::store::Space;
    use guanxi_types::Mid;
    use proptest::prelude::*;

    const ORIGIN: &str = "http://a.cn";

    /// Texts with the bytes of the places.
    fn text() -> impl Strategy<Value = String> {
        let hostile = [FACE, COUNTERS, BANNER, FOLLOWING, FOLLOWER];
        let hostile = hostile.map(|place| String::from_utf8(place.to_vec()).unwrap());
        prop_oneof![
            Just(String::new()),
            any::<String>(),
            "/[a-z/]{0,9}",
            prop::sample::select(hostile.to_vec())
        ]
    }

    fn space() -> impl Strategy<Value = Space> {
        let texts = (text(), text(), text(), text());
        (1..=Mid::MAX.get(), texts, any::<(u32, u32)>(), any::<bool>(), 0..1_000_000u64).prop_map(
            |(mid, (uname, face, sign, top_photo), (follower, following), is_followed, number)| {
                let mid = Mid::new(mid).unwrap();
                Space {
                    card: Card { uname, face, sign, ..Card::new(mid) },
                    profile: Profile { top_photo, ..Profile::new(mid) },
                    experience: Experience { exp: number, ..Experience::new(mid) },
                    upstat: Upstat { likes: number, ..Upstat::new(mid) },
                    counters: Counters { follower, following, ..Counters::default() },
                    is_followed,
                }
            },
        )
    }

    /// Returns the card through its type.
    fn typed(mut space: Space, has_banner: bool) -> Data {
        if space.card.face.starts_with('/') {
            space.card.face.insert_str(0, ORIGIN);
        }
        card_data(space, false, has_banner)
    }

    proptest! {
        #[test]
        fn encoded_card_equals_the_serialized_type(space in space(), has_banner: bool) {
            let without_parts = Space { counters: Counters::default(), is_followed: false, ..space.clone() };
            let bytes = EncodedCard::encode(&card_data(without_parts, false, true)).unwrap().to_bytes();
            let card = EncodedCard::from_bytes(&bytes).unwrap();
            let (counters, is_followed) = (space.counters, space.is_followed);
            let mut json = Vec::new();
            card.write(&mut json, &CardParts { counters, is_followed, has_banner }, || ORIGIN);
            let bound = card.max_bytes() + ORIGIN.len();
            prop_assert!(json.len() <= bound, "{} > {bound}", json.len());
            prop_assert_eq!(json, serde_json::to_vec(&typed(space, has_banner)).unwrap());
        }
    }
}
