//! Serialization of hashes as hexadecimal digits.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// A type with a hexadecimal form of fixed length.
pub(crate) trait HexBytes: Copy {
    /// Returns the value as lower-case hexadecimal digits.
    fn to_hex(self) -> String;

    /// Parses hexadecimal digits. `None` for a wrong length.
    fn from_hex(digits: &str) -> Option<Self>;
}

impl HexBytes for [u8; 32] {
    fn to_hex(self) -> String {
        let digits: Vec<String> = self.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.concat()
    }

    fn from_hex(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        (digits.len() == 64).then_some(())?;
        for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(digits.get(index..index + 2)?, 16).ok()?;
        }
        Some(bytes)
    }
}

impl HexBytes for u64 {
    fn to_hex(self) -> String {
        format!("{self:016x}")
    }

    fn from_hex(digits: &str) -> Option<Self> {
        u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 16)
    }
}

pub(super) fn serialize<B: HexBytes, S: Serializer>(bytes: &B, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&bytes.to_hex())
}

pub(super) fn deserialize<'de, B: HexBytes, D: Deserializer<'de>>(input: D) -> Result<B, D::Error> {
    let digits = String::deserialize(input)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    let parsed = if is_hex { B::from_hex(&digits) } else { None };
    parsed.ok_or_else(|| D::Error::custom("expected lower-case hexadecimal digits of the right length"))
}
