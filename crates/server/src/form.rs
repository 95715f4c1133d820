//! Where the parameters of a request come from (D7): a GET's from its query, a POST's from its body and then its query.

use crate::limits::Limits;
use crate::net::body::NoRoom;
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

/// The parameters of a request, and whether its body could be read to the end.
#[derive(Debug)]
pub struct RequestParams {
    /// The parameters. None of them are a body's that is broken.
    pub params: Params,
    /// Whether the body is not what its type says.
    pub broken: bool,
}

impl RequestParams {
    /// Returns true if the request is malformed, whoever sends it: -400, once the caller is admitted.
    pub fn is_malformed(&self) -> bool {
        self.broken || self.params.is_cut()
    }
}

/// Reads the parameters of a request.
pub async fn read(parts: &Parts, body: Body, limits: &Limits) -> Result<RequestParams, HttpError> {
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
    if parts.method != Method::POST {
        return Ok(RequestParams { params: query, broken: false });
    }
    let body = collect(body, &parts.headers, limits.body_bytes, limits.body_timeout).await?;
    let (mut params, broken) = match parse(&parts.headers, body).await {
        Some(params) => (params, false),
        None => (Params::default(), true),
    };
    params.append(query);
    Ok(RequestParams { params, broken })
}

/// How much of a body too large is read all the same: many clients look for an answer only once they have sent it all.
const READ_ANYWAY: usize = 1 << 20;

/// The whole of a body, if it is not larger than that and comes in time.
pub(crate) async fn collect(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, HttpError> {
    let declared = body.size_hint().lower();
    let too_large = declared > limit as u64;
    // Who asks first whether to send it need not.
    if too_large && (headers.contains_key(EXPECT) || declared > (limit + READ_ANYWAY) as u64) {
        return Err(HttpError::TooLarge);
    }
    match tokio::time::timeout(timeout, read_whole(body, limit)).await {
        Ok(whole) => whole,
        Err(_) if too_large => Err(HttpError::TooLarge),
        Err(_) => Err(HttpError::TooSlow),
    }
}

async fn read_whole(mut body: Body, limit: usize) -> Result<Bytes, HttpError> {
    let (mut whole, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        length += data.len();
        if length <= limit {
            whole.extend_from_slice(&data);
        } else if length > limit + READ_ANYWAY {
            return Err(HttpError::TooLarge);
        }
    }
    if length <= limit { Ok(whole.freeze()) } else { Err(HttpError::TooLarge) }
}

/// The fault of a body that could not be read: the service has no room for it, or it is malformed. A sender that broke off
/// reads no answer.
fn broken(error: &axum::Error) -> HttpError {
    let has_no_room = error.source().is_some_and(<dyn Error>::is::<NoRoom>);
    if has_no_room { HttpError::Unavailable } else { HttpError::BadRequest }
}

/// The parameters in a body, by its type; none if it is not of that type. Of a type that holds no parameters there are
/// none, and a body of no type is taken as a form's.
async fn parse(headers: &HeaderMap, body: Bytes) -> Option<Params> {
    let given = headers.get(CONTENT_TYPE).map_or(Ok(""), |value| value.to_str()).ok()?;
    let essence = given.split(';').next().unwrap_or_default().trim();
    if body.is_empty() {
        return Some(Params::default());
    }
    if essence.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some(Params::parse(&body));
    }
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        return multipart(given, body).await;
    }
    Some(Params::default())
}

async fn multipart(given: &str, body: Bytes) -> Option<Params> {
    let boundary = multer::parse_boundary(given).ok()?;
    let whole = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut fields = multer::Multipart::new(whole, boundary);
    let mut params = Params::default();
    while !params.is_cut()
        && let Some(field) = fields.next_field().await.ok()?
    {
        // A field of no name says nothing, and counts all the same.
        let name = field.name().unwrap_or_default().to_owned();
        params.push(name.into_bytes(), field.bytes().await.ok()?.into());
    }
    Some(params)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at_once<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn parsed(kind: &str, body: &[u8]) -> Option<Params> {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        at_once(parse(&headers, Bytes::copy_from_slice(body)))
    }

    const TWO_FIELDS: &[u8] = b"--B\r\nContent-Disposition: form-data; name=\"fid\"\r\n\r\n14082\r\n\
        --B\r\nContent-Disposition: form-data; name=\"tag\"\r\nContent-Type: text/plain\r\n\r\n\xe8\x86\x9c\r\n--B--\r\n";

    #[test]
    fn bodies_by_type() {
        // type, body, fid
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
        for (kind, body, fid) in cases {
            let params = parsed(kind, body);
            assert_eq!(params.as_ref().map(|params| params.first("fid")), fid, "{kind}");
        }
        let params = parsed("multipart/form-data; boundary=\"B\"", TWO_FIELDS).unwrap();
        assert_eq!(params.first("tag"), Some("膜".as_bytes()));
    }

    proptest! {
        #[test]
        fn any_body_is_some_form(body: Vec<u8>, cut in 0usize..200) {
            parsed("multipart/form-data; boundary=B", &body);
            parsed("multipart/form-data; boundary=B", &TWO_FIELDS[..cut.min(TWO_FIELDS.len())]);
            parsed("application/x-www-form-urlencoded", &body);
        }
    }
}
