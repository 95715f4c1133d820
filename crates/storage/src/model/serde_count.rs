//! Deserialization of counts.

use guanxi_types::Mid;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Reads a count. The maximum is the largest integer that a JavaScript number and an SQL column hold exactly.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let (count, max) = (u64::deserialize(input)?, Mid::MAX.get());
    if count > max {
        return Err(D::Error::custom(format_args!("{count} exceeds the maximum count {max}")));
    }
    Ok(count)
}
