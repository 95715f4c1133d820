//! The xdb format of ip2region, versions 2 (IPv4 alone) and 3 (IPv4 or IPv6), read from memory.
//!
//! | bytes | what |
//! |---|---|
//! | 256 | header: version `u16`, policy `u16`, time `u32`, first and last segment `u32`, addresses' version `u16` (3) |
//! | 524,288 | a cell for each first two bytes of an address: where its segments begin and end, `u32` each, or both 0 |
//! | any | the regions' texts, in UTF-8 |
//! | 14 or 38 each | segments: first and last address, length `u16` and place `u32` of the region's text |
//!
//! Numbers are little-endian, and so are addresses of IPv4; those of IPv6 are big-endian. No segment crosses a cell.

use std::net::IpAddr;
use std::ops::Range;

const HEADER: usize = 256;
const CELL: usize = 8;
const CELLS: usize = 65_536;
const TEXTS: usize = HEADER + CELL * CELLS;

/// Why a file cannot be used. Places in it are counted in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It ends within the header or the cells.
    #[error("it has {0} bytes, fewer than the header and its index")]
    Short(usize),
    /// It is of another version, or no such file at all.
    #[error("it is of version {0} of the format, not 2 or 3")]
    Version(u16),
    /// It says of what addresses it tells, and there are none such.
    #[error("it tells of IPv{0}, not of IPv4 or IPv6")]
    Addresses(u16),
    /// The segments are not where the header says.
    #[error("its segments from {0} to {1} do not lie in it")]
    Segments(usize, usize),
    /// A cell's segments are not among them.
    #[error("the segments from {0} to {1} of the addresses that begin with {2:04x} are none of its own")]
    Cell(usize, usize, usize),
    /// A segment's text is not in the file.
    #[error("the segment at {0} names a text that does not lie in it")]
    Text(usize),
}

/// A file that was looked through: whatever place it names lies in it.
pub struct Xdb {
    bytes: Vec<u8>,
    version: u16,
    wide: bool,
    segments: Range<usize>,
}

impl Xdb {
    /// Looks the whole file through, so that a cut or damaged one is refused here and not at some lookup.
    pub fn open(bytes: Vec<u8>) -> Result<Xdb, Malformed> {
        if bytes.len() < TEXTS {
            return Err(Malformed::Short(bytes.len()));
        }
        let version = short(&bytes, 0);
        let wide = match (version, short(&bytes, 16)) {
            (2, _) | (3, 4) => false,
            (3, 6) => true,
            (3, addresses) => return Err(Malformed::Addresses(addresses)),
            _ => return Err(Malformed::Version(version)),
        };
        // The header names where the last segment begins.
        let (start, last) = (long(&bytes, 8), long(&bytes, 12));
        let end = last.saturating_add(size(wide));
        let whole = start >= TEXTS && start <= last && (last - start).is_multiple_of(size(wide));
        if !whole || end > bytes.len() {
            return Err(Malformed::Segments(start, last));
        }
        let xdb = Xdb { bytes, version, wide, segments: start..end };
        xdb.check_cells()?;
        xdb.check_texts()?;
        Ok(xdb)
    }

    /// The format's version, 2 or 3.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Whether it tells of IPv6, and not of IPv4.
    pub fn wide(&self) -> bool {
        self.wide
    }

    /// How many segments it has.
    pub fn count(&self) -> usize {
        self.segments.len() / size(self.wide)
    }

    /// The text of an address's region; none for an address of the other kind, one it says nothing of, or no UTF-8.
    pub fn region(&self, ip: IpAddr) -> Option<&str> {
        let (address, cell) = match ip {
            IpAddr::V4(ip) if !self.wide => (ip.to_bits().into(), ip.to_bits() >> 16),
            IpAddr::V6(ip) if self.wide => (ip.to_bits(), ip.segments()[0].into()),
            _ => return None,
        };
        let cell = self.cell(cell as usize);
        let (mut low, mut high) = (0, cell.len() / size(self.wide));
        while low < high {
            let middle = low.midpoint(high);
            let segment = cell.start + middle * size(self.wide);
            if address < self.address(segment, 0) {
                high = middle;
            } else if address > self.address(segment, 1) {
                low = middle + 1;
            } else {
                return std::str::from_utf8(self.bytes.get(self.text(segment))?).ok();
            }
        }
        None
    }

    /// Where the segments of the addresses lie that begin with these two bytes.
    fn cell(&self, first: usize) -> Range<usize> {
        let at = HEADER + CELL * first;
        long(&self.bytes, at)..long(&self.bytes, at + 4)
    }

    fn check_cells(&self) -> Result<(), Malformed> {
        let size = size(self.wide);
        for first in 0..CELLS {
            let Range { start, end } = self.cell(first);
            let inside = self.segments.start <= start && start <= end && end <= self.segments.end;
            let whole = inside
                && (start - self.segments.start).is_multiple_of(size)
                && (end - start).is_multiple_of(size);
            if !whole && (start, end) != (0, 0) {
                return Err(Malformed::Cell(start, end, first));
            }
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), Malformed> {
        let mut segments = self.segments.clone().step_by(size(self.wide));
        match segments.find(|segment| self.text(*segment).end > self.bytes.len()) {
            Some(segment) => Err(Malformed::Text(segment)),
            None => Ok(()),
        }
    }

    /// The first (0) or last (1) address of a segment.
    fn address(&self, segment: usize, which: usize) -> u128 {
        if self.wide {
            u128::from_be_bytes(array(&self.bytes, segment + 16 * which))
        } else {
            u32::from_le_bytes(array(&self.bytes, segment + 4 * which)).into()
        }
    }

    /// Where the text of a segment lies.
    fn text(&self, segment: usize) -> Range<usize> {
        let at = segment + if self.wide { 32 } else { 8 };
        let start = long(&self.bytes, at + 2);
        start..start.saturating_add(short(&self.bytes, at).into())
    }
}

/// How many bytes a segment has.
const fn size(wide: bool) -> usize {
    if wide { 38 } else { 14 }
}

/// So many bytes from there on; zeros where the file ends before, which [`Xdb::open`] has ruled out.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

fn long(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(array(bytes, at)) as usize
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file of these segments, which are in order and cross no cell.
    pub(crate) fn file(version: u16, segments: &[(&str, &str, &str)]) -> Vec<u8> {
        let wide = segments.iter().any(|(first, ..)| first.contains(':'));
        let octets = |address: &str| match address.parse().unwrap() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let mut bytes = vec![0; TEXTS];
        bytes.extend(segments.iter().flat_map(|(.., text)| text.bytes()));
        let (start, mut text) = (bytes.len(), TEXTS);
        for (first, last, region) in segments {
            let cell = u16::from_be_bytes(array(&octets(first), 0));
            let at = HEADER + CELL * usize::from(cell);
            if long(&bytes, at) == 0 {
                let here = number(bytes.len());
                bytes[at..at + 4].copy_from_slice(&here);
            }
            for address in [first, last] {
                let mut address = octets(address);
                if !wide {
                    address.reverse();
                }
                bytes.extend(address);
            }
            bytes.extend(u16::try_from(region.len()).unwrap().to_le_bytes());
            bytes.extend(number(text));
            text += region.len();
            let here = number(bytes.len());
            bytes[at + 4..at + 8].copy_from_slice(&here);
        }
        let last = number(bytes.len() - size(wide));
        bytes[..2].copy_from_slice(&version.to_le_bytes());
        bytes[2] = 1;
        bytes[8..12].copy_from_slice(&number(start));
        bytes[12..16].copy_from_slice(&last);
        if version == 3 {
            bytes[16] = if wide { 6 } else { 4 };
        }
        bytes
    }

    fn narrow() -> Vec<u8> {
        file(
            2,
            &[
                ("0.0.0.0", "0.0.255.255", "零"),
                ("36.40.0.0", "36.40.119.255", "西安"),
                ("36.40.120.0", "36.40.120.255", "渭南"),
                ("36.40.122.0", "36.40.255.255", "宝鸡"),
                ("255.255.0.0", "255.255.255.255", "末"),
            ],
        )
    }

    fn wide() -> Vec<u8> {
        file(
            3,
            &[
                ("::", "0:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "零"),
                ("240e:3b7::", "240e:3b7:ffff:ffff:ffff:ffff:ffff:ffff", "渭南"),
                ("240e:3b8:0:1::", "240e:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "宝鸡"),
                ("ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "末"),
            ],
        )
    }

    fn region(xdb: &Xdb, ip: &str) -> Option<String> {
        xdb.region(ip.parse().unwrap()).map(str::to_owned)
    }

    fn error(bytes: &[u8]) -> Option<Malformed> {
        Xdb::open(bytes.to_vec()).err()
    }

    #[test]
    fn regions() {
        let (narrow, wide) = (Xdb::open(narrow()).unwrap(), Xdb::open(wide()).unwrap());
        let cases = [
            (&narrow, "0.0.0.0", Some("零")),
            (&narrow, "0.0.255.255", Some("零")),
            (&narrow, "0.1.0.0", None),
            (&narrow, "36.39.255.255", None),
            (&narrow, "36.40.0.0", Some("西安")),
            (&narrow, "36.40.119.255", Some("西安")),
            (&narrow, "36.40.120.0", Some("渭南")),
            (&narrow, "36.40.121.7", None),
            (&narrow, "36.40.255.255", Some("宝鸡")),
            (&narrow, "255.255.255.255", Some("末")),
            (&narrow, "::", None),
            (&wide, "::", Some("零")),
            (&wide, "240e:3b6:ffff:ffff:ffff:ffff:ffff:ffff", None),
            (&wide, "240e:3b7::", Some("渭南")),
            (&wide, "240e:3b7:1:2:3:4:5:6", Some("渭南")),
            (&wide, "240e:3b8::1", None),
            (&wide, "240e:3b8:0:1::", Some("宝鸡")),
            (&wide, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("末")),
            (&wide, "0.0.0.0", None),
        ];
        for (xdb, ip, text) in cases {
            assert_eq!(region(xdb, ip).as_deref(), text, "{ip}");
        }
        assert_eq!((narrow.version(), narrow.wide(), narrow.count()), (2, false, 5));
        assert_eq!((wide.version(), wide.wide(), wide.count()), (3, true, 4));
    }

    #[test]
    fn a_text_that_is_none_is_unknown() {
        let mut bytes = narrow();
        bytes[TEXTS] = 0xff;
        assert_eq!(region(&Xdb::open(bytes).unwrap(), "0.0.0.0"), None);
    }

    #[test]
    fn what_is_cut_is_refused() {
        for whole in [narrow(), wide()] {
            assert_eq!(error(&whole), None);
            let start = long(&whole, 8);
            let before = [0, 1, 15, 16, 17, HEADER - 1, HEADER, HEADER + 1, HEADER + CELL, TEXTS - 1];
            for length in before {
                assert_eq!(error(&whole[..length]), Some(Malformed::Short(length)));
            }
            for length in TEXTS..whole.len() {
                let segments = Malformed::Segments(start, long(&whole, 12));
                assert_eq!(error(&whole[..length]), Some(segments), "{length}");
            }
            assert_eq!(error(&[&whole[..], b"more"].concat()), None);
        }
    }

    #[test]
    fn what_lies_is_refused() {
        use Malformed::{Addresses, Cell, Segments, Text, Version};
        let whole = narrow();
        let (start, last, end) = (long(&whole, 8), long(&whole, 12), whole.len());
        let far = u32::MAX as usize;
        let cell = HEADER + CELL * 0x2428;
        let (first, after) = (start + 14, start + 4 * 14);
        // where, what is written there, why it is refused
        let cases = [
            (0, 1, Some(Version(1))),
            (0, 0x504b, Some(Version(0x504b))),
            (0, 3, Some(Addresses(0))),
            (16, 0xffff, None),
            (8, 0, Some(Segments(0, last))),
            (8, TEXTS - 1, Some(Segments(TEXTS - 1, last))),
            (8, last + 14, Some(Segments(last + 14, last))),
            (8, start + 1, Some(Segments(start + 1, last))),
            (8, far, Some(Segments(far, last))),
            (12, far, Some(Segments(start, far))),
            (12, end, Some(Segments(start, end))),
            (12, last - 14, Some(Cell(last, end, 0xffff))),
            (cell, 0, Some(Cell(0, after, 0x2428))),
            (cell, after, None),
            (cell, after + 14, Some(Cell(after + 14, after, 0x2428))),
            (cell, first + 1, Some(Cell(first + 1, after, 0x2428))),
            (cell, start - 14, Some(Cell(start - 14, after, 0x2428))),
            (cell + 4, 0, Some(Cell(first, 0, 0x2428))),
            (cell + 4, after - 1, Some(Cell(first, after - 1, 0x2428))),
            (cell + 4, end + 14, Some(Cell(first, end + 14, 0x2428))),
            (cell + 4, far, Some(Cell(first, far, 0x2428))),
            (last + 10, far, Some(Text(last))),
            (last + 10, end - 2, Some(Text(last))),
            (last + 10, end - 3, None),
            (last + 10, 0, None),
        ];
        for (at, number, why) in cases {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&u32::try_from(number).unwrap().to_le_bytes());
            if at == 0 {
                bytes[2..4].copy_from_slice(&[1, 0]);
            }
            assert_eq!(error(&bytes), why, "{number} at {at}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damage_is_an_error_or_some_answer(
            wider: bool,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            addresses: [(u32, u128); 8],
        ) {
            let mut bytes = if wider { wide() } else { narrow() };
            // The header, the cells in use, and all that follows them: most cells are alike.
            let cells = [0, 0x240e, 0x2428, 0xffff].map(|cell| HEADER + CELL * cell..HEADER + CELL * (cell + 1));
            let spots: Vec<usize> = (0..20).chain(cells.into_iter().flatten()).chain(TEXTS..bytes.len()).collect();
            for (spot, byte) in damage {
                bytes[*spot.get(&spots)] ^= byte;
            }
            if let Ok(xdb) = Xdb::open(bytes) {
                for (narrow, wide) in addresses {
                    for ip in [IpAddr::V4((narrow & 0x0000_ffff | 0x2428_0000).into()), IpAddr::V6(wide.into())] {
                        xdb.region(ip);
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_refused_or_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let header = bytes.len().min(20);
            let mut whole = wide();
            whole[..header].copy_from_slice(&bytes[..header]);
            if let Ok(xdb) = Xdb::open(whole) {
                xdb.region("::1".parse().unwrap());
            }
            prop_assert!(Xdb::open(bytes).is_err());
        }
    }
}
