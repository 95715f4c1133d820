//! Bodies that are charged to the client's quota: a request's while it is read and worked on, an answer's until the peer took
//! it.

use super::connection::{Connection, RequestGuard, UNCOUNTED_BYTES};
use super::quota::Reservation;
use crate::answer::ApiError;
use crate::log_throttle::LogThrottle;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use guanxi_types::HttpError;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use thiserror::Error;

/// The error of a body for which the quota has no room.
#[derive(Clone, Copy, Debug, Error)]
#[error("no room for more bytes in flight")]
pub(crate) struct NoRoom;

/// The answer of a request for which there is no room: 503, which the log notes.
pub(crate) fn no_room() -> Response {
    note_no_room();
    ApiError::Fault(HttpError::Unavailable).into_response()
}

fn note_no_room() {
    static THROTTLE: LogThrottle = LogThrottle::new();
    if let Some(occurrences) = THROTTLE.count() {
        tracing::warn!(occurrences, "request refused: no room in flight");
    }
}

/// What is reserved for the body of a request, until the request ends.
pub(crate) type BodyReservation = Arc<Mutex<Reservation>>;

/// A request's body, whose bytes are reserved as they come.
#[derive(Debug)]
pub(crate) struct RequestBody {
    inner: Incoming,
    reserved: BodyReservation,
}

impl RequestBody {
    /// A body that is charged to a reservation.
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
                note_no_room();
                return Poll::Ready(Some(Err(NoRoom.into())));
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

/// The largest part in which an HTTP/2 answer goes out: the peer's progress is seen by the part.
const PART_BYTES: usize = 16_384;

/// The bytes that an HTTP/2 answer takes beside its body, for its task and its stream (measured: 12 KiB), until the body was
/// handed to the library.
pub(crate) const HTTP2_ANSWER_BYTES: usize = 12_288;

/// An answer's body. Its bytes hold their reservation until the HTTP library has written them.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    inner: Body,
    /// Bytes of the inner body that were not handed on yet.
    rest: Bytes,
    /// What is reserved for all that was not handed on; `None` if the bytes are not counted.
    reserved: Option<Reservation>,
    /// True if all of it was reserved before the first byte; otherwise it is reserved as it is made.
    is_sized: bool,
    /// The connection whose window the bytes wait for; `None` in HTTP/1, where the socket shows who takes nothing.
    window: Option<Arc<Connection>>,
    /// The request is in flight until the last byte is made.
    request: Option<RequestGuard>,
}

impl AnswerBody {
    /// Wraps the answer of a request. It is 503 if there is no room for it.
    pub(crate) fn wrap(response: Response, request: RequestGuard, is_http2: bool) -> Response<AnswerBody> {
        let connection = request.connection();
        let size = response.body().size_hint().exact();
        let window = is_http2.then(|| Arc::clone(connection));
        let is_counted = is_http2 || size.is_none_or(|size| size > UNCOUNTED_BYTES as u64);
        let mut reserved = is_counted.then(|| Reservation::empty(Arc::clone(&connection.client)));
        let mut response = response;
        let beside = if is_http2 { HTTP2_ANSWER_BYTES } else { 0 };
        if let (Some(reserved), Some(size)) = (&mut reserved, size)
            && !reserved.grow(usize::try_from(size).unwrap_or(usize::MAX).saturating_add(beside))
        {
            response = no_room();
            // Whoever leaves answers would leave this one too: it is whole without a body, and nothing of it is held.
            if window.as_ref().is_some_and(|connection| !connection.window.is_empty()) {
                *response.body_mut() = Body::empty();
            }
        }
        let (rest, is_sized, request) = (Bytes::new(), size.is_some(), Some(request));
        response.map(|inner| AnswerBody { inner, rest, reserved, is_sized, window, request })
    }

    /// Takes bytes of the inner body. With its last byte the request has ended: what remains is the peer's to take.
    fn take_in(&mut self, data: Bytes) -> Result<(), NoRoom> {
        if let Some(reserved) = &mut self.reserved
            && !self.is_sized
            && !reserved.grow(data.len())
        {
            return Err(NoRoom);
        }
        self.rest = data;
        if self.inner.is_end_stream() {
            self.request = None;
        }
        Ok(())
    }

    /// The next part of what is to be handed on.
    fn next_part(&mut self) -> Bytes {
        let Some(reserved) = &mut self.reserved else { return std::mem::take(&mut self.rest) };
        let length = if self.window.is_some() { PART_BYTES.min(self.rest.len()) } else { self.rest.len() };
        let bytes = self.rest.split_to(length);
        let window = self.window.clone();
        if let Some(connection) = &window {
            connection.window.add(length, connection.now(), connection.header_timeout());
        }
        Bytes::from_owner(Part { bytes, window, _reserved: reserved.split(length) })
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if self.rest.is_empty() {
            let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(cx)).transpose()? else {
                self.request = None;
                return Poll::Ready(None);
            };
            match frame.into_data() {
                Ok(data) => self.take_in(data)?,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.next_part()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

/// A part of an answer, on its way to the peer.
struct Part {
    bytes: Bytes,
    window: Option<Arc<Connection>>,
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
            connection.window.progress(length, connection.now(), connection.header_timeout());
            connection.window.remove(length);
        }
    }
}
