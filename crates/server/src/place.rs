//! Where an address is, and whose it is, as an ip2region file knows it: for the logins of 25 and 26.
//!
//! A region is a text such as `中国|0|陕西省|渭南市|电信`, in which 0 is what nobody knows. Its columns have changed with
//! the years, and the three forms that there are all can be read.

pub mod xdb;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use xdb::{Malformed, Xdb};

/// A file of IPv4, compressed; whose it is and under which licence is told beside it.
const PACKED: &[u8] = include_bytes!("../data/ip2region.xdb.zst");

/// The same, ready to be asked: unpacked the first time anybody asks, and only once, so that a start waits for nothing.
static BUILT_IN: LazyLock<Option<Xdb>> = LazyLock::new(|| {
    let bytes = zstd::decode_all(PACKED);
    let bytes =
        bytes.inspect_err(|error| tracing::error!(%error, "the built-in places cannot be unpacked")).ok()?;
    Xdb::open(bytes).inspect_err(|error| tracing::error!(%error, "the built-in places cannot be read")).ok()
});

/// What is known of addresses.
pub struct GeoIp {
    v4: Source,
    /// Of IPv6 nothing is built in: no file of it could be had under a licence that allows to pass it on.
    v6: Option<Box<Xdb>>,
}

enum Source {
    BuiltIn,
    File(Box<Xdb>),
}

/// Why a file of places cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It cannot be read.
    #[error("{0:?} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is no xdb file, or a damaged one.
    #[error("{0:?} is no xdb file that can be used: {1}")]
    Malformed(PathBuf, Malformed),
}

/// Where an address is. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Country, province and city: `中国陕西渭南`; `局域网` for an address of a private network.
    pub place: String,
    /// Whose the address is: `电信`.
    pub carrier: String,
}

impl GeoIp {
    /// What comes with guanxi, of IPv4 alone. It costs nothing until the first question.
    pub fn built_in() -> GeoIp {
        GeoIp { v4: Source::BuiltIn, v6: None }
    }

    /// A file of IPv4, in place of what is built in, or of IPv6, beside it. It is kept in memory whole.
    pub fn open(path: &Path) -> Result<GeoIp, PlaceError> {
        let bytes = std::fs::read(path).map_err(|error| PlaceError::Unreadable(path.into(), error))?;
        let xdb = Xdb::open(bytes).map_err(|why| PlaceError::Malformed(path.into(), why))?;
        let xdb = Box::new(xdb);
        Ok(if xdb.wide() {
            GeoIp { v4: Source::BuiltIn, v6: Some(xdb) }
        } else {
            GeoIp { v4: Source::File(xdb), v6: None }
        })
    }

    /// Where an address is. One of IPv4 that is written as IPv6 (`::ffff:…`) is taken for what it is.
    pub fn find(&self, ip: IpAddr) -> Location {
        let ip = ip.to_canonical();
        if is_local(ip) {
            return Location { place: "局域网".into(), ..Location::default() };
        }
        let xdb = match (&self.v4, ip) {
            (_, IpAddr::V6(_)) => self.v6.as_deref(),
            (Source::BuiltIn, _) => BUILT_IN.as_ref(),
            (Source::File(xdb), _) => Some(&**xdb),
        };
        let told = xdb.and_then(|xdb| Some(told(xdb.region(ip)?, xdb.version())));
        told.unwrap_or_default()
    }
}

// Megabytes of it must not come into a log.
impl std::fmt::Debug for GeoIp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.v4 {
            Source::BuiltIn => out.write_str("Places(IPv4 built in")?,
            Source::File(xdb) => write!(out, "Places(IPv4, {} segments", xdb.count())?,
        }
        match &self.v6 {
            None => out.write_str(")"),
            Some(xdb) => write!(out, "; IPv6, {} segments)", xdb.count()),
        }
    }
}

/// Whether nobody could say where it is but who gave it.
fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// What a region's text says, in a file of that version of the format.
fn told(region: &str, version: u16) -> Location {
    let columns: Vec<&str> =
        region.split('|').map(|column| if column == "0" { "" } else { column }).collect();
    let (country, province, city, carrier) = match columns[..] {
        // A carrier may look like a country's code (XL is one in Indonesia): where nothing stands after the country in an
        // older file, it is a carrier.
        [country, province, city, carrier, code]
            if is_code(code) && (version > 2 || !province.is_empty()) =>
        {
            (country, province, city, carrier)
        }
        // Until 2025 a column that nobody filled stood after the country.
        [country, province, city, carrier] | [country, _, province, city, carrier] => {
            (country, province, city, carrier)
        }
        _ => return Location::default(),
    };
    // Ranges that belong to no country are reserved ones: what stands in their other columns is no place.
    if country.is_empty() {
        return Location::default();
    }
    Location { place: joined(country, province, city), carrier: carrier.to_owned() }
}

fn is_code(column: &str) -> bool {
    column.len() == 2 && column.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The three as one speaks of them: 中国|北京|北京市 is 中国北京, and two words of Latin letters have a blank between them.
fn joined(country: &str, province: &str, city: &str) -> String {
    let bare = |name: &str| name.strip_suffix('市').unwrap_or(name).to_owned();
    let city = if bare(city) == bare(province) { "" } else { city };
    let province = if province == country { "" } else { province };
    let shorten: fn(&str) -> &str = if country == "中国" { shortened } else { |name| name };
    let mut place = country.to_owned();
    for name in [shorten(province), shorten(city)] {
        let latin = |letter: Option<char>| letter.is_some_and(|letter| letter < '\u{2e80}');
        if latin(place.chars().next_back()) && latin(name.chars().next()) {
            place.push(' ');
        }
        place.push_str(name);
    }
    place
}

/// A province's or city's name without what kind of place it is, unless that leaves less than a name.
fn shortened(name: &str) -> &str {
    const KINDS: [&str; 7] = ["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"];
    let bare = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
    bare.filter(|bare| bare.chars().count() > 1).unwrap_or(name)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;
