//! Faults: rules that replace or delay the responses to members' requests.

use crate::path_pattern::PathPattern;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use fastrand::Rng;
use guanxi_api::Envelope;
use guanxi_api::emulator::add_fault::AddFault;
use guanxi_api::emulator::list_faults::Fault;
use guanxi_server::http::response::ApiError;
use guanxi_types::{ErrorCode, Mid};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest delay.
const MAX_DELAY_MS: u32 = 600_000;

/// The maximum number of rules of a community.
const MAX_RULES: usize = 1_000;

/// The body of a malformed response whose request was not handled.
const MALFORMED_BODY: &str = r#"{"code":0,"message":"0","ttl":1,"data":{"#;

/// The rules of a community, in their order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Rules>);

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    id: u64,
    matched: u64,
    applied: u64,
    request: AddFault,
    path: PathPattern,
    /// The generator of the selection by share.
    random: Rng,
    fault: AppliedFault,
}

/// A fault that applies to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppliedFault {
    /// The id of the rule.
    pub(crate) id: u64,
    /// The delay before the response.
    pub(crate) delay: Duration,
    /// The replacement of the response, or `None` for a delay alone.
    pub(crate) effect: Option<Effect>,
    /// True if the request is handled before its response is replaced.
    pub(crate) is_after: bool,
}

/// The replacement of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A rejection.
    Code(ErrorCode),
    /// An error of HTTP.
    Status(StatusCode),
    /// The end of the connection.
    Cut,
    /// A body that ends too early.
    Malformed,
}

impl Faults {
    /// Adds a rule, and returns its id.
    pub(crate) fn add(&self, request: AddFault) -> Result<u64, ApiError> {
        let mut rules = self.lock();
        if rules.rules.len() >= MAX_RULES {
            return Err(invalid(&format!("the community has {MAX_RULES} faults already")));
        }
        let id = rules.last_id + 1;
        let rule = Rule::new(id, request)?;
        rules.last_id = id;
        rules.rules.push(rule);
        Ok(id)
    }

    /// Returns all rules.
    pub(crate) fn list(&self) -> Vec<Fault> {
        let list = |Rule { id, matched, applied, request, .. }: &Rule| Fault {
            id: *id,
            matched: *matched,
            applied: *applied,
            rule: request.clone(),
        };
        self.lock().rules.iter().map(list).collect()
    }

    /// Removes a rule, or all. Returns the number of removed rules.
    pub(crate) fn clear(&self, id: Option<u64>) -> usize {
        let mut rules = self.lock();
        let before = rules.rules.len();
        rules.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
        before - rules.rules.len()
    }

    /// Returns the fault that applies to a request: that of the first rule that selects the request.
    pub(crate) fn select(&self, path: &str, mid: Option<Mid>) -> Option<AppliedFault> {
        self.lock().rules.iter_mut().find_map(|rule| rule.select(path, mid))
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    fn new(id: u64, request: AddFault) -> Result<Rule, ApiError> {
        if request.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err(invalid("share must be a number from 0 to 1"));
        }
        if request.count == Some(0) {
            return Err(invalid("count must not be 0"));
        }
        let delay_ms = request.delay_ms.unwrap_or(0);
        if delay_ms > MAX_DELAY_MS {
            return Err(invalid(&format!("delay_ms must be a number up to {MAX_DELAY_MS}")));
        }
        let effect = effect(&request)?;
        if effect.is_none() && delay_ms == 0 {
            return Err(invalid("code, status, cut, malformed or delay_ms is missing"));
        }
        let delay = Duration::from_millis(u64::from(delay_ms));
        let fault = AppliedFault { id, delay, effect, is_after: request.after == Some(true) };
        let path = PathPattern::new(request.path.clone().unwrap_or_else(|| "*".to_owned()));
        let random = Rng::with_seed(request.seed.unwrap_or(0));
        Ok(Rule { id, matched: 0, applied: 0, request, path, random, fault })
    }

    fn select(&mut self, path: &str, mid: Option<Mid>) -> Option<AppliedFault> {
        if !self.path.matches(path) || self.request.mid.is_some_and(|own| mid != Some(own)) {
            return None;
        }
        self.matched += 1;
        // Each request that matches takes one number, so the n-th decision depends on the seed alone.
        let is_selected = self.random.f64() < self.request.share.unwrap_or(1.0);
        let is_used_up = self.request.count.is_some_and(|count| self.applied >= u64::from(count));
        if !is_selected || is_used_up {
            return None;
        }
        self.applied += 1;
        Some(self.fault)
    }
}

/// Returns the one effect of a rule.
fn effect(request: &AddFault) -> Result<Option<Effect>, ApiError> {
    let code = request.code.map(|number| {
        ErrorCode::from_number(number).map(Effect::Code).ok_or_else(|| invalid("code is not an error code"))
    });
    let status = request.status.map(|number| match StatusCode::from_u16(number) {
        Ok(status) if (400..600).contains(&number) => Ok(Effect::Status(status)),
        _ => Err(invalid("status must be a number from 400 to 599")),
    });
    let cut = (request.cut == Some(true)).then_some(Ok(Effect::Cut));
    let malformed = (request.malformed == Some(true)).then_some(Ok(Effect::Malformed));
    let mut effects = [code, status, cut, malformed].into_iter().flatten();
    let first = effects.next().transpose()?;
    if effects.next().is_some() {
        return Err(invalid("only one of code, status, cut and malformed is allowed"));
    }
    Ok(first)
}

fn invalid(reason: &str) -> ApiError {
    ApiError::InvalidRequest(reason.to_owned())
}

impl Effect {
    /// Returns the response that replaces the given one. `None` to close the connection.
    pub(crate) async fn replace(self, response: Option<Response>) -> Option<Response> {
        match self {
            Effect::Code(code) => Some(ApiError::Code(code).into_response()),
            Effect::Status(status) => Some(status_response(status)),
            Effect::Cut => None,
            Effect::Malformed => Some(malformed_response(response).await),
        }
    }
}

fn status_response(status: StatusCode) -> Response {
    let message = Cow::Borrowed(status.canonical_reason().unwrap_or("error"));
    let envelope = Envelope::<()> { code: -i32::from(status.as_u16()), message, ttl: 1, data: None };
    json_response(status, serde_json::to_vec(&envelope).unwrap_or_default())
}

/// Returns a response with half of the given body.
async fn malformed_response(response: Option<Response>) -> Response {
    let Some(response) = response else {
        return json_response(StatusCode::OK, MALFORMED_BODY.into());
    };
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, content_type)], json).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> AddFault {
        AddFault {
            path: None,
            mid: None,
            share: None,
            seed: None,
            count: None,
            delay_ms: None,
            code: Some(-101),
            status: None,
            cut: None,
            malformed: None,
            after: None,
        }
    }

    #[test]
    fn rule_has_exactly_one_effect() {
        let none = AddFault { code: None, ..rule() };
        let cases = [
            (rule(), true),
            (none.clone(), false),
            (AddFault { delay_ms: Some(5), ..none.clone() }, true),
            (AddFault { delay_ms: Some(600_001), ..none.clone() }, false),
            (AddFault { delay_ms: Some(5), ..rule() }, true),
            (AddFault { code: Some(1), ..rule() }, false),
            (AddFault { status: Some(503), ..none.clone() }, true),
            (AddFault { status: Some(200), ..none.clone() }, false),
            (AddFault { status: Some(503), ..rule() }, false),
            (AddFault { cut: Some(true), ..none.clone() }, true),
            (AddFault { cut: Some(false), ..none.clone() }, false),
            (AddFault { malformed: Some(true), cut: Some(true), ..none }, false),
            (AddFault { share: Some(1.5), ..rule() }, false),
            (AddFault { share: Some(f64::NAN), ..rule() }, false),
            (AddFault { count: Some(0), ..rule() }, false),
        ];
        for (request, is_valid) in cases {
            assert_eq!(Faults::default().add(request.clone()).is_ok(), is_valid, "{request:?}");
        }
    }

    #[test]
    fn first_rule_that_selects_the_request_applies() {
        let (faults, me) = (Faults::default(), Mid::new(7));
        let once = AddFault { path: Some("/x/*".to_owned()), count: Some(1), ..rule() };
        let mine = AddFault { mid: me, ..rule() };
        let [once, mine, all] = [once, mine, rule()].map(|request| faults.add(request).unwrap());
        let id = |path, mid| faults.select(path, mid).map(|fault| fault.id);
        assert_eq!(id("/y", None), Some(all));
        assert_eq!(id("/x/a", me), Some(once));
        assert_eq!(id("/x/a", me), Some(mine), "the first rule is used up");
        let counts: Vec<_> = faults.list().iter().map(|rule| (rule.matched, rule.applied)).collect();
        assert_eq!(counts, [(2, 1), (1, 1), (1, 1)]);
        assert_eq!((faults.clear(Some(all)), faults.clear(Some(all))), (1, 0));
        assert_eq!(id("/y", None), None);
        assert_eq!((faults.clear(None), faults.list().len()), (2, 0));
    }

    #[test]
    fn share_selects_the_same_requests_for_a_seed() {
        let selection = |seed| -> Vec<bool> {
            let faults = Faults::default();
            faults.add(AddFault { share: Some(0.25), seed: Some(seed), ..rule() }).unwrap();
            (0..400).map(|_| faults.select("/", None).is_some()).collect()
        };
        let first = selection(1);
        assert_eq!(first, selection(1));
        assert_ne!(first, selection(2));
        let selected = first.iter().filter(|is_selected| **is_selected).count();
        assert!((60..140).contains(&selected), "{selected} of 400");
    }
}
