//! Operators' requests: authentication of the token, check of the role, then parsing of the parameters.

use crate::app::App;
use crate::http::params;
use crate::operator::error::OperatorError;
use axum::extract::Request;
use guanxi_api::operator::OperatorEndpoint;
use guanxi_storage::Store;
use guanxi_storage::model::OperatorToken;
use guanxi_types::HttpError;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde::Deserializer;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::Display;

/// An authenticated and authorized operators' request.
#[derive(Debug)]
pub struct OperatorRequest<O> {
    /// The name of the operator's token.
    pub by: String,
    /// The parameters.
    pub params: O,
    /// The time of the request, in seconds since the Unix epoch.
    pub now: i64,
}

/// Authenticates the token, checks its role, then parses the parameters.
pub async fn authenticate<O: OperatorEndpoint>(
    app: &App,
    request: Request,
) -> Result<OperatorRequest<O>, OperatorError> {
    let (parts, body) = request.into_parts();
    let token = bearer_token(app, &parts.headers).await?;
    check_role::<O>(&token)?;
    let params = if O::METHOD == Method::GET {
        parse_form(parts.uri.query().unwrap_or_default())?
    } else {
        let body =
            params::read_body(body, &parts.headers, app.limits.operator_body_bytes, app.limits.body_timeout);
        parse_json(&body.await?)?
    };
    Ok(OperatorRequest { by: token.name, params, now: app.now() })
}

/// Returns 403 if the role of a token may not call the endpoint.
pub fn check_role<O: OperatorEndpoint>(token: &OperatorToken) -> Result<(), OperatorError> {
    if O::ROLES.contains(&token.role) { Ok(()) } else { Err(HttpError::Forbidden.into()) }
}

/// Parses a request from a form or a query. An empty value counts as absent (D5).
pub fn parse_form<O: OperatorEndpoint>(pairs: &str) -> Result<O, OperatorError> {
    let present = form_urlencoded::parse(pairs.as_bytes()).filter(|(_, value)| !value.is_empty());
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(present).finish();
    deserialize_request(serde_urlencoded::Deserializer::new(form_urlencoded::parse(encoded.as_bytes())))
}

/// Parses a request from a JSON body. Only objects are accepted, because serde would also accept the fields as an
/// array.
fn parse_json<O: DeserializeOwned>(body: &[u8]) -> Result<O, OperatorError> {
    // A request without fields may have an empty body.
    let body = if body.is_empty() { b"{}" } else { body.trim_ascii_start() };
    if !body.starts_with(b"{") {
        return Err(OperatorError::InvalidRequest("the body is not a JSON object".to_owned()));
    }
    if has_nul(body) {
        return Err(OperatorError::InvalidRequest("a text must not contain a NUL character".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let params = deserialize_request(&mut json)?;
    json.end().map_err(|error| OperatorError::InvalidRequest(error.to_string()))?;
    Ok(params)
}

/// Returns true if a text of a JSON body has a NUL character, which JSON can only write as `\u0000`. PostgreSQL
/// cannot store it.
fn has_nul(body: &[u8]) -> bool {
    const NUL: &[u8] = br"\u0000";
    let found = body.windows(NUL.len()).enumerate().filter(|(_, part)| *part == NUL);
    // After an odd number of backslashes, the backslash of `\\u0000` is escaped itself.
    found
        .into_iter()
        .any(|(start, _)| body[..start].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

/// Deserializes a request. The error names the invalid field.
fn deserialize_request<'a, O: DeserializeOwned>(
    input: impl Deserializer<'a, Error: Display>,
) -> Result<O, OperatorError> {
    serde_path_to_error::deserialize(input).map_err(|error| OperatorError::InvalidRequest(error.to_string()))
}

/// Returns the number of entries of a list: 1 to 1000, and 100 if absent.
pub fn parse_limit(limit: Option<u32>) -> Result<usize, OperatorError> {
    match limit.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit as usize),
        _ => Err(OperatorError::InvalidRequest("limit must be a number from 1 to 1000".to_owned())),
    }
}

/// Returns the token of the `Authorization` header. Tokens are looked up by hash, so that timing reveals nothing
/// about others.
async fn bearer_token(app: &App, headers: &HeaderMap) -> Result<OperatorToken, OperatorError> {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(HttpError::Unauthorized.into());
    }
    find_token(app, token).await
}

/// Returns the token record of a token, or 401.
pub async fn find_token(app: &App, token: &str) -> Result<OperatorToken, OperatorError> {
    let hash: [u8; 32] = Sha256::digest(token.trim()).into();
    Ok(app.store.get(hash).await?.ok_or(HttpError::Unauthorized)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_escape_is_found_after_backslashes() {
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
