//! A pool for searches of lists. A search scans thousands of entries, so it runs on a blocking thread and not on
//! those of requests.

use crate::http::response::ApiError;
use crate::request_log;
use guanxi_types::HttpError;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The limit on concurrent searches. Clones share it.
#[derive(Clone, Debug)]
pub struct SearchPool(Arc<Semaphore>);

impl SearchPool {
    /// Creates a pool for `concurrency` searches.
    pub fn new(concurrency: usize) -> SearchPool {
        SearchPool(Arc::new(Semaphore::new(concurrency)))
    }

    /// Acquires a slot without waiting. Returns [`HttpError::Unavailable`] if all are in use.
    pub fn acquire(&self) -> Result<OwnedSemaphorePermit, HttpError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| HttpError::Unavailable)
    }

    /// Runs a search in a slot. The slot is released when the search ends, even if the caller disconnects earlier.
    pub async fn run<T, F>(&self, search: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
    {
        let (slot, runtime) = (self.acquire()?, Handle::current());
        let search = request_log::in_current_request(search);
        let task = tokio::task::spawn_blocking(move || {
            let found = runtime.block_on(search);
            drop(slot);
            found
        });
        task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "search panicked, request answered with 500");
            Err(HttpError::InternalError.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request_log::{LoggedRequest, RequestLog};
    use axum::body::Body;
    use axum::response::Response;
    use http::Request;
    use std::pin::pin;

    #[tokio::test]
    async fn searches_over_the_limit_are_503() {
        let pool = SearchPool::new(2);
        let held = [pool.acquire().unwrap(), pool.acquire().unwrap()];
        let rejected = pool.run(async { Ok(()) }).await.unwrap_err();
        assert_eq!(rejected.code(), HttpError::Unavailable.number());
        drop(held);
        assert!(pool.run(async { Ok(()) }).await.is_ok());
        assert!(pool.acquire().and_then(|_slot| pool.acquire()).is_ok(), "a search releases its slot");
    }

    #[tokio::test]
    async fn search_runs_on_another_thread() {
        let current = std::thread::current().id();
        let blocking = SearchPool::new(1).run(async { Ok(std::thread::current().id()) }).await.unwrap();
        assert_ne!(current, blocking);
    }

    #[tokio::test]
    async fn search_is_logged_with_its_request() {
        let request = Request::get("/").header("x-request-id", "abc").body(()).unwrap();
        let log = RequestLog::start(request.method(), request.headers(), None, None);
        let handled = async {
            let logged = SearchPool::new(1).run(async { Ok(LoggedRequest::current()) }).await.unwrap();
            assert_eq!(logged.unwrap().fields()[0], ("id", "abc"));
            Response::new(Body::empty())
        };
        log.observe(pin!(handled)).await;
    }

    #[tokio::test]
    async fn search_that_panics_releases_its_slot() {
        let pool = SearchPool::new(1);
        let error = pool.run::<(), _>(async { panic!("requested by the test") }).await.unwrap_err();
        assert_eq!(error.code(), HttpError::InternalError.number());
        assert!(pool.acquire().is_ok());
    }
}
