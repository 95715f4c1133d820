//! The journal of a community: its latest requests with their responses.

use crate::limits::Limits;
use crate::path_pattern::PathPattern;
use guanxi_api::emulator::list_requests::{Header, RecordedRequest};
use guanxi_types::Mid;
use http::HeaderMap;
use std::collections::VecDeque;
use std::mem::size_of;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The longest body that is recorded, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 65_536;

/// The journal of a community.
#[derive(Debug)]
pub(crate) struct Journal {
    limits: Limits,
    state: Mutex<State>,
    /// The id of the latest request.
    latest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    requests: VecDeque<RecordedRequest>,
    bytes: usize,
    last_id: u64,
}

/// The requests that a caller asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) path: Option<PathPattern>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<i32>,
    pub(crate) mid: Option<Mid>,
    pub(crate) after: u64,
    pub(crate) limit: usize,
}

impl Filter {
    fn selects(&self, request: &RecordedRequest) -> bool {
        request.id > self.after
            && self.path.as_ref().is_none_or(|path| path.matches(&request.path))
            && self.status.is_none_or(|status| request.status == Some(status))
            && self.code.is_none_or(|code| request.code == Some(code))
            && self.mid.is_none_or(|mid| request.mid == Some(mid))
    }
}

impl Journal {
    /// Creates an empty journal.
    pub(crate) fn new(limits: Limits) -> Journal {
        Journal { limits, state: Mutex::default(), latest: watch::Sender::new(0) }
    }

    /// Adds a request, and removes the oldest ones over the limits.
    pub(crate) fn push(&self, mut request: RecordedRequest) {
        let mut state = self.lock();
        state.last_id += 1;
        request.id = state.last_id;
        state.bytes += size(&request);
        state.requests.push_back(request);
        while state.requests.len() > self.limits.journal_requests || state.bytes > self.limits.journal_bytes {
            let Some(oldest) = state.requests.pop_front() else { break };
            state.bytes -= size(&oldest);
        }
        let last_id = state.last_id;
        drop(state);
        self.latest.send_replace(last_id);
    }

    /// Returns the id of the latest request.
    pub(crate) fn latest(&self) -> u64 {
        *self.latest.borrow()
    }

    /// Returns the requests that a filter selects, oldest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<RecordedRequest> {
        let state = self.lock();
        state.requests.iter().filter(|request| filter.selects(request)).take(filter.limit).cloned().collect()
    }

    /// Returns the requests that a filter selects. Waits for the first one.
    pub(crate) async fn wait(&self, filter: &Filter, timeout: Duration) -> Vec<RecordedRequest> {
        // Subscribed before the list is read, so that no request in between is missed.
        let mut latest = self.latest.subscribe();
        let found = async {
            loop {
                let list = self.list(filter);
                if !list.is_empty() || latest.changed().await.is_err() {
                    return list;
                }
            }
        };
        tokio::time::timeout(timeout, found).await.unwrap_or_default()
    }

    /// Removes all requests. Returns their number.
    pub(crate) fn clear(&self) -> usize {
        let mut state = self.lock();
        let removed = state.requests.len();
        *state = State { last_id: state.last_id, ..State::default() };
        removed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the approximate memory of a request, in bytes.
fn size(request: &RecordedRequest) -> usize {
    let headers = request.headers.iter().chain(&request.response_headers);
    let bodies = [&request.body, &request.response_body].into_iter().flatten();
    size_of::<RecordedRequest>()
        + headers.map(|header| size_of::<Header>() + header.name.len() + header.value.len()).sum::<usize>()
        + bodies.chain([&request.path, &request.query, &request.host]).map(String::len).sum::<usize>()
}

/// Returns the headers of a message.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<Header> {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().map(header).collect()
}

/// Returns a body as text, or `None` if it is no text or too long.
pub(crate) fn body_text(body: &[u8]) -> Option<String> {
    if body.len() > MAX_BODY_BYTES { None } else { str::from_utf8(body).ok().map(str::to_owned) }
}

/// Returns the code of an envelope, which begins with it (D3).
pub(crate) fn code(body: &[u8]) -> Option<i32> {
    let rest = body.strip_prefix(br#"{"code":"#)?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

/// Replaces the values of cookies and of credentials.
pub(crate) fn mask_secrets(request: &mut RecordedRequest) {
    for Header { name, value } in request.headers.iter_mut().chain(&mut request.response_headers) {
        match name.as_str() {
            "cookie" => *value = value.split(';').map(masked_cookie).collect::<Vec<_>>().join(";"),
            "set-cookie" => {
                let (cookie, attributes) = value.split_once(';').unwrap_or((value, ""));
                *value = [masked_cookie(cookie).as_str(), attributes].join(";");
            }
            "authorization" | "proxy-authorization" => MASK.clone_into(value),
            _ => (),
        }
    }
}

/// The text that replaces a secret.
const MASK: &str = "***";

fn masked_cookie(cookie: &str) -> String {
    cookie.split_once('=').map_or_else(|| cookie.to_owned(), |(name, _)| format!("{name}={MASK}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> RecordedRequest {
        let (path, status, code) = (path.to_owned(), Some(200), Some(0));
        RecordedRequest { path, status, code, ..RecordedRequest::default() }
    }

    fn journal(requests: usize, bytes: usize) -> Journal {
        let limits = Limits { journal_requests: requests, journal_bytes: bytes, ..Limits::default() };
        Journal::new(limits)
    }

    fn ids(journal: &Journal, filter: Filter) -> Vec<u64> {
        journal.list(&Filter { limit: 1_000, ..filter }).iter().map(|request| request.id).collect()
    }

    #[test]
    fn oldest_requests_are_removed_over_the_limits() {
        let by_number = journal(2, usize::MAX);
        (0..3).for_each(|_| by_number.push(request("/")));
        assert_eq!(ids(&by_number, Filter::default()), [2, 3]);
        let by_bytes = journal(9, 2 * size(&request("/")));
        (0..3).for_each(|_| by_bytes.push(request("/")));
        assert_eq!(ids(&by_bytes, Filter::default()), [2, 3]);
        assert_eq!((by_bytes.clear(), by_bytes.latest()), (2, 3));
        by_bytes.push(RecordedRequest { body: Some("x".repeat(5_000)), ..request("/") });
        assert_eq!(ids(&by_bytes, Filter::default()), [0; 0], "a request over the limit is not recorded");
        by_bytes.push(request("/"));
        assert_eq!(ids(&by_bytes, Filter::default()), [5]);
    }

    #[test]
    fn filter_selects_by_each_field() {
        let journal = journal(9, usize::MAX);
        journal.push(RecordedRequest { mid: Mid::new(7), ..request("/a") });
        journal.push(RecordedRequest { code: Some(-101), ..request("/b") });
        journal.push(RecordedRequest { status: None, code: None, ..request("/b/c") });
        let cases = [
            (Filter { path: Some(PathPattern::new("/b*")), ..Filter::default() }, vec![2, 3]),
            (Filter { status: Some(200), ..Filter::default() }, vec![1, 2]),
            (Filter { code: Some(-101), ..Filter::default() }, vec![2]),
            (Filter { mid: Mid::new(7), ..Filter::default() }, vec![1]),
            (Filter { after: 1, ..Filter::default() }, vec![2, 3]),
        ];
        for (filter, expected) in cases {
            assert_eq!(ids(&journal, filter.clone()), expected, "{filter:?}");
        }
        assert_eq!(journal.list(&Filter { limit: 1, ..Filter::default() }).len(), 1);
    }

    #[tokio::test]
    async fn wait_ends_with_the_first_matching_request() {
        let journal = journal(9, usize::MAX);
        let filter = Filter { path: Some(PathPattern::new("/b")), limit: 9, ..Filter::default() };
        let push = async {
            tokio::task::yield_now().await;
            journal.push(request("/a"));
            tokio::task::yield_now().await;
            journal.push(request("/b"));
        };
        let (found, ()) = tokio::join!(journal.wait(&filter, Duration::from_mins(1)), push);
        assert_eq!(found.iter().map(|request| request.id).collect::<Vec<_>>(), [2]);
        assert_eq!(journal.wait(&Filter { after: 2, ..filter }, Duration::ZERO).await, []);
    }

    #[test]
    fn secrets_are_masked() {
        let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        let mut recorded = request("/");
        recorded.headers =
            vec![header("cookie", "SESSDATA=a; DedeUserID=7"), header("authorization", "Bearer x")];
        recorded.response_headers = vec![header("set-cookie", "SESSDATA=b; Path=/"), header("vary", "a=b")];
        mask_secrets(&mut recorded);
        let values: Vec<&str> =
            recorded.headers.iter().chain(&recorded.response_headers).map(|header| &*header.value).collect();
        assert_eq!(values, ["SESSDATA=***; DedeUserID=***", "***", "SESSDATA=***; Path=/", "a=b"]);
    }

    #[test]
    fn code_is_read_from_the_envelope() {
        for (body, expected) in [
            (r#"{"code":0,"message":"0"}"#, Some(0)),
            (r#"{"code":-101,"message":""}"#, Some(-101)),
            (r#"{"code":"0","message":""}"#, None),
            (r#"{"data":1}"#, None),
            ("", None),
        ] {
            assert_eq!(code(body.as_bytes()), expected, "{body}");
        }
    }
}
