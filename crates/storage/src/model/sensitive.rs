//! Private texts: phones, mail addresses, real names, document numbers, security questions.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues};
use crate::StorageError;
use serde::de::Deserializer;
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
        match self {
            Sensitive::Plaintext(text) => out.serialize_str(text),
            Sensitive::Ciphertext(_) => Err(S::Error::custom("cannot write a private text as ciphertext")),
        }
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Sensitive, D::Error> {
        String::deserialize(input).map(Sensitive::Plaintext)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_plaintext_only() {
        let plaintext = Sensitive::Plaintext("15312345056".into());
        let ciphertext = Sensitive::Ciphertext(vec![1, 2]);
        let json = serde_json::to_string(&plaintext).unwrap();
        assert_eq!(serde_json::from_str::<Sensitive>(&json).unwrap(), plaintext);
        assert!(serde_json::to_string(&ciphertext).is_err());
        assert_eq!(format!("{plaintext:?}{ciphertext:?}"), "SensitiveSensitive");
    }
}
