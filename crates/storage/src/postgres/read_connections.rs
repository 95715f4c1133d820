//! Connections that reads share. Reads that arrive at the same time are pipelined on few connections, so the server
//! and the driver handle several of them each time they wake up. Short reads need one connection, as few of them run
//! at once. Longer ones pile up, and spread over more.

use super::connection::Connection;
use crate::StorageError;
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OnceCell;

/// The number of reads after which a connection returns to the pool, where a command may wait for it.
const MAX_READS: usize = 256;

/// The number of reads at once from which further ones prefer the next connection.
const MANY_READS: usize = 16;

/// The connections that reads share now. Without reads there are none.
#[derive(Debug)]
pub(super) struct ReadConnections(Mutex<Vec<Weak<SharedConnection>>>);

impl ReadConnections {
    /// Creates the connections of a pool of `max_connections`. Reads share a quarter of it.
    pub(super) fn new(max_connections: usize) -> ReadConnections {
        let connections = iter::repeat_with(Weak::new).take((max_connections / 4).max(1));
        ReadConnections(Mutex::new(connections.collect()))
    }

    /// Returns the first connection without many reads, or that with the fewest.
    pub(super) fn join(&self) -> Arc<SharedConnection> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let load = |connection: &Weak<SharedConnection>| match connection.strong_count() {
            ..MANY_READS => 0,
            reads => reads,
        };
        let Some(chosen) = connections.iter_mut().min_by_key(|connection| load(connection)) else {
            return Arc::default();
        };
        if let Some(connection) = chosen.upgrade().filter(|connection| connection.admit()) {
            return connection;
        }
        let connection = Arc::default();
        *chosen = Arc::downgrade(&connection);
        connection
    }
}

/// A connection that several reads use at the same time. The last of them returns it to the pool.
#[derive(Debug, Default)]
pub(super) struct SharedConnection {
    /// Empty until the first read has acquired the connection.
    connection: OnceCell<Result<Connection, StorageError>>,
    /// The number of reads so far, besides the first one.
    reads: AtomicUsize,
}

impl SharedConnection {
    /// Counts a further read. Returns false if the connection takes no more.
    fn admit(&self) -> bool {
        let is_usable = match self.connection.get() {
            Some(Ok(connection)) => connection.is_usable(),
            Some(Err(_)) => false,
            None => true,
        };
        is_usable && self.reads.fetch_add(1, Ordering::Relaxed) < MAX_READS
    }

    /// Returns the connection. The first read acquires it, and the others wait for the outcome.
    pub(super) async fn acquired(
        &self,
        acquire: impl Future<Output = Result<Connection, StorageError>>,
    ) -> Result<&Connection, StorageError> {
        self.connection.get_or_init(|| acquire).await.as_ref().map_err(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_reads_use_further_connections() {
        let connections = ReadConnections::new(8);
        let mut first: Vec<_> = (0..MANY_READS).map(|_| connections.join()).collect();
        let second: Vec<_> = (0..MANY_READS).map(|_| connections.join()).collect();
        for (one, other) in first.iter().zip(&second) {
            assert!(
                Arc::ptr_eq(one, &first[0]) && Arc::ptr_eq(other, &second[0]) && !Arc::ptr_eq(one, other)
            );
        }
        let more = [connections.join(), connections.join()];
        assert!(!Arc::ptr_eq(&more[0], &more[1]), "both have many");
        drop(more);
        first.pop();
        assert!(Arc::ptr_eq(&connections.join(), &first[0]));
    }

    #[tokio::test]
    async fn connection_takes_a_limited_number_of_reads() {
        let connections = ReadConnections::new(1);
        let first = connections.join();
        for _ in 0..MAX_READS {
            assert!(Arc::ptr_eq(&connections.join(), &first));
        }
        assert!(!Arc::ptr_eq(&connections.join(), &first));
    }

    #[tokio::test]
    async fn failed_connection_is_joined_by_waiting_reads_only() {
        let connections = ReadConnections::new(1);
        let (first, waiting) = (connections.join(), connections.join());
        let failed = async { Err(StorageError::Busy("connections")) };
        assert!(first.acquired(failed).await.is_err());
        let never = async { unreachable!("the outcome is known") };
        assert!(waiting.acquired(never).await.is_err());
        assert!(!Arc::ptr_eq(&connections.join(), &first));
    }
}
