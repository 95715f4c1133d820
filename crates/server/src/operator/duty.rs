//! What an operator asks is admitted: the token, its role, then the request.

use super::denied::OperatorError;
use crate::app::App;
use crate::form;
use axum::extract::Request;
use guanxi_api::operator::Operation;
use guanxi_storage::Store;
use guanxi_storage::row::OperatorToken;
use guanxi_types::HttpError;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde::Deserializer;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::Display;

/// Something that an operator asked for and may do.
#[derive(Debug)]
pub struct OperatorRequest<O> {
    /// The name of their token.
    pub by: String,
    /// What is asked.
    pub req: O,
    /// When, in seconds.
    pub now: i64,
}

/// Admits a request: its token, then its role, then what it asks.
pub async fn admit<O: Operation>(app: &App, request: Request) -> Result<OperatorRequest<O>, OperatorError> {
    let (parts, body) = request.into_parts();
    let token = bearer(app, &parts.headers).await?;
    may::<O>(&token)?;
    let req = if O::METHOD == Method::GET {
        of_form(parts.uri.query().unwrap_or_default())?
    } else {
        let body =
            form::collect(body, &parts.headers, app.limits.operator_body_bytes, app.limits.body_timeout);
        json(&body.await?)?
    };
    Ok(OperatorRequest { by: token.name, req, now: app.now() })
}

/// Whether a token's role may do that.
pub fn may<O: Operation>(token: &OperatorToken) -> Result<(), OperatorError> {
    if O::ROLES.contains(&token.role) { Ok(()) } else { Err(HttpError::Forbidden.into()) }
}

/// Reads a request from the pairs of a form or a query. What is empty is as absent (D5).
pub fn of_form<O: Operation>(pairs: &str) -> Result<O, OperatorError> {
    let said = form_urlencoded::parse(pairs.as_bytes()).filter(|(_, value)| !value.is_empty());
    let said = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
    read(serde_urlencoded::Deserializer::new(form_urlencoded::parse(said.as_bytes())))
}

/// Reads a body, which is an object; a list would be taken for its fields in their order.
fn json<O: DeserializeOwned>(body: &[u8]) -> Result<O, OperatorError> {
    // What has nothing to say need not say it.
    let body = if body.is_empty() { b"{}" } else { body.trim_ascii_start() };
    if !body.starts_with(b"{") {
        return Err(OperatorError::Wrong("the body is no JSON object".to_owned()));
    }
    if has_nul(body) {
        return Err(OperatorError::Wrong("a text may not have a NUL character".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let asked = read(&mut json)?;
    json.end().map_err(|error| OperatorError::Wrong(error.to_string()))?;
    Ok(asked)
}

/// Whether a text of a body has a NUL character, which JSON writes in one way alone. Not every engine can keep one.
fn has_nul(body: &[u8]) -> bool {
    const NUL: &[u8] = br"\u0000";
    let found = body.windows(NUL.len()).enumerate().filter(|(_, part)| *part == NUL);
    // Behind a backslash that is one itself, it is six letters.
    found
        .into_iter()
        .any(|(at, _)| body[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

/// Reads what is asked, or tells which field of it is wrong, and how.
fn read<'a, O: DeserializeOwned>(given: impl Deserializer<'a, Error: Display>) -> Result<O, OperatorError> {
    serde_path_to_error::deserialize(given).map_err(|error| OperatorError::Wrong(error.to_string()))
}

/// How many entries a list may have.
pub fn limit(asked: Option<u32>) -> Result<usize, OperatorError> {
    match asked.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit as usize),
        _ => Err(OperatorError::Wrong("limit is a number from 1 to 1000".to_owned())),
    }
}

/// The token that a request brings. Its hash is looked up, so no time tells how nearly another is right.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<OperatorToken, OperatorError> {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(HttpError::Unauthorized.into());
    }
    named(app, token).await
}

/// The token that a text is, if it is one.
pub async fn named(app: &App, token: &str) -> Result<OperatorToken, OperatorError> {
    let hash: [u8; 32] = Sha256::digest(token.trim()).into();
    Ok(app.store.get(hash).await?.ok_or(HttpError::Unauthorized)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_however_many_backslashes_come_before_it() {
        for (body, nul) in [
            (r#"{"a":"\u0000"}"#, true),
            (r#"{"a":"x\u0000y"}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"\\\u0000"}"#, true),
            (r#"{"a":"u0000"}"#, false),
        ] {
            assert_eq!(has_nul(body.as_bytes()), nul, "{body}");
        }
    }
}
