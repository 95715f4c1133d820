//! Private texts: phones, mail addresses, real names, card numbers, safe questions.

use super::column::{Column, Columns, Kind, Value, Values};
use crate::StorageError;
use serde::de::{Deserializer, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A private text. Where it is kept it is sealed, in a dump it stands in the clear, and neither takes the other: what was
/// not sealed cannot come to disk by a slip.
#[derive(Clone, PartialEq, Eq)]
pub enum Sensitive {
    /// The text.
    Clear(String),
    /// What a [`Vault`](crate::vault::Vault) made of it.
    Sealed(Vec<u8>),
}

// A private text must not come into a log by chance.
impl fmt::Debug for Sensitive {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Private")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match (self, out.is_human_readable()) {
            (Sensitive::Clear(text), true) => out.serialize_str(text),
            (Sensitive::Sealed(bytes), false) => out.serialize_bytes(bytes),
            (Sensitive::Clear(_), false) => Err(S::Error::custom("a private text was to be kept unsealed")),
            (Sensitive::Sealed(_), true) => Err(S::Error::custom("a private text was to be told sealed")),
        }
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Sensitive, D::Error> {
        if input.is_human_readable() {
            return String::deserialize(input).map(Sensitive::Clear);
        }
        input.deserialize_bytes(Bytes).map(Sensitive::Sealed)
    }
}

// Where it is kept in columns it is sealed too: one that is not comes there as no bytes, which no column of them takes.
impl Columns for Sensitive {
    const COUNT: usize = 1;

    fn columns(name: &str, out: &mut Vec<Column>) {
        out.push(Column { name: name.to_owned(), kind: Kind::Bytes, optional: false });
    }

    fn write(&self, out: &mut Vec<Value>) {
        out.push(match self {
            Sensitive::Clear(_) => Value::Bytes(Vec::new()),
            Sensitive::Sealed(bytes) => Value::Bytes(bytes.clone()),
        });
    }

    fn read(from: &mut Values) -> Result<Sensitive, StorageError> {
        match from.take() {
            Some(Value::Bytes(bytes)) if !bytes.is_empty() => Ok(Sensitive::Sealed(bytes)),
            _ => Err(StorageError::Corrupted("a private text", "it is not sealed".to_owned())),
        }
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a sealed text")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        if bytes.is_empty() { Err(E::custom("a sealed text of no bytes")) } else { Ok(bytes.to_vec()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_place() {
        let (clear, sealed) = (Sensitive::Clear("15312345056".into()), Sensitive::Sealed(vec![1, 2]));
        let json = serde_json::to_string(&clear).unwrap();
        assert_eq!(serde_json::from_str::<Sensitive>(&json).unwrap(), clear);
        let bytes = minicbor_serde::to_vec(&sealed).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Sensitive>(&bytes).unwrap(), sealed);
        assert!(minicbor_serde::to_vec(&clear).is_err());
        assert!(serde_json::to_string(&sealed).is_err());
        assert_eq!(format!("{clear:?}{sealed:?}"), "PrivatePrivate");
    }
}
