//! The pictures of members.

use super::binary::Binary;
use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, impl_single_column};
use super::{entity, stored_struct};
use crate::StorageError;
use crate::varint::{read_bytes, write_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guanxi_types::Mid;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

stored_struct! {
    /// A size of the picture of a member. A member with a picture has all sizes, and their path in the card's `face`.
    Picture(
        /** The member. */ mid: Mid,
        /** The width in pixels. */ size: u32,
        /** The hash in the path of the picture. */ #[serde(with = "crate::model::serde_hex")] hash: u64,
        /** The file. */ jpeg: Jpeg
    ) {}
}
entity!(Picture in Picture by (mid: Mid, size: u32));

/// A JPEG file. Its text in dumps is Base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Jpeg(pub Vec<u8>);

impl std::fmt::Debug for Jpeg {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Jpeg({} bytes)", self.0.len())
    }
}

impl Serialize for Jpeg {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Jpeg {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Jpeg, D::Error> {
        let text = String::deserialize(input)?;
        STANDARD.decode(text).map(Jpeg).map_err(|_| D::Error::custom("expected Base64 text"))
    }
}

impl Binary for Jpeg {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StorageError> {
        write_bytes(&self.0, out);
        Ok(())
    }

    fn read(input: &mut &[u8]) -> Option<Jpeg> {
        let (bytes, rest) = read_bytes(input)?;
        *input = rest;
        Some(Jpeg(bytes.to_vec()))
    }
}

impl_single_column!(Jpeg, Bytes, |jpeg| SqlValue::Bytes(jpeg.0.clone()), |value| {
    if let SqlValue::Bytes(bytes) = value { Some(Jpeg(bytes)) } else { None }
});
