//! Addresses and networks, as settings name them.

use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Listed")]
pub struct TrustedProxies(Vec<IpNet>);

/// How they may be written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Text(String),
    List(Vec<String>),
}

impl TryFrom<Listed> for TrustedProxies {
    type Error = String;

    fn try_from(listed: Listed) -> Result<TrustedProxies, String> {
        match listed {
            Listed::Text(text) => text.parse(),
            Listed::List(list) => list.join(",").parse(),
        }
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<TrustedProxies, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let network = |name: &str| {
            let address = name.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| name.parse()).map_err(|_| format!("{name:?} is no address or network"))
        };
        names.map(network).collect::<Result<_, _>>().map(TrustedProxies)
    }
}

impl TrustedProxies {
    /// Returns true if one of them is all addresses of a kind.
    pub fn contain_everybody(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Whether an address is one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_is_named() {
        let networks = |text: &str| text.parse::<TrustedProxies>();
        assert_eq!(networks("").unwrap(), TrustedProxies::default());
        assert!(networks("10.0.0.0/8, here").unwrap_err().contains("here"));
        assert!(networks("10.0.0.0/33").is_err());
        let both = TrustedProxies::try_from(Listed::List(vec!["10.0.0.0/8".to_owned(), "::1".to_owned()]));
        assert_eq!(both, networks("10.0.0.0/8,::1"));
    }
}
