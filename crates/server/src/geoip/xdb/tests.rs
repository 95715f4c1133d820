use super::*;
use proptest::prelude::*;

/// Builds a file of segments, which have to be ordered and must not cross a cell.
pub(crate) fn file(version: u16, segments: &[(&str, &str, &str)]) -> Vec<u8> {
    let is_ipv6 = segments.iter().any(|(first, ..)| first.contains(':'));
    let octets = |address: &str| match address.parse().unwrap() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let mut bytes = vec![0; TEXTS_OFFSET];
    bytes.extend(segments.iter().flat_map(|(.., text)| text.bytes()));
    let (start, mut text) = (bytes.len(), TEXTS_OFFSET);
    for (first, last, region) in segments {
        let cell = u16::from_be_bytes(array(&octets(first), 0));
        let at = HEADER_BYTES + CELL_BYTES * usize::from(cell);
        if read_u32(&bytes, at) == 0 {
            let here = number(bytes.len());
            bytes[at..at + 4].copy_from_slice(&here);
        }
        for address in [first, last] {
            let mut address = octets(address);
            if !is_ipv6 {
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
    let last = number(bytes.len() - segment_bytes(is_ipv6));
    bytes[..2].copy_from_slice(&version.to_le_bytes());
    bytes[2] = 1;
    bytes[8..12].copy_from_slice(&number(start));
    bytes[12..16].copy_from_slice(&last);
    if version == 3 {
        bytes[16] = if is_ipv6 { 6 } else { 4 };
    }
    bytes
}

fn ipv4_file() -> Vec<u8> {
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

fn ipv6_file() -> Vec<u8> {
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

fn error(bytes: &[u8]) -> Option<XdbError> {
    Xdb::open(bytes.to_vec()).err()
}

#[test]
fn region_is_found_by_address() {
    let (v4, v6) = (Xdb::open(ipv4_file()).unwrap(), Xdb::open(ipv6_file()).unwrap());
    let cases = [
        (&v4, "0.0.0.0", Some("零")),
        (&v4, "0.0.255.255", Some("零")),
        (&v4, "0.1.0.0", None),
        (&v4, "36.39.255.255", None),
        (&v4, "36.40.0.0", Some("西安")),
        (&v4, "36.40.119.255", Some("西安")),
        (&v4, "36.40.120.0", Some("渭南")),
        (&v4, "36.40.121.7", None),
        (&v4, "36.40.255.255", Some("宝鸡")),
        (&v4, "255.255.255.255", Some("末")),
        (&v4, "::", None),
        (&v6, "::", Some("零")),
        (&v6, "240e:3b6:ffff:ffff:ffff:ffff:ffff:ffff", None),
        (&v6, "240e:3b7::", Some("渭南")),
        (&v6, "240e:3b7:1:2:3:4:5:6", Some("渭南")),
        (&v6, "240e:3b8::1", None),
        (&v6, "240e:3b8:0:1::", Some("宝鸡")),
        (&v6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("末")),
        (&v6, "0.0.0.0", None),
    ];
    for (xdb, ip, text) in cases {
        assert_eq!(region(xdb, ip).as_deref(), text, "{ip}");
    }
    assert_eq!((v4.version(), v4.is_ipv6(), v4.segment_count()), (2, false, 5));
    assert_eq!((v6.version(), v6.is_ipv6(), v6.segment_count()), (3, true, 4));
}

#[test]
fn invalid_utf8_text_is_no_region() {
    let mut bytes = ipv4_file();
    bytes[TEXTS_OFFSET] = 0xff;
    assert_eq!(region(&Xdb::open(bytes).unwrap(), "0.0.0.0"), None);
}

#[test]
fn truncated_file_is_rejected() {
    for file in [ipv4_file(), ipv6_file()] {
        assert_eq!(error(&file), None);
        let start = read_u32(&file, 8);
        let before = [
            0,
            1,
            15,
            16,
            17,
            HEADER_BYTES - 1,
            HEADER_BYTES,
            HEADER_BYTES + 1,
            HEADER_BYTES + CELL_BYTES,
            TEXTS_OFFSET - 1,
        ];
        for length in before {
            assert_eq!(error(&file[..length]), Some(XdbError::TooShort(length)));
        }
        for length in TEXTS_OFFSET..file.len() {
            let segments = XdbError::Segments(start, read_u32(&file, 12));
            assert_eq!(error(&file[..length]), Some(segments), "{length}");
        }
        assert_eq!(error(&[&file[..], b"more"].concat()), None);
    }
}

#[test]
fn invalid_offsets_are_rejected() {
    use XdbError::{Cell, Segments, Text, UnknownAddressFamily, UnknownVersion};
    let file = ipv4_file();
    let (start, last, end) = (read_u32(&file, 8), read_u32(&file, 12), file.len());
    let far = u32::MAX as usize;
    let cell = HEADER_BYTES + CELL_BYTES * 0x2428;
    let (first, after) = (start + 14, start + 4 * 14);
    // offset, value written there, error
    let cases = [
        (0, 1, Some(UnknownVersion(1))),
        (0, 0x504b, Some(UnknownVersion(0x504b))),
        (0, 3, Some(UnknownAddressFamily(0))),
        (16, 0xffff, None),
        (8, 0, Some(Segments(0, last))),
        (8, TEXTS_OFFSET - 1, Some(Segments(TEXTS_OFFSET - 1, last))),
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
    for (offset, value, expected) in cases {
        let mut bytes = file.clone();
        bytes[offset..offset + 4].copy_from_slice(&u32::try_from(value).unwrap().to_le_bytes());
        if offset == 0 {
            bytes[2..4].copy_from_slice(&[1, 0]);
        }
        assert_eq!(error(&bytes), expected, "{value} at {offset}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn corrupt_file_does_not_panic(
        is_ipv6: bool,
        corruption in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        addresses: [(u32, u128); 8],
    ) {
        let mut bytes = if is_ipv6 { ipv6_file() } else { ipv4_file() };
        // The header, the used cells, and all bytes after the cells. Most cells are empty.
        let offset = |cell: usize| HEADER_BYTES + CELL_BYTES * cell;
        let cells = [0, 0x240e, 0x2428, 0xffff].map(|cell| offset(cell)..offset(cell + 1));
        let spots = (0..20).chain(cells.into_iter().flatten()).chain(TEXTS_OFFSET..bytes.len());
        let spots: Vec<usize> = spots.collect();
        for (spot, byte) in corruption {
            bytes[*spot.get(&spots)] ^= byte;
        }
        if let Ok(xdb) = Xdb::open(bytes) {
            for (v4, v6) in addresses {
                for ip in [IpAddr::V4((v4 & 0x0000_ffff | 0x2428_0000).into()), IpAddr::V6(v6.into())] {
                    xdb.region(ip);
                }
            }
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let header = bytes.len().min(20);
        let mut file = ipv6_file();
        file[..header].copy_from_slice(&bytes[..header]);
        if let Ok(xdb) = Xdb::open(file) {
            xdb.region("::1".parse().unwrap());
        }
        prop_assert!(Xdb::open(bytes).is_err());
    }
}
