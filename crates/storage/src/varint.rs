//! Variable-length integers in LEB128.

/// Appends a number.
#[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
pub(crate) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Maps a number of small absolute value to a small number.
pub(crate) fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

/// Returns the number that [`zigzag`] maps to this one.
pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Returns the encoded length in bytes, and the number.
#[inline]
pub(crate) fn read_varint(bytes: &[u8]) -> Option<(usize, u64)> {
    if let [number @ 0..0x80, ..] = bytes {
        return Some((1, u64::from(*number)));
    }
    read_long_varint(bytes)
}

fn read_long_varint(bytes: &[u8]) -> Option<(usize, u64)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((at + 1, number));
        }
    }
    None
}

/// Appends a byte string: its length, then its bytes.
pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Splits a byte string that [`write_bytes`] wrote from the bytes behind it.
pub(crate) fn read_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (skip, length) = read_varint(bytes)?;
    bytes[skip..].split_at_checked(usize::try_from(length).ok()?)
}
