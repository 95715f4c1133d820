//! The gaps of a community: requests that the emulator does not support, counted.

use axum::body::Body;
use bytes::Bytes;
use guanxi_api::emulator::list_gaps::{Data, RefusedHost, UnknownPath, UnreadParameter};
use guanxi_server::http::params;
use guanxi_server::limits::Limits;
use guanxi_server::routes;
use http::Method;
use http::request::Parts;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// The maximum number of different entries of each kind.
const MAX_ENTRIES: usize = 1_000;

/// The maximum length of a text of an entry, in bytes. Longer ones are cut.
const MAX_TEXT_BYTES: usize = 256;

/// The parameters that every write may have.
const CSRF: [&str; 2] = ["csrf", "csrf_token"];

/// The names of the parameters of each endpoint, by method and path.
static PARAMETERS: LazyLock<HashMap<(Method, &'static str), Vec<&'static str>>> = LazyLock::new(|| {
    let names =
        |info: &guanxi_api::endpoint::EndpointInfo| info.params.iter().map(|param| param.name).collect();
    routes::endpoints().iter().map(|info| ((info.method.clone(), info.path), names(info))).collect()
});

fn shorten(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

/// The gaps of a community.
#[derive(Debug, Default)]
pub(crate) struct Gaps(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// The requests by method, host and path.
    paths: Counter<[String; 3]>,
    /// The requests by method, path and name of the parameter.
    parameters: Counter<[String; 3]>,
    hosts: Counter<String>,
}

/// The number of occurrences by key.
#[derive(Debug)]
struct Counter<K>(BTreeMap<K, u64>);

impl<K> Default for Counter<K> {
    fn default() -> Counter<K> {
        Counter(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Counter<K> {
    /// Counts an occurrence. A new key over the limit is not counted.
    fn count(&mut self, key: K) {
        self.count_times(key, 1);
    }

    fn count_times(&mut self, key: K, times: u64) {
        if self.0.len() < MAX_ENTRIES || self.0.contains_key(&key) {
            *self.0.entry(key).or_default() += times;
        }
    }

    /// Adds the counts of another counter.
    fn add(&mut self, other: &Counter<K>) {
        for (key, times) in &other.0 {
            self.count_times(key.clone(), *times);
        }
    }

    /// Returns all keys with their counts, the most frequent first.
    fn sorted<T>(&self, entry: impl Fn(K, u64) -> T) -> Vec<T> {
        let mut counts: Vec<(&K, u64)> = self.0.iter().map(|(key, count)| (key, *count)).collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts.into_iter().map(|(key, count)| entry(key.clone(), count)).collect()
    }
}

impl Gaps {
    /// Records a request for a path without an endpoint of its method.
    pub(crate) fn record_path(&self, method: &str, host: &str, path: &str) {
        self.lock().paths.count([method, host, path].map(shorten));
    }

    /// Records the parameters of a request that its endpoint does not read.
    pub(crate) fn record_parameters(&self, method: &Method, path: &str, names: BTreeSet<String>) {
        let mut counts = self.lock();
        for name in names {
            counts.parameters.count([method.as_str(), path, &name].map(shorten));
        }
    }

    /// Records a host that the proxy refused.
    pub(crate) fn record_host(&self, host: &str) {
        self.lock().hosts.count(shorten(host));
    }

    /// Adds the counts of other gaps.
    pub(crate) fn add(&self, other: &Gaps) {
        let (mut counts, other) = (self.lock(), other.lock());
        counts.paths.add(&other.paths);
        counts.parameters.add(&other.parameters);
        counts.hosts.add(&other.hosts);
    }

    /// Returns all gaps.
    pub(crate) fn list(&self) -> Data {
        let counts = self.lock();
        Data {
            paths: counts.paths.sorted(|[method, host, path], count| UnknownPath {
                method,
                host,
                path,
                count,
            }),
            parameters: counts.parameters.sorted(|[method, path, name], count| UnreadParameter {
                method,
                path,
                name,
                count,
            }),
            hosts: counts.hosts.sorted(|host, count| RefusedHost { host, count }),
        }
    }

    /// Removes all gaps.
    pub(crate) fn clear(&self) {
        *self.lock() = Counts::default();
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the names of the parameters that the endpoint of a request does not read. These are all parameters of a
/// request without a route, and none of a page.
pub(crate) async fn unread_parameters(
    parts: &Parts,
    body: Bytes,
    limits: &Limits,
    has_route: bool,
) -> BTreeSet<String> {
    let known = match PARAMETERS.get(&(parts.method.clone(), parts.uri.path())) {
        Some(known) => known.as_slice(),
        None if has_route => return BTreeSet::new(),
        None => &[],
    };
    let Ok(read) = params::read_params(parts, Body::from(body), limits).await else { return BTreeSet::new() };
    let names = read.params.iter().map(|(name, _)| String::from_utf8_lossy(name));
    names
        .filter(|name| !known.contains(&&**name) && !CSRF.contains(&&**name))
        .map(std::borrow::Cow::into_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[tokio::test]
    async fn unread_parameters_of_query_and_form_are_found() {
        let limits = guanxi_server::Settings::default().limits();
        let cases = [
            (
                "GET",
                "/x/relation/stat?vmid=1&jsonp=jsonp&w_rid=1&wts=2&wts=3",
                "",
                vec!["jsonp", "w_rid", "wts"],
            ),
            (
                "POST",
                "/x/relation/modify?statistics=1",
                "fid=1&act=1&csrf=x&spmid=2",
                vec!["spmid", "statistics"],
            ),
            ("GET", "/app/unknown?a=1", "", vec!["a"]),
            ("GET", "/login?back=/", "", vec![]),
        ];
        for (method, uri, body, expected) in cases {
            let (parts, ()) = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
            let has_route = !uri.starts_with("/app/");
            let unread = unread_parameters(&parts, Bytes::from(body), &limits, has_route).await;
            assert_eq!(unread.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{uri}");
        }
    }

    #[test]
    fn most_frequent_gap_comes_first() {
        let gaps = Gaps::default();
        for host in ["a", "b", "b"] {
            gaps.record_host(host);
        }
        for number in 0..MAX_ENTRIES {
            gaps.record_host(&number.to_string());
        }
        let hosts = gaps.list().hosts;
        assert_eq!(hosts.len(), MAX_ENTRIES, "new hosts over the limit are not counted");
        assert_eq!(hosts[0], RefusedHost { host: "b".to_owned(), count: 2 });
        gaps.clear();
        assert_eq!(gaps.list(), Data::default());
    }
}
