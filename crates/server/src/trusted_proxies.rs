//! The reverse proxies whose forwarding headers are trusted.

use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses and networks of trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "TextOrList")]
pub struct TrustedProxies(Vec<IpNet>);

/// The two forms of the setting: text with commas, or a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrList {
    Text(String),
    List(Vec<String>),
}

impl TryFrom<TextOrList> for TrustedProxies {
    type Error = String;

    fn try_from(listed: TextOrList) -> Result<TrustedProxies, String> {
        match listed {
            TextOrList::Text(text) => text.parse(),
            TextOrList::List(list) => list.join(",").parse(),
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<TrustedProxies, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let network = |name: &str| {
            let address = name.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| name.parse()).map_err(|_| format!("{name:?} is not an address or network"))
        };
        names.map(network).collect::<Result<_, _>>().map(TrustedProxies)
    }
}

impl TrustedProxies {
    /// Returns true if one of the networks contains all IPv4 or all IPv6 addresses.
    pub fn contains_any_address(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Returns true if an address belongs to a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_network_is_named_in_the_error() {
        let networks = |text: &str| text.parse::<TrustedProxies>();
        assert_eq!(networks("").unwrap(), TrustedProxies::default());
        assert!(networks("10.0.0.0/8, here").unwrap_err().contains("here"));
        assert!(networks("10.0.0.0/33").is_err());
        let both =
            TrustedProxies::try_from(TextOrList::List(vec!["10.0.0.0/8".to_owned(), "::1".to_owned()]));
        assert_eq!(both, networks("10.0.0.0/8,::1"));
    }
}
