//! Counts and hashes, as dumps have them.

use guanxi_types::Mid;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A count is no larger than what a JavaScript number, or another engine's column, holds exactly.
pub(super) fn count<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let (count, most) = (u64::deserialize(input)?, Mid::MAX.get());
    if count > most {
        return Err(D::Error::custom(format_args!("{count} is no count: the largest is {most}")));
    }
    Ok(count)
}

/// Bytes that are hexadecimal in a dump, and as they are where they are kept.
pub(super) mod hex {
    use serde::de::{DeserializeOwned, Error};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// What has so many bytes.
    pub(in crate::row) trait Bytes: Copy + Serialize + DeserializeOwned {
        /// As digits.
        fn digits(self) -> String;

        /// From digits.
        fn parse(digits: &str) -> Option<Self>;
    }

    impl Bytes for [u8; 32] {
        fn digits(self) -> String {
            let digits: Vec<String> = self.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.concat()
        }

        fn parse(digits: &str) -> Option<Self> {
            let mut bytes = [0; 32];
            (digits.len() == 64).then_some(())?;
            for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
                *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
            }
            Some(bytes)
        }
    }

    impl Bytes for u64 {
        fn digits(self) -> String {
            format!("{self:016x}")
        }

        fn parse(digits: &str) -> Option<Self> {
            u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 16)
        }
    }

    pub(in crate::row) fn serialize<B: Bytes, S: Serializer>(bytes: &B, out: S) -> Result<S::Ok, S::Error> {
        if out.is_human_readable() { out.serialize_str(&bytes.digits()) } else { bytes.serialize(out) }
    }

    pub(in crate::row) fn deserialize<'de, B: Bytes, D: Deserializer<'de>>(input: D) -> Result<B, D::Error> {
        if !input.is_human_readable() {
            return B::deserialize(input);
        }
        let digits = String::deserialize(input)?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
        let told = if plain { B::parse(&digits) } else { None };
        told.ok_or_else(|| {
            D::Error::custom("not so many hexadecimal digits as there must be, in small letters")
        })
    }
}
