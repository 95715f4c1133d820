//! Properties of forms, of either kind.

use super::parse;
use bytes::Bytes;
use futures_util::FutureExt;
use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::{Flag, Joined, Param, Secret};
use guanxi_api::params::{self, Params};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use std::fmt::Debug;

fn parsed(kind: &'static str, body: &[u8]) -> Option<Params> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(kind))]);
    parse(&headers, Bytes::copy_from_slice(body))
        .now_or_never()
        .expect("a body that is there is not waited for")
}

type Pair = (Vec<u8>, Vec<u8>);

fn pairs(params: &Params) -> Vec<Pair> {
    params.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

/// Any bytes as a form's body, and behind a line feed a query.
///
/// The pairs are those that the URL standard says, as another reader of them has it. The body's come before the query's, the
/// first of a name counts, and what is secret is read from the body alone. Boxes of a name are joined in their order. Texts
/// are written back as what they were read from.
///
/// # Panics
///
/// If a property does not hold.
pub fn form(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (body, query) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut params = parsed("application/x-www-form-urlencoded", body).expect("any bytes are a form");
    let of_body = pairs(&params);
    as_the_standard_has_it(body, &params);
    let asked = Params::parse(query);
    let of_query = pairs(&asked);
    as_the_standard_has_it(query, &asked);
    let is_cut = params.is_cut() || asked.is_cut();
    params.append(asked);
    assert_eq!(params.is_cut(), is_cut);
    let all = pairs(&params);
    assert_eq!(all, [of_body.as_slice(), &of_query].concat());
    for (name, _) in &all {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let first = all.iter().find(|(other, _)| other == name.as_bytes()).map(|(_, value)| value.as_slice());
        assert_eq!(params.first(name), first);
    }
    for name in ["a", "password"] {
        let given = of_body.iter().find(|(other, _)| other == name.as_bytes()).map(|(_, value)| value);
        match params.read::<Option<Secret>>(name) {
            Ok(Some(secret)) => assert_eq!(Some(secret.0.as_bytes()), given.map(Vec::as_slice)),
            Ok(None) => assert!(given.is_none_or(Vec::is_empty)),
            Err(bad) => assert!(given.is_some() && bad.name == name),
        }
    }
    listed(&of_body, params);
    for (_, value) in &of_body {
        str(value).into_iter().for_each(values);
    }
    written_back(&all[..all.len().min(Params::MOST)]);
}

/// The pairs of a text are the first that the standard has, and no more are kept than may come.
fn as_the_standard_has_it(text: &[u8], params: &Params) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ours = params.iter().map(|(name, value)| (lossy(name), lossy(value)));
    let standard: Vec<_> = form_urlencoded::parse(text).into_owned().collect();
    assert!(ours.eq(standard.iter().take(Params::MOST).cloned()));
    assert_eq!(params.is_cut(), standard.len() > Params::MOST);
    assert!(params.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= text.len());
}

/// Where lists are asked for, the values of a name in the body are one, and so they are read.
fn listed(body: &[Pair], params: Params) {
    let lists = params.with_lists();
    for name in ["a", "fids"] {
        let values: Vec<&[u8]> = body
            .iter()
            .filter(|(other, _)| other == name.as_bytes())
            .map(|(_, value)| value.as_slice())
            .collect();
        if values.len() > 1
            && let Ok(read) = lists.read::<String>(name)
        {
            assert_eq!(read.as_bytes(), values.join(&b','));
        }
    }
}

fn values(text: &str) {
    written::<Mid>(text);
    written::<Tagid>(text);
    written::<u8>(text);
    written::<i64>(text);
    written::<Flag>(text);
    written::<String>(text);
    written::<Secret>(text);
    written::<Option<Mid>>(text);
    written::<Joined<Mid>>(text);
    written::<Joined<Tagid>>(text);
    written::<RelationAction>(text);
    written::<Source>(text);
    written::<Ps>(text);
    written::<Pn>(text);
    written::<Order>(text);
}

/// A value that is read is written as a text that is read as an equal one; where it is not written, absence says the same.
fn written<T: Param + PartialEq + Debug>(text: &str) {
    let Ok(value) = T::parse(text) else { return };
    let again = value.write().map_or_else(T::absent, |text| T::parse(&text));
    assert_eq!(again, Ok(value), "{text:?}");
}

fn written_back(pairs: &[Pair]) {
    let texts = pairs.iter().map(|(name, value)| Some((str(name)?, str(value)?)));
    let Some(texts) = texts.collect::<Option<Vec<_>>>() else { return };
    let read = Params::parse(params::encode(texts.iter().copied()).as_bytes());
    assert!(read.iter().eq(texts.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()))));
}

fn str(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Any bytes as a multipart body with the boundary `B`; and lines as the values of one, each of which comes back.
///
/// # Panics
///
/// If a property does not hold.
pub fn multipart(data: &[u8]) {
    if let Some(params) = parsed("multipart/form-data; boundary=B", data) {
        assert!(params.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= data.len());
    }
    // No line ends within a value, so none can be taken for the boundary.
    let values: Vec<&[u8]> = data.split(|byte| *byte == b'\n').take(100).collect();
    let mut body = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"n{at}\"\r\n\r\n");
        body.extend([head.as_bytes(), value, b"\r\n"].concat());
    }
    body.extend(b"--B--\r\n");
    let params = parsed("multipart/form-data; boundary=B", &body).expect("it is whole");
    let names = (0..values.len()).map(|at| format!("n{at}").into_bytes());
    assert_eq!(pairs(&params), names.zip(values.iter().map(|value| value.to_vec())).collect::<Vec<_>>());
}
