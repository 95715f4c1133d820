//! The body of a request, which is recorded and then read again.

use crate::journal::MAX_BODY_BYTES;
use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::BodyExt;
use std::time::Duration;

/// Reads the body of a request up to the length that is recorded. Returns the bytes that were read, and a body with
/// these and all further ones. `None` for a body that is declared to be longer, which is not read.
pub(crate) async fn read(mut body: Body, timeout: Duration) -> (Option<Bytes>, Body) {
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return (None, body);
    }
    let mut bytes = BytesMut::new();
    let read = tokio::time::timeout(timeout, read_to_limit(&mut body, &mut bytes)).await;
    let bytes = bytes.freeze();
    let body = match read {
        Ok(Ok(true)) => Body::from(bytes.clone()),
        // The service reads the rest, and rejects what is wrong with it.
        Ok(Ok(false)) | Err(_) => with_rest(bytes.clone(), None, body),
        Ok(Err(error)) => with_rest(bytes.clone(), Some(error), body),
    };
    (Some(bytes), body)
}

/// Appends the data of a body. Returns true at its end, false over the limit.
async fn read_to_limit(body: &mut Body, bytes: &mut BytesMut) -> Result<bool, axum::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > MAX_BODY_BYTES {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns a body of bytes that were read, of the error that ended it, and of the rest.
fn with_rest(bytes: Bytes, error: Option<axum::Error>, rest: Body) -> Body {
    let read = [Ok(bytes)].into_iter().chain(error.map(Err));
    let frames = stream::iter(read).chain(rest.into_data_stream());
    // A body wraps its errors again.
    Body::from_stream(frames.map_err(axum::Error::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(body: Body) -> Result<Bytes, axum::Error> {
        axum::body::to_bytes(body, usize::MAX).await
    }

    #[tokio::test]
    async fn body_is_read_and_passed_on() {
        let (short, long) = (Bytes::from_static(b"fid=1"), Bytes::from(vec![b'x'; MAX_BODY_BYTES + 1]));
        let chunked = |chunks: Vec<Bytes>| {
            Body::from_stream(stream::iter(chunks.into_iter().map(Ok::<_, axum::Error>)))
        };
        let cases = [
            (Body::empty(), Some(0), 0),
            (Body::from(short.clone()), Some(5), 5),
            (Body::from(long.clone()), None, long.len()),
            (chunked(vec![short.clone(), short.clone()]), Some(10), 10),
            (chunked(vec![short.clone(), long.clone(), short]), Some(5 + long.len()), 10 + long.len()),
        ];
        for (body, recorded, total) in cases {
            let (read, body) = read(body, Duration::from_mins(1)).await;
            assert_eq!((read.map(|bytes| bytes.len()), text(body).await.unwrap().len()), (recorded, total));
        }
    }

    #[tokio::test]
    async fn error_of_the_body_is_passed_on() {
        let chunks = [Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("reset"))];
        let (recorded, body) = read(Body::from_stream(stream::iter(chunks)), Duration::from_mins(1)).await;
        assert_eq!(recorded.unwrap(), "a");
        assert!(text(body).await.unwrap_err().to_string().contains("reset"));
    }

    #[tokio::test]
    async fn stalled_body_is_passed_on_after_the_timeout() {
        let chunks = stream::iter([Ok::<_, axum::Error>(Bytes::from_static(b"a"))]).chain(stream::pending());
        let (recorded, mut body) = read(Body::from_stream(chunks), Duration::ZERO).await;
        assert_eq!(recorded.unwrap(), "a");
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "a");
    }
}
