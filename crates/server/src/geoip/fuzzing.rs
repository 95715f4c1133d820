//! Properties of geolocation files for fuzzing.

use super::parse_region;
use super::xdb::Xdb;
use arbitrary::{Result, Unstructured};
use std::net::IpAddr;

/// The offset of the texts, after the header and the cells.
const TEXTS_OFFSET: u32 = 256 + 8 * 65_536;

/// Builds a file from a short description, as most of its cells are empty: its header, up to sixteen cells, and the
/// bytes after the cells. Offsets count from the end of the cells, or from the start of the file if a flag says so.
///
/// The file is rejected, or each region of a lookup is the text of a segment that contains the address.
///
/// # Panics
///
/// Panics if a property does not hold.
pub fn xdb(data: &[u8]) {
    let _ = Xdb::open(data.to_vec()).map_err(|error| error.to_string());
    let mut input = Unstructured::new(data);
    let Ok((bytes, cells)) = build_file(&mut input) else { return };
    let Ok(xdb) = Xdb::open(bytes.clone()) else { return };
    let edges = segments(&bytes, &xdb).flat_map(|(first, last, _)| [first, last]).take(64);
    for edge in edges.collect::<Vec<u128>>() {
        for address in [edge, edge.wrapping_add(1), edge.wrapping_sub(1)] {
            check_lookup(&bytes, &xdb, address);
        }
    }
    for cell in cells {
        check_lookup(&bytes, &xdb, u128::from(cell) << if xdb.is_ipv6() { 112 } else { 16 });
    }
}

/// Builds a file. Returns its bytes and the described cells.
fn build_file(input: &mut Unstructured<'_>) -> Result<(Vec<u8>, Vec<u16>)> {
    let (absolute, cells): (bool, u8) = input.arbitrary()?;
    let from = if absolute { 0 } else { TEXTS_OFFSET };
    let mut bytes = vec![0; TEXTS_OFFSET as usize];
    bytes[..20].copy_from_slice(input.bytes(20)?);
    for at in [8, 12] {
        let offset = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
        bytes[at..at + 4].copy_from_slice(&offset.wrapping_add(from).to_le_bytes());
    }
    let mut described = Vec::new();
    for _ in 0..cells % 17 {
        let (cell, start, end): (u16, u32, u32) = input.arbitrary()?;
        described.push(cell);
        let at = 256 + 8 * usize::from(cell);
        bytes[at..at + 4].copy_from_slice(&start.wrapping_add(from).to_le_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&end.wrapping_add(from).to_le_bytes());
    }
    bytes.extend(input.bytes(input.len())?);
    Ok((bytes, described))
}

fn read_u32(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, |four| u32::from_le_bytes(four) as usize)
}

/// Returns the segments of a file: first address, last address and text.
fn segments<'b>(bytes: &'b [u8], xdb: &Xdb) -> impl Iterator<Item = (u128, u128, &'b [u8])> {
    let is_ipv6 = xdb.is_ipv6();
    let (size, start) = (if is_ipv6 { 38 } else { 14 }, read_u32(bytes, 8));
    bytes[start..start + xdb.segment_count() * size].chunks_exact(size).map(move |segment| {
        let (addresses, text) = segment.split_at(size - 6);
        let (first, last) = addresses.split_at(addresses.len() / 2);
        let address = |octets: &[u8]| {
            let add = |sum: u128, octet: &u8| sum << 8 | u128::from(*octet);
            if is_ipv6 { octets.iter().fold(0, add) } else { octets.iter().rev().fold(0, add) }
        };
        let (length, offset) = (usize::from(u16::from_le_bytes([text[0], text[1]])), read_u32(text, 2));
        (address(first), address(last), &bytes[offset..offset + length])
    })
}

fn check_lookup(bytes: &[u8], xdb: &Xdb, address: u128) {
    let ip = if xdb.is_ipv6() {
        IpAddr::V6(address.into())
    } else {
        IpAddr::V4(u32::try_from(address).unwrap_or(0).into())
    };
    let other = if xdb.is_ipv6() { IpAddr::V4(7.into()) } else { IpAddr::V6(7.into()) };
    assert_eq!(xdb.region(other), None);
    let Some(region) = xdb.region(ip) else { return };
    let address = match ip {
        IpAddr::V4(ip) => ip.to_bits().into(),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    let matches = |(first, last, text): (u128, u128, &[u8])| {
        first <= address && address <= last && text == region.as_bytes()
    };
    assert!(segments(bytes, xdb).any(matches), "no segment has {ip} and {region:?}");
    let location = parse_region(region, xdb.version());
    assert!(location.name.len() + location.isp.len() <= 2 * region.len() + 2);
}
