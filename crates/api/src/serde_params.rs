//! The parameters of operators' requests, which serde decodes: a query, a form of a page, or a JSON body.

use crate::endpoint::{EncodedParams, Endpoint, InvalidRequest, ParamLocation};
use crate::params::{Params, encode_form};
use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Decodes a request. The error names the invalid field.
pub(crate) fn decode<T: DeserializeOwned>(encoded: EncodedParams<'_>) -> Result<T, InvalidRequest> {
    match encoded {
        EncodedParams::Pairs(params) => decode_pairs(params),
        EncodedParams::Json(body) => decode_json(body),
    }
}

/// Decodes the pairs of a query or a form. An empty value counts as absent (D5).
fn decode_pairs<T: DeserializeOwned>(params: &Params) -> Result<T, InvalidRequest> {
    if params.is_truncated() {
        return Err(InvalidRequest::Reason(format!("more than {} parameters", Params::MAX_PAIRS)));
    }
    let present = params.iter().filter(|(_, value)| !value.is_empty());
    let texts: Vec<(&str, &str)> = present.map(text_pair).collect::<Result<_, _>>()?;
    let encoded = encode_form(texts);
    deserialize(serde_urlencoded::Deserializer::new(form_urlencoded::parse(encoded.as_bytes())))
}

/// Returns the name and the value of a parameter as texts. PostgreSQL cannot store a NUL character.
fn text_pair<'p>((name, value): (&'p [u8], &'p [u8])) -> Result<(&'p str, &'p str), InvalidRequest> {
    let reason = match (str::from_utf8(name), str::from_utf8(value)) {
        (Ok(name), Ok(value)) if !name.contains('\0') && !value.contains('\0') => return Ok((name, value)),
        (Ok(_), Ok(_)) => "has a NUL character",
        _ => "is not UTF-8",
    };
    Err(InvalidRequest::Reason(format!("{} {reason}", String::from_utf8_lossy(name))))
}

/// Decodes a JSON body. Only objects are accepted, because serde would also accept the fields as an array.
fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, InvalidRequest> {
    // A request without fields may have an empty body.
    let body = if body.is_empty() { b"{}" } else { body.trim_ascii_start() };
    if !body.starts_with(b"{") {
        return Err(InvalidRequest::Reason("the body is not a JSON object".to_owned()));
    }
    if has_nul(body) {
        return Err(InvalidRequest::Reason("a text must not contain a NUL character".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = deserialize(&mut json)?;
    json.end().map_err(|error| InvalidRequest::Reason(error.to_string()))?;
    Ok(request)
}

/// Returns true if a text of a JSON body has a NUL character, which JSON can only write as `\u0000`. PostgreSQL
/// cannot store it.
fn has_nul(body: &[u8]) -> bool {
    const NUL: &[u8] = br"\u0000";
    // After an odd number of backslashes, the backslash of `\\u0000` is escaped itself.
    let is_escaped =
        |start: usize| body[..start].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    body.windows(NUL.len()).enumerate().any(|(start, part)| part == NUL && !is_escaped(start))
}

fn deserialize<'a, T: DeserializeOwned>(
    input: impl Deserializer<'a, Error: Display>,
) -> Result<T, InvalidRequest> {
    serde_path_to_error::deserialize(input).map_err(|error| InvalidRequest::Reason(error.to_string()))
}

/// Encodes a request for the location of its parameters.
pub(crate) fn encode<E: Endpoint + Serialize>(request: &E) -> serde_json::Result<String> {
    match E::param_location() {
        ParamLocation::Json => serde_json::to_string(request),
        ParamLocation::Query | ParamLocation::Form | ParamLocation::Multipart => encode_pairs(request),
    }
}

/// Encodes a request as a query. Null fields are left out.
fn encode_pairs<T: Serialize>(request: &T) -> serde_json::Result<String> {
    let fields: BTreeMap<String, Value> = serde_json::from_value(serde_json::to_value(request)?)?;
    let present = fields.into_iter().filter(|(_, value)| !value.is_null());
    let pairs: Vec<(String, String)> = present
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    Ok(encode_form(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pair_that_is_no_text_is_rejected_by_name() {
        for (query, reason) in [
            ("id=a%00b", "id has a NUL character"),
            ("i%00d=a", "i\0d has a NUL character"),
            ("id=%ff", "id is not UTF-8"),
            ("%ff=a", "\u{fffd} is not UTF-8"),
        ] {
            let rejected = decode_pairs::<BTreeMap<String, String>>(&Params::parse(query.as_bytes()));
            assert!(matches!(rejected, Err(InvalidRequest::Reason(text)) if text == reason), "{query}");
        }
    }

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
