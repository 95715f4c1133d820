//! Bodies that are charged to the client's quota of bytes in flight.
//!
//! A request body is charged until its request ends, a response body until the peer has read it.

use super::connection::{ConnectionState, RequestGuard, UNCOUNTED_BYTES};
use super::quota::Reservation;
use crate::http::params::QuotaExceeded;
use crate::http::response::ApiError;
use crate::log_throttle::LogThrottle;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use guanxi_types::HttpError;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// Returns the 503 of a request over the quota, and logs it.
pub(crate) fn overload_response() -> Response {
    log_quota_exceeded();
    ApiError::Http(HttpError::Unavailable).into_response()
}

fn log_quota_exceeded() {
    static THROTTLE: LogThrottle = LogThrottle::new();
    if let Some(occurrences) = THROTTLE.count() {
        tracing::warn!(
            occurrences,
            "quota of requests or bytes in flight exceeded, request rejected with 503"
        );
    }
}

/// The reservation for the body of a request, released when the request ends.
pub(crate) type BodyReservation = Arc<Mutex<Reservation>>;

/// A request body whose bytes are reserved as they arrive.
#[derive(Debug)]
pub(crate) struct RequestBody {
    inner: Incoming,
    reserved: BodyReservation,
}

impl RequestBody {
    /// Creates a body that is charged to a reservation.
    pub(crate) fn new(inner: Incoming, reserved: BodyReservation) -> RequestBody {
        RequestBody { inner, reserved }
    }
}

impl hyper::body::Body for RequestBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()?;
        if let Some(data) = frame.as_ref().and_then(Frame::data_ref) {
            let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
            if !reserved.grow(data.len()) {
                log_quota_exceeded();
                return Poll::Ready(Some(Err(QuotaExceeded.into())));
            }
        }
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The maximum size of a part of an HTTP/2 response. The peer's progress is recorded by part.
const PART_BYTES: usize = 16_384;

/// The memory of an HTTP/2 response beside its body, for its task and its stream (measured: 12 KiB). The
/// reservation lasts until the library has taken the body.
pub(crate) const HTTP2_RESPONSE_BYTES: usize = 12_288;

/// A response body. Its bytes hold their reservation until the HTTP library has written them.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    inner: Body,
    /// Bytes of the inner body that the library has not taken yet.
    unsent: Bytes,
    /// The reservation of the unsent bytes, or `None` if the bytes are not counted.
    reserved: Option<Reservation>,
    /// True if the whole body was reserved before its first byte. Otherwise bytes are reserved as they are
    /// produced.
    is_sized: bool,
    /// The connection whose window limits the response. `None` for HTTP/1, where the socket shows a blocked peer.
    window: Option<Arc<ConnectionState>>,
    /// The guard that keeps the request in flight until the last byte is produced.
    request: Option<RequestGuard>,
}

impl ResponseBody {
    /// Wraps the response of a request. A response over the quota is replaced by 503.
    pub(crate) fn wrap(
        mut response: Response,
        request: RequestGuard,
        is_http2: bool,
    ) -> Response<ResponseBody> {
        let connection = request.connection();
        let size = response.body().size_hint().exact();
        let window = is_http2.then(|| Arc::clone(connection));
        let is_counted = is_http2 || size.is_none_or(|size| size > UNCOUNTED_BYTES as u64);
        let mut reserved = is_counted.then(|| Reservation::empty(Arc::clone(&connection.client)));
        let overhead = if is_http2 { HTTP2_RESPONSE_BYTES } else { 0 };
        if let (Some(reserved), Some(size)) = (&mut reserved, size)
            && !reserved.grow(usize::try_from(size).unwrap_or(usize::MAX).saturating_add(overhead))
        {
            response = overload_response();
            // A peer with unread responses may not read this one either. Without a body it needs no memory until it
            // is read.
            if window.as_ref().is_some_and(|connection| !connection.window.is_empty()) {
                *response.body_mut() = Body::empty();
            }
        }
        let (unsent, is_sized, request) = (Bytes::new(), size.is_some(), Some(request));
        response.map(|inner| ResponseBody { inner, unsent, reserved, is_sized, window, request })
    }

    /// Stores data of the inner body. The request ends with the last byte, even while the peer has yet to read it.
    fn push_data(&mut self, data: Bytes) -> Result<(), QuotaExceeded> {
        if let Some(reserved) = &mut self.reserved
            && !self.is_sized
            && !reserved.grow(data.len())
        {
            return Err(QuotaExceeded);
        }
        self.unsent = data;
        if self.inner.is_end_stream() {
            self.request = None;
        }
        Ok(())
    }

    /// Returns the next part for the library.
    fn next_part(&mut self) -> Bytes {
        let Some(reserved) = &mut self.reserved else { return std::mem::take(&mut self.unsent) };
        let length =
            if self.window.is_some() { PART_BYTES.min(self.unsent.len()) } else { self.unsent.len() };
        let bytes = self.unsent.split_to(length);
        let window = self.window.clone();
        if let Some(connection) = &window {
            connection.window.add(length, connection.now(), connection.header_timeout());
        }
        Bytes::from_owner(Part { bytes, window, _reserved: reserved.split(length) })
    }
}

impl hyper::body::Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if self.unsent.is_empty() {
            let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()? else {
                self.request = None;
                return Poll::Ready(None);
            };
            match frame.into_data() {
                Ok(data) => self.push_data(data)?,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.next_part()))))
    }

    fn is_end_stream(&self) -> bool {
        self.unsent.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, unsent) = (self.inner.size_hint(), self.unsent.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + unsent);
        }
        hint.set_lower(hint.lower() + unsent);
        hint
    }
}

/// A part of a response that the peer has not read yet.
struct Part {
    bytes: Bytes,
    window: Option<Arc<ConnectionState>>,
    _reserved: Reservation,
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(connection) = &self.window {
            let length = self.bytes.len();
            connection.window.record_progress(length, connection.now(), connection.header_timeout());
            connection.window.remove(length);
        }
    }
}
