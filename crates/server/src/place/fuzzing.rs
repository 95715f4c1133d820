//! Properties of files of places.

use super::told;
use super::xdb::Xdb;
use arbitrary::{Result, Unstructured};
use std::net::IpAddr;

/// Where the texts begin: behind the header and the cells.
const TEXTS: u32 = 256 + 8 * 65_536;

/// A file of places, told in short, as most of its cells are alike: its header, up to sixteen of its cells, then what follows
/// them. Places in the file count from behind the cells unless they are told to count from its beginning.
///
/// A file is refused, or each region that it tells stands in it, and belongs to a segment that has the address.
///
/// # Panics
///
/// If a property does not hold.
pub fn xdb(data: &[u8]) {
    let _ = Xdb::open(data.to_vec()).map_err(|why| why.to_string());
    let mut input = Unstructured::new(data);
    let Ok((bytes, cells)) = file(&mut input) else { return };
    let Ok(xdb) = Xdb::open(bytes.clone()) else { return };
    let edges = segments(&bytes, &xdb).flat_map(|(first, last, _)| [first, last]).take(64);
    for edge in edges.collect::<Vec<u128>>() {
        for address in [edge, edge.wrapping_add(1), edge.wrapping_sub(1)] {
            ask(&bytes, &xdb, address);
        }
    }
    for cell in cells {
        ask(&bytes, &xdb, u128::from(cell) << if xdb.wide() { 112 } else { 16 });
    }
}

/// A file, and which of its cells were told.
fn file(input: &mut Unstructured<'_>) -> Result<(Vec<u8>, Vec<u16>)> {
    let (absolute, cells): (bool, u8) = input.arbitrary()?;
    let from = if absolute { 0 } else { TEXTS };
    let mut bytes = vec![0; TEXTS as usize];
    bytes[..20].copy_from_slice(input.bytes(20)?);
    for at in [8, 12] {
        let place = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
        bytes[at..at + 4].copy_from_slice(&place.wrapping_add(from).to_le_bytes());
    }
    let mut told = Vec::new();
    for _ in 0..cells % 17 {
        let (cell, start, end): (u16, u32, u32) = input.arbitrary()?;
        told.push(cell);
        let at = 256 + 8 * usize::from(cell);
        bytes[at..at + 4].copy_from_slice(&start.wrapping_add(from).to_le_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&end.wrapping_add(from).to_le_bytes());
    }
    bytes.extend(input.bytes(input.len())?);
    Ok((bytes, told))
}

fn number(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, |four| u32::from_le_bytes(four) as usize)
}

/// Every segment of a file: its first address, its last, and its text.
fn segments<'b>(bytes: &'b [u8], xdb: &Xdb) -> impl Iterator<Item = (u128, u128, &'b [u8])> {
    let wide = xdb.wide();
    let (size, start) = (if wide { 38 } else { 14 }, number(bytes, 8));
    bytes[start..start + xdb.count() * size].chunks_exact(size).map(move |segment| {
        let (addresses, text) = segment.split_at(size - 6);
        let (first, last) = addresses.split_at(addresses.len() / 2);
        let address = |octets: &[u8]| {
            let add = |sum: u128, octet: &u8| sum << 8 | u128::from(*octet);
            if wide { octets.iter().fold(0, add) } else { octets.iter().rev().fold(0, add) }
        };
        let (length, place) = (usize::from(u16::from_le_bytes([text[0], text[1]])), number(text, 2));
        (address(first), address(last), &bytes[place..place + length])
    })
}

fn ask(bytes: &[u8], xdb: &Xdb, address: u128) {
    let ip = if xdb.wide() {
        IpAddr::V6(address.into())
    } else {
        IpAddr::V4(u32::try_from(address).unwrap_or(0).into())
    };
    let other = if xdb.wide() { IpAddr::V4(7.into()) } else { IpAddr::V6(7.into()) };
    assert_eq!(xdb.region(other), None);
    let Some(region) = xdb.region(ip) else { return };
    let address = match ip {
        IpAddr::V4(ip) => ip.to_bits().into(),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    let stands = |(first, last, text): (u128, u128, &[u8])| {
        first <= address && address <= last && text == region.as_bytes()
    };
    assert!(segments(bytes, xdb).any(stands), "no segment has {ip} in {region:?}");
    let place = told(region, xdb.version());
    assert!(place.place.len() + place.carrier.len() <= 2 * region.len() + 2);
}
