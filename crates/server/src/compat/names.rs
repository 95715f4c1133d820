//! Names of parameters: those of a route become those of its endpoint.

use std::collections::{HashMap, HashSet};

/// A parameter: its name and its value, decoded.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// The changes of the parameters of a route.
#[derive(Debug, Default)]
pub(super) struct ParamNames {
    /// The endpoint's names by the names of the route.
    pub(super) renamed: HashMap<String, String>,
    /// The names that are dropped.
    pub(super) ignored: HashSet<String>,
    /// The values of parameters that are absent or empty.
    pub(super) defaults: Vec<(String, String)>,
}

impl ParamNames {
    /// Returns the parameters under the endpoint's names.
    pub(super) fn rename<'p>(&self, pairs: impl Iterator<Item = (&'p [u8], &'p [u8])>) -> Vec<Pair> {
        let renamed = pairs.filter_map(|(name, value)| Some((self.target(name)?.to_vec(), value.to_vec())));
        let has_default = |name: &[u8]| self.defaults.iter().any(|(known, _)| known.as_bytes() == name);
        renamed.filter(|(name, value)| !(value.is_empty() && has_default(name))).collect()
    }

    /// Returns the endpoint's name of a parameter, or `None` if the parameter is dropped.
    fn target<'n>(&'n self, name: &'n [u8]) -> Option<&'n [u8]> {
        let Ok(text) = std::str::from_utf8(name) else { return Some(name) };
        if self.ignored.contains(text) {
            return None;
        }
        Some(self.renamed.get(text).map_or(name, String::as_bytes))
    }

    /// Returns the defaults. The first of two parameters of a name counts, so they follow all others.
    pub(super) fn defaults(&self) -> impl Iterator<Item = Pair> {
        self.defaults.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes()))
    }
}

/// Encodes parameters as a query or a form.
pub(super) fn encode(pairs: &[Pair]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(form_urlencoded::byte_serialize(name));
        text.push('=');
        text.extend(form_urlencoded::byte_serialize(value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_api::params::Params;

    #[test]
    fn parameters_are_renamed_dropped_and_defaulted() {
        let names = ParamNames {
            renamed: [("uid", "vmid"), ("page", "pn")].map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
            ignored: ["ts".to_owned()].into(),
            defaults: vec![("pn".to_owned(), "1".to_owned()), ("ps".to_owned(), "2".to_owned())],
        };
        // query, the endpoint's query
        let cases = [
            ("", "pn=1&ps=2"),
            ("uid=7&ts=1", "vmid=7&pn=1&ps=2"),
            ("vmid=8&uid=7", "vmid=8&vmid=7&pn=1&ps=2"),
            ("page=3&ps=", "pn=3&pn=1&ps=2"),
            ("page=&order=", "order=&pn=1&ps=2"),
            ("%ff=1&a=%ff%26", "%FF=1&a=%FF%26&pn=1&ps=2"),
        ];
        for (query, expected) in cases {
            let params = Params::parse(query.as_bytes());
            let pairs: Vec<Pair> = names.rename(params.iter()).into_iter().chain(names.defaults()).collect();
            assert_eq!(encode(&pairs), expected, "{query}");
        }
    }
}
