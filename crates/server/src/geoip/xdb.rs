//! A reader of the xdb format of ip2region, versions 2 (IPv4) and 3 (IPv4 or IPv6), in memory.
//!
//! | bytes | content |
//! |---|---|
//! | 256 | header: version `u16`, policy `u16`, time `u32`, first and last segment `u32`, IP version `u16` (format 3) |
//! | 524,288 | a cell for each value of an address's first two bytes: start and end of its segments, `u32` each, or both 0 |
//! | any | texts of regions, in UTF-8 |
//! | 14 or 38 each | segments: first and last address, length `u16` and offset `u32` of the region's text |
//!
//! Numbers and IPv4 addresses are little-endian, IPv6 addresses are big-endian. No segment crosses a cell.
//!
//! No crate replaces this reader. `xdb-parse` 0.2 compares IPv6 addresses as little-endian, and panics on a file that is
//! shorter than the cells or has an offset beyond its end. `ip2region` 0.1 reads IPv4 only.

use std::net::IpAddr;
use std::ops::Range;

const HEADER_BYTES: usize = 256;
const CELL_BYTES: usize = 8;
const CELL_COUNT: usize = 65_536;
const TEXTS_OFFSET: usize = HEADER_BYTES + CELL_BYTES * CELL_COUNT;

/// An error of an xdb file. Offsets are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XdbError {
    /// The file ends within the header or the cells.
    #[error("it has {0} bytes, fewer than the header and the cells")]
    TooShort(usize),
    /// The format version is unknown, or the file has another format.
    #[error("its format version is {0}, not 2 or 3")]
    UnknownVersion(u16),
    /// The IP version is unknown.
    #[error("its IP version is {0}, not 4 or 6")]
    UnknownAddressFamily(u16),
    /// The segments of the header are not within the file.
    #[error("its segments from {0} to {1} are not within the file")]
    Segments(usize, usize),
    /// The segments of a cell are not among those of the header.
    #[error("the segments from {0} to {1} of the cell {2:04x} are not among its segments")]
    Cell(usize, usize, usize),
    /// The text of a segment is not within the file.
    #[error("the text of the segment at {0} is not within the file")]
    Text(usize),
}

/// A validated file: all its offsets are within the file.
pub struct Xdb {
    bytes: Vec<u8>,
    version: u16,
    is_ipv6: bool,
    segments: Range<usize>,
}

impl Xdb {
    /// Validates a whole file, so that a truncated or corrupt one is rejected here and not by a lookup.
    pub fn open(bytes: Vec<u8>) -> Result<Xdb, XdbError> {
        if bytes.len() < TEXTS_OFFSET {
            return Err(XdbError::TooShort(bytes.len()));
        }
        let version = read_u16(&bytes, 0);
        let is_ipv6 = match (version, read_u16(&bytes, 16)) {
            (2, _) | (3, 4) => false,
            (3, 6) => true,
            (3, addresses) => return Err(XdbError::UnknownAddressFamily(addresses)),
            _ => return Err(XdbError::UnknownVersion(version)),
        };
        // The header has the offset at which the last segment starts.
        let (start, last) = (read_u32(&bytes, 8), read_u32(&bytes, 12));
        let end = last.saturating_add(segment_bytes(is_ipv6));
        let is_aligned =
            start >= TEXTS_OFFSET && start <= last && (last - start).is_multiple_of(segment_bytes(is_ipv6));
        if !is_aligned || end > bytes.len() {
            return Err(XdbError::Segments(start, last));
        }
        let xdb = Xdb { bytes, version, is_ipv6, segments: start..end };
        xdb.check_cells()?;
        xdb.check_texts()?;
        Ok(xdb)
    }

    /// Returns the format version, 2 or 3.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Returns true for a file of IPv6 addresses, false for IPv4.
    pub fn is_ipv6(&self) -> bool {
        self.is_ipv6
    }

    /// Returns the number of segments.
    pub fn segment_count(&self) -> usize {
        self.segments.len() / segment_bytes(self.is_ipv6)
    }

    /// Returns the text of the region of an address. Returns `None` for an address of the other IP version or
    /// without a segment, and for a text that is not UTF-8.
    pub fn region(&self, ip: IpAddr) -> Option<&str> {
        let (address, cell) = match ip {
            IpAddr::V4(ip) if !self.is_ipv6 => (ip.to_bits().into(), ip.to_bits() >> 16),
            IpAddr::V6(ip) if self.is_ipv6 => (ip.to_bits(), ip.segments()[0].into()),
            _ => return None,
        };
        let cell = self.cell_segments(cell as usize);
        let (mut low, mut high) = (0, cell.len() / segment_bytes(self.is_ipv6));
        while low < high {
            let middle = low.midpoint(high);
            let segment = cell.start + middle * segment_bytes(self.is_ipv6);
            if address < self.address(segment, 0) {
                high = middle;
            } else if address > self.address(segment, 1) {
                low = middle + 1;
            } else {
                return std::str::from_utf8(self.bytes.get(self.text_range(segment))?).ok();
            }
        }
        None
    }

    /// Returns the byte range of the segments of a cell. `first` is the first two bytes of the addresses.
    fn cell_segments(&self, first: usize) -> Range<usize> {
        let at = HEADER_BYTES + CELL_BYTES * first;
        read_u32(&self.bytes, at)..read_u32(&self.bytes, at + 4)
    }

    fn check_cells(&self) -> Result<(), XdbError> {
        let size = segment_bytes(self.is_ipv6);
        for first in 0..CELL_COUNT {
            let Range { start, end } = self.cell_segments(first);
            let is_inside = self.segments.start <= start && start <= end && end <= self.segments.end;
            let is_valid = is_inside
                && (start - self.segments.start).is_multiple_of(size)
                && (end - start).is_multiple_of(size);
            if !is_valid && (start, end) != (0, 0) {
                return Err(XdbError::Cell(start, end, first));
            }
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), XdbError> {
        let mut segments = self.segments.clone().step_by(segment_bytes(self.is_ipv6));
        match segments.find(|segment| self.text_range(*segment).end > self.bytes.len()) {
            Some(segment) => Err(XdbError::Text(segment)),
            None => Ok(()),
        }
    }

    /// Returns the first (`index` 0) or last (`index` 1) address of a segment.
    fn address(&self, segment: usize, index: usize) -> u128 {
        if self.is_ipv6 {
            u128::from_be_bytes(array(&self.bytes, segment + 16 * index))
        } else {
            u32::from_le_bytes(array(&self.bytes, segment + 4 * index)).into()
        }
    }

    /// Returns the byte range of the text of a segment.
    fn text_range(&self, segment: usize) -> Range<usize> {
        let at = segment + if self.is_ipv6 { 32 } else { 8 };
        let start = read_u32(&self.bytes, at + 2);
        start..start.saturating_add(read_u16(&self.bytes, at).into())
    }
}

/// Returns the size of a segment, in bytes.
const fn segment_bytes(is_ipv6: bool) -> usize {
    if is_ipv6 { 38 } else { 14 }
}

/// Returns `N` bytes at an offset. Returns zeros beyond the end, which [`Xdb::open`] rules out.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
}

fn read_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

fn read_u32(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(array(bytes, at)) as usize
}

#[cfg(test)]
pub(crate) mod tests;
