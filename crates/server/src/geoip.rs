//! Geolocation of addresses by an ip2region file, for the login log.
//!
//! A region is a text such as `中国|0|陕西省|渭南市|电信`, where 0 is an unknown value. Its columns changed over the years,
//! and all three forms are supported.

pub mod xdb;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use xdb::{Xdb, XdbError};

/// The built-in file for IPv4, compressed. `data/NOTICE` has its source and licence.
const COMPRESSED: &[u8] = include_bytes!("../data/ip2region.xdb.zst");

/// The built-in file, decompressed by the first lookup, so that startup does not wait for it.
static BUILT_IN: LazyLock<Option<Xdb>> = LazyLock::new(|| {
    let log = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "built-in geolocation file is invalid, locations are unknown");
    };
    let bytes = zstd::decode_all(COMPRESSED).inspect_err(|error| log(error)).ok()?;
    Xdb::open(bytes).inspect_err(|error| log(error)).ok()
});

/// Locations by address.
pub struct GeoIp {
    v4: Source,
    /// No file for IPv6 is built in: none has a licence that permits redistribution.
    v6: Option<Box<Xdb>>,
}

enum Source {
    BuiltIn,
    File(Box<Xdb>),
}

/// An error of a geolocation file.
#[derive(Debug, thiserror::Error)]
pub enum GeoIpError {
    /// The file cannot be read.
    #[error("{0:?} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The file is not a valid xdb file.
    #[error("{0:?} is not a valid xdb file: {1}")]
    Malformed(PathBuf, XdbError),
}

/// The location of an address. Unknown parts are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The country, province and city, such as `中国陕西渭南`, or `局域网` for a private network.
    pub name: String,
    /// The internet service provider, such as `电信`.
    pub isp: String,
}

impl GeoIp {
    /// Returns the built-in data, for IPv4 only. The first lookup decompresses it.
    pub fn built_in() -> GeoIp {
        GeoIp { v4: Source::BuiltIn, v6: None }
    }

    /// Reads a file into memory. An IPv4 file replaces the built-in data, an IPv6 file supplements it.
    pub fn open(path: &Path) -> Result<GeoIp, GeoIpError> {
        let bytes = std::fs::read(path).map_err(|error| GeoIpError::Unreadable(path.into(), error))?;
        let xdb = Xdb::open(bytes).map_err(|error| GeoIpError::Malformed(path.into(), error))?;
        let xdb = Box::new(xdb);
        Ok(if xdb.is_ipv6() {
            GeoIp { v4: Source::BuiltIn, v6: Some(xdb) }
        } else {
            GeoIp { v4: Source::File(xdb), v6: None }
        })
    }

    /// Returns the location of an address. An IPv4-mapped IPv6 address (`::ffff:…`) counts as IPv4.
    pub fn locate(&self, ip: IpAddr) -> Location {
        let ip = ip.to_canonical();
        if is_private_network(ip) {
            return Location { name: "局域网".into(), ..Location::default() };
        }
        let xdb = match (&self.v4, ip) {
            (_, IpAddr::V6(_)) => self.v6.as_deref(),
            (Source::BuiltIn, _) => BUILT_IN.as_ref(),
            (Source::File(xdb), _) => Some(&**xdb),
        };
        let location = xdb.and_then(|xdb| Some(parse_region(xdb.region(ip)?, xdb.version())));
        location.unwrap_or_default()
    }
}

// Keeps megabytes of data out of logs.
impl std::fmt::Debug for GeoIp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.v4 {
            Source::BuiltIn => out.write_str("GeoIp(IPv4 built in")?,
            Source::File(xdb) => write!(out, "GeoIp(IPv4, {} segments", xdb.segment_count())?,
        }
        match &self.v6 {
            None => out.write_str(")"),
            Some(xdb) => write!(out, "; IPv6, {} segments)", xdb.segment_count()),
        }
    }
}

/// Returns true if the address belongs to a private network, which has no public location.
fn is_private_network(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Parses the text of a region in a file of a format version.
fn parse_region(region: &str, version: u16) -> Location {
    let columns: Vec<&str> =
        region.split('|').map(|column| if column == "0" { "" } else { column }).collect();
    let (country, province, city, isp) = match columns[..] {
        // A provider may look like a country code (XL is one in Indonesia). In version 2 the last column is a
        // country code only if the second one has a value.
        [country, province, city, isp, code] if is_code(code) && (version > 2 || !province.is_empty()) => {
            (country, province, city, isp)
        }
        // Until 2025 an unused column followed the country.
        [country, province, city, isp] | [country, _, province, city, isp] => (country, province, city, isp),
        _ => return Location::default(),
    };
    // Ranges without a country are reserved. Their other columns are not locations.
    if country.is_empty() {
        return Location::default();
    }
    Location { name: join_place(country, province, city), isp: isp.to_owned() }
}

fn is_code(column: &str) -> bool {
    column.len() == 2 && column.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Joins country, province and city without repetition: 中国|北京|北京市 becomes 中国北京. Latin words are separated by a
/// space.
fn join_place(country: &str, province: &str, city: &str) -> String {
    let bare = |name: &str| name.strip_suffix('市').unwrap_or(name).to_owned();
    let city = if bare(city) == bare(province) { "" } else { city };
    let province = if province == country { "" } else { province };
    let shorten: fn(&str) -> &str = if country == "中国" { short_name } else { |name| name };
    let mut location = country.to_owned();
    for name in [shorten(province), shorten(city)] {
        let is_latin = |letter: Option<char>| letter.is_some_and(|letter| letter < '\u{2e80}');
        if is_latin(location.chars().next_back()) && is_latin(name.chars().next()) {
            location.push(' ');
        }
        location.push_str(name);
    }
    location
}

/// Removes the administrative suffix of a province or city, unless only one character would remain.
fn short_name(name: &str) -> &str {
    const SUFFIXES: [&str; 7] =
        ["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"];
    let bare = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    bare.filter(|bare| bare.chars().count() > 1).unwrap_or(name)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;
