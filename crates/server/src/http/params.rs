//! The parameters of requests (D7): of a GET from its query, of a POST from its body, then from its query.

use crate::limits::Limits;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use guanxi_api::params::Params;
use guanxi_types::HttpError;
use http::header::{CONTENT_TYPE, EXPECT};
use http::request::Parts;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::error::Error;
use std::time::Duration;

/// The parameters of a request.
#[derive(Clone, Debug)]
pub struct RequestParams {
    /// The parameters. A malformed body adds none.
    pub params: Params,
    /// True if the body does not have the syntax of its type.
    pub malformed_body: bool,
}

impl RequestParams {
    /// Returns true if the request is -400 for every caller that authenticates.
    pub fn is_malformed(&self) -> bool {
        self.malformed_body || self.params.is_truncated()
    }
}

/// The error of a body that exceeds the quota of bytes in flight.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("quota of bytes in flight exceeded")]
pub(crate) struct QuotaExceeded;

/// Reads the parameters of a request.
pub async fn read_params(parts: &Parts, body: Body, limits: &Limits) -> Result<RequestParams, HttpError> {
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
    if parts.method != Method::POST {
        return Ok(RequestParams { params: query, malformed_body: false });
    }
    // Boxed, so that the futures of GET requests do not contain it.
    let mut form = Box::pin(read_form(&parts.headers, body, limits)).await?;
    form.params.append(query);
    Ok(form)
}

/// Reads the parameters of a body.
pub(crate) async fn read_form(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<RequestParams, HttpError> {
    let body = read_body(body, headers, limits.body_bytes, limits.body_timeout).await?;
    let params = parse_body(headers, body).await;
    Ok(RequestParams { malformed_body: params.is_none(), params: params.unwrap_or_default() })
}

/// The number of bytes beyond the limit that are read and dropped. Many clients read a response only after they
/// sent all.
const DRAIN_LIMIT: usize = 1 << 20;

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read_body(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, HttpError> {
    let declared = body.size_hint().lower();
    let is_too_large = declared > limit as u64;
    // A client with `Expect: 100-continue` does not send the body after a rejection.
    if is_too_large && (headers.contains_key(EXPECT) || declared > (limit + DRAIN_LIMIT) as u64) {
        return Err(HttpError::PayloadTooLarge);
    }
    match tokio::time::timeout(timeout, read_to_limit(body, limit)).await {
        Ok(result) => result,
        Err(_) if is_too_large => Err(HttpError::PayloadTooLarge),
        Err(_) => Err(HttpError::RequestTimeout),
    }
}

async fn read_to_limit(mut body: Body, limit: usize) -> Result<Bytes, HttpError> {
    let (mut bytes, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| body_error(&error))?.into_data() else { continue };
        length += data.len();
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else if length > limit + DRAIN_LIMIT {
            return Err(HttpError::PayloadTooLarge);
        }
    }
    if length <= limit { Ok(bytes.freeze()) } else { Err(HttpError::PayloadTooLarge) }
}

/// Returns the error of a body that could not be read: 503 for an exceeded quota, otherwise 400. A client that
/// disconnected does not read the response.
fn body_error(error: &axum::Error) -> HttpError {
    let is_over_quota = error.source().is_some_and(<dyn Error>::is::<QuotaExceeded>);
    if is_over_quota { HttpError::Unavailable } else { HttpError::BadRequest }
}

/// Parses the parameters of a body by its content type. Returns `None` if the body is malformed. Other content
/// types have no parameters. A body without a content type is parsed as a form.
async fn parse_body(headers: &HeaderMap, body: Bytes) -> Option<Params> {
    let content_type = headers.get(CONTENT_TYPE).map_or(Ok(""), |value| value.to_str()).ok()?;
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if body.is_empty() {
        return Some(Params::default());
    }
    if essence.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some(Params::parse(&body));
    }
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        return parse_multipart(content_type, body).await;
    }
    Some(Params::default())
}

async fn parse_multipart(content_type: &str, body: Bytes) -> Option<Params> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut fields = multer::Multipart::new(stream, boundary);
    let mut params = Params::default();
    while !params.is_truncated()
        && let Some(field) = fields.next_field().await.ok()?
    {
        // A field without a name is no parameter, but counts towards their limit.
        let name = field.name().unwrap_or_default().to_owned();
        params.push(name.into_bytes(), field.bytes().await.ok()?);
    }
    Some(params)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn parse(content_type: &str, body: &[u8]) -> Option<Params> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        }
        block_on(parse_body(&headers, Bytes::copy_from_slice(body)))
    }

    const TWO_FIELDS: &[u8] = b"--B\r\nContent-Disposition: form-data; name=\"fid\"\r\n\r\n14082\r\n\
        --B\r\nContent-Disposition: form-data; name=\"tag\"\r\nContent-Type: text/plain\r\n\r\n\xe8\x86\x9c\r\n--B--\r\n";

    #[test]
    fn body_is_parsed_by_its_content_type() {
        // content type, body, fid
        type Fid = Option<Option<&'static [u8]>>;
        let cases: [(&str, &[u8], Fid); 8] = [
            ("application/x-www-form-urlencoded", b"fid=1", Some(Some(b"1"))),
            ("application/x-www-form-urlencoded; charset=UTF-8", b"fid=1", Some(Some(b"1"))),
            ("Application/X-WWW-Form-Urlencoded;charset=utf-8", b"fid=1", Some(Some(b"1"))),
            ("", b"fid=1", Some(Some(b"1"))),
            ("application/json", b"{\"fid\":1}", Some(None)),
            ("multipart/form-data; boundary=B", TWO_FIELDS, Some(Some(b"14082"))),
            ("multipart/form-data", TWO_FIELDS, None),
            ("multipart/form-data; boundary=B", &TWO_FIELDS[..100], None),
        ];
        for (content_type, body, fid) in cases {
            let params = parse(content_type, body);
            assert_eq!(params.as_ref().map(|params| params.get_raw("fid")), fid, "{content_type}");
        }
        let params = parse("multipart/form-data; boundary=\"B\"", TWO_FIELDS).unwrap();
        assert_eq!(params.get_raw("tag"), Some("膜".as_bytes()));
    }

    proptest! {
        #[test]
        fn arbitrary_bodies_do_not_panic(body: Vec<u8>, cut in 0usize..200) {
            parse("multipart/form-data; boundary=B", &body);
            parse("multipart/form-data; boundary=B", &TWO_FIELDS[..cut.min(TWO_FIELDS.len())]);
            parse("application/x-www-form-urlencoded", &body);
        }
    }
}
