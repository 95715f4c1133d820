//! Deserialization of counts.

use guanxi_domain::value::MAX_COUNT;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Reads a count of at most [`MAX_COUNT`].
pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let count = u64::deserialize(input)?;
    if count > MAX_COUNT {
        return Err(D::Error::custom(format_args!("{count} exceeds the maximum count {MAX_COUNT}")));
    }
    Ok(count)
}
