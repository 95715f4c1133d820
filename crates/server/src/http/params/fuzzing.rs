//! Properties of form bodies for fuzzing.

use super::parse_body;
use bytes::Bytes;
use futures_util::FutureExt;
use guanxi_api::param::{CommaSeparated, Flag, Param};
use guanxi_api::params::{self, Params};
use guanxi_types::{Mid, Tagid};
use guanxi_types::{Order, PageNumber, PageSize, RelationAction, RelationSource, Secret};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use std::fmt::Debug;

fn parse(content_type: &'static str, body: &[u8]) -> Option<Params> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(content_type))]);
    parse_body(&headers, Bytes::copy_from_slice(body))
        .now_or_never()
        .expect("parsing a complete body does not wait")
}

type Pair = (Vec<u8>, Vec<u8>);

fn pairs(params: &Params) -> Vec<Pair> {
    params.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

/// Parses arbitrary bytes as a form body, followed by a line feed and a query.
///
/// The pairs equal those of another parser of the URL standard. The pairs of the body precede those of the query.
/// The first value of a name counts. Secrets are read from the body only. Repeated values of a list are joined in
/// their order. Encoded pairs parse as the same pairs.
///
/// # Panics
///
/// Panics if a property does not hold.
pub fn form(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (body, query) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut params = parse("application/x-www-form-urlencoded", body).expect("any bytes are a form");
    let of_body = pairs(&params);
    check_against_url_standard(body, &params);
    let query_params = Params::parse(query);
    let of_query = pairs(&query_params);
    check_against_url_standard(query, &query_params);
    let is_truncated = params.is_truncated() || query_params.is_truncated();
    params.append(query_params);
    assert_eq!(params.is_truncated(), is_truncated);
    let all = pairs(&params);
    assert_eq!(all, [of_body.as_slice(), &of_query].concat());
    for (name, _) in &all {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let first = all.iter().find(|(other, _)| other == name.as_bytes()).map(|(_, value)| value.as_slice());
        assert_eq!(params.get_raw(name), first);
    }
    for name in ["a", "password"] {
        let given = of_body.iter().find(|(other, _)| other == name.as_bytes()).map(|(_, value)| value);
        match params.get::<Option<Secret>>(name) {
            Ok(Some(secret)) => assert_eq!(Some(secret.0.as_bytes()), given.map(Vec::as_slice)),
            Ok(None) => assert!(given.is_none_or(Vec::is_empty)),
            Err(bad) => assert!(given.is_some() && bad.name == name),
        }
    }
    check_lists(&of_body, params);
    for (_, value) in &of_body {
        str(value).into_iter().for_each(check_values);
    }
    check_encoding(&all[..all.len().min(Params::MAX_PAIRS)]);
}

/// Asserts that the pairs are the first ones that the standard parser returns, up to the limit.
fn check_against_url_standard(text: &[u8], params: &Params) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ours = params.iter().map(|(name, value)| (lossy(name), lossy(value)));
    let standard: Vec<_> = form_urlencoded::parse(text).into_owned().collect();
    assert!(ours.eq(standard.iter().take(Params::MAX_PAIRS).cloned()));
    assert_eq!(params.is_truncated(), standard.len() > Params::MAX_PAIRS);
    assert!(params.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= text.len());
}

/// Asserts that the values of a name in the body are joined for an endpoint with list parameters.
fn check_lists(body: &[Pair], params: Params) {
    let lists = params.with_lists();
    for name in ["a", "fids"] {
        let values: Vec<&[u8]> = body
            .iter()
            .filter(|(other, _)| other == name.as_bytes())
            .map(|(_, value)| value.as_slice())
            .collect();
        if values.len() > 1
            && let Ok(read) = lists.get::<String>(name)
        {
            assert_eq!(read.as_bytes(), values.join(&b','));
        }
    }
}

fn check_values(text: &str) {
    check_round_trip::<Mid>(text);
    check_round_trip::<Tagid>(text);
    check_round_trip::<u8>(text);
    check_round_trip::<i64>(text);
    check_round_trip::<Flag>(text);
    check_round_trip::<String>(text);
    check_round_trip::<Secret>(text);
    check_round_trip::<Option<Mid>>(text);
    check_round_trip::<CommaSeparated<Mid>>(text);
    check_round_trip::<CommaSeparated<Tagid>>(text);
    check_round_trip::<RelationAction>(text);
    check_round_trip::<RelationSource>(text);
    check_round_trip::<PageSize>(text);
    check_round_trip::<PageNumber>(text);
    check_round_trip::<Order>(text);
}

/// Asserts that a parsed value encodes to a text that parses as the same value, or is the default of an absent
/// parameter.
fn check_round_trip<T: Param + PartialEq + Debug>(text: &str) {
    let Ok(value) = T::parse(text) else { return };
    let again = value.encode().map_or_else(T::default_if_absent, |text| T::parse(&text));
    assert_eq!(again, Ok(value), "{text:?}");
}

fn check_encoding(pairs: &[Pair]) {
    let texts = pairs.iter().map(|(name, value)| Some((str(name)?, str(value)?)));
    let Some(texts) = texts.collect::<Option<Vec<_>>>() else { return };
    let read = Params::parse(params::encode_form(texts.iter().copied()).as_bytes());
    assert!(read.iter().eq(texts.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()))));
}

fn str(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Parses arbitrary bytes as a multipart body with the boundary `B`. Then builds a body with one value a line, and
/// asserts that each value is parsed unchanged.
///
/// # Panics
///
/// Panics if a property does not hold.
pub fn multipart(data: &[u8]) {
    if let Some(params) = parse("multipart/form-data; boundary=B", data) {
        assert!(params.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= data.len());
    }
    // A value has no line feed, so it cannot contain the boundary.
    let values: Vec<&[u8]> = data.split(|byte| *byte == b'\n').take(100).collect();
    let mut body = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"n{at}\"\r\n\r\n");
        body.extend([head.as_bytes(), value, b"\r\n"].concat());
    }
    body.extend(b"--B--\r\n");
    let params = parse("multipart/form-data; boundary=B", &body).expect("the body is well-formed");
    let names = (0..values.len()).map(|at| format!("n{at}").into_bytes());
    assert_eq!(pairs(&params), names.zip(values.iter().map(|value| value.to_vec())).collect::<Vec<_>>());
}
