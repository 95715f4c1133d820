//! Private texts: phones, mail addresses, real names, document numbers, security questions.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues};
use crate::StorageError;
use serde::de::{Deserializer, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A private text. Databases store only ciphertext, and dumps have only plaintext. Serialization of the wrong form
/// is an error, so that plaintext never reaches the disk by mistake.
#[derive(Clone, PartialEq, Eq)]
pub enum Sensitive {
    /// The plaintext.
    Plaintext(String),
    /// The ciphertext from a [`FieldCipher`](crate::encryption::FieldCipher).
    Ciphertext(Vec<u8>),
}

// Hides the text, so that it never appears in a log.
impl fmt::Debug for Sensitive {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sensitive")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match (self, out.is_human_readable()) {
            (Sensitive::Plaintext(text), true) => out.serialize_str(text),
            (Sensitive::Ciphertext(bytes), false) => out.serialize_bytes(bytes),
            (Sensitive::Plaintext(_), false) => {
                Err(S::Error::custom("cannot store a private text as plaintext"))
            }
            (Sensitive::Ciphertext(_), true) => {
                Err(S::Error::custom("cannot write a private text as ciphertext"))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Sensitive, D::Error> {
        if input.is_human_readable() {
            return String::deserialize(input).map(Sensitive::Plaintext);
        }
        input.deserialize_bytes(Bytes).map(Sensitive::Ciphertext)
    }
}

// A column stores only ciphertext. Plaintext becomes an empty byte string, which the constraint of each column
// rejects.
impl SqlRow for Sensitive {
    const COLUMN_COUNT: usize = 1;

    fn push_columns(name: &str, out: &mut Vec<Column>) {
        out.push(Column { name: name.to_owned(), sql_type: SqlType::Bytes, nullable: false });
    }

    fn push_values(&self, out: &mut Vec<SqlValue>) {
        out.push(match self {
            Sensitive::Plaintext(_) => SqlValue::Bytes(Vec::new()),
            Sensitive::Ciphertext(bytes) => SqlValue::Bytes(bytes.clone()),
        });
    }

    fn read_values(from: &mut SqlValues) -> Result<Sensitive, StorageError> {
        match from.next_value() {
            Some(SqlValue::Bytes(bytes)) if !bytes.is_empty() => Ok(Sensitive::Ciphertext(bytes)),
            _ => Err(StorageError::corrupted("a private text", "not encrypted")),
        }
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a ciphertext")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        if bytes.is_empty() { Err(E::custom("empty ciphertext")) } else { Ok(bytes.to_vec()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_is_json_only_and_ciphertext_binary_only() {
        let plaintext = Sensitive::Plaintext("15312345056".into());
        let ciphertext = Sensitive::Ciphertext(vec![1, 2]);
        let json = serde_json::to_string(&plaintext).unwrap();
        assert_eq!(serde_json::from_str::<Sensitive>(&json).unwrap(), plaintext);
        let bytes = minicbor_serde::to_vec(&ciphertext).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Sensitive>(&bytes).unwrap(), ciphertext);
        assert!(minicbor_serde::to_vec(&plaintext).is_err());
        assert!(serde_json::to_string(&ciphertext).is_err());
        assert_eq!(format!("{plaintext:?}{ciphertext:?}"), "SensitiveSensitive");
    }
}
