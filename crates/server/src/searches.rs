//! Searches, a few at once: each looks through thousands of entries, so it runs on a thread of its own kind and not on those
//! that answer requests.

use crate::answer::ApiError;
use guanxi_types::HttpError;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places in which searches run. Its clones are the same places.
#[derive(Clone, Debug)]
pub struct Searches(Arc<Semaphore>);

impl Searches {
    /// So many places.
    pub fn new(places: usize) -> Searches {
        Searches(Arc::new(Semaphore::new(places)))
    }

    /// Takes a place until the permit is dropped. Returns [`Fault::Unavailable`] at once if all are taken.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, HttpError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| HttpError::Unavailable)
    }

    /// Runs a search in a place. The place stays taken until the search ends, whether or not somebody still waits for it.
    pub async fn run<T, F>(&self, search: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
    {
        let (place, runtime) = (self.place()?, Handle::current());
        let done = tokio::task::spawn_blocking(move || {
            let found = runtime.block_on(search);
            drop(place);
            found
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a search panicked");
            Err(HttpError::Broken.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn searches_past_the_places_are_refused_at_once() {
        let searches = Searches::new(2);
        let held = [searches.place().unwrap(), searches.place().unwrap()];
        let refused = searches.run(async { Ok(()) }).await.unwrap_err();
        assert_eq!(refused.number(), HttpError::Unavailable.number());
        drop(held);
        assert!(searches.run(async { Ok(()) }).await.is_ok());
        assert!(searches.place().and_then(|_one| searches.place()).is_ok(), "a search gives its place back");
    }

    #[tokio::test]
    async fn a_search_runs_off_the_threads_of_requests() {
        let here = std::thread::current().id();
        let there = Searches::new(1).run(async { Ok(std::thread::current().id()) }).await.unwrap();
        assert_ne!(here, there);
    }

    #[tokio::test]
    async fn a_search_that_panics_gives_its_place_back() {
        let searches = Searches::new(1);
        let broken = searches.run::<(), _>(async { panic!("as the test wants") }).await.unwrap_err();
        assert_eq!(broken.number(), HttpError::Broken.number());
        assert!(searches.place().is_ok());
    }
}
