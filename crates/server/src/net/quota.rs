//! Quotas of requests and bytes in flight, for a listener and for each client address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The divisor of a listener's quota for one client address.
const CLIENT_SHARE: usize = 4;

/// A counter with a limit.
#[derive(Debug)]
pub(crate) struct Quota {
    limit: usize,
    in_use: AtomicUsize,
}

impl Quota {
    const fn new(limit: usize) -> Quota {
        Quota { limit, in_use: AtomicUsize::new(0) }
    }

    /// Acquires an amount. Returns false, and acquires nothing, if that would exceed the limit.
    fn try_acquire(&self, amount: usize) -> bool {
        // The amount is added before the comparison, so that two callers cannot both acquire the last slot.
        let before = self.in_use.fetch_add(amount, Ordering::Relaxed);
        let fits = before.saturating_add(amount) <= self.limit;
        if !fits {
            self.release(amount);
        }
        fits
    }

    fn release(&self, amount: usize) {
        self.in_use.fetch_sub(amount, Ordering::Relaxed);
    }

    /// Returns the acquired amount.
    #[cfg(test)]
    pub(crate) fn in_use(&self) -> usize {
        self.in_use.load(Ordering::Relaxed)
    }
}

/// The quotas of a listener or of one of its clients.
#[derive(Debug)]
pub(crate) struct Quotas {
    /// Requests in flight.
    pub(crate) requests: Quota,
    /// Bytes of request heads, request bodies and unsent responses.
    pub(crate) bytes: Quota,
}

impl Quotas {
    /// Creates unused quotas.
    pub(crate) const fn new(requests: usize, bytes: usize) -> Quotas {
        Quotas { requests: Quota::new(requests), bytes: Quota::new(bytes) }
    }
}

/// A client address of a listener.
#[derive(Debug)]
pub(crate) struct Client {
    listener: Arc<Quotas>,
    own: Quotas,
}

impl Client {
    /// Creates a client that is limited to its share of the listener's quotas.
    pub(crate) fn new(listener: Arc<Quotas>) -> Client {
        let share = |quota: &Quota| quota.limit.div_ceil(CLIENT_SHARE);
        let own = Quotas::new(share(&listener.requests), share(&listener.bytes));
        Client { listener, own }
    }

    /// Creates a client without a share limit: a trusted proxy, which serves many clients.
    pub(crate) fn unlimited(listener: Arc<Quotas>) -> Client {
        Client { listener, own: Quotas::new(usize::MAX, usize::MAX) }
    }

    fn try_acquire(&self, quota: impl Fn(&Quotas) -> &Quota, amount: usize) -> bool {
        if !quota(&self.own).try_acquire(amount) {
            return false;
        }
        let fits = quota(&self.listener).try_acquire(amount);
        if !fits {
            quota(&self.own).release(amount);
        }
        fits
    }

    fn release(&self, quota: impl Fn(&Quotas) -> &Quota, amount: usize) {
        quota(&self.own).release(amount);
        quota(&self.listener).release(amount);
    }

    /// Acquires a slot for a request in flight. Returns false if a quota is exceeded.
    pub(crate) fn try_acquire_request(&self) -> bool {
        self.try_acquire(|quotas| &quotas.requests, 1)
    }

    /// Releases the slot of a request.
    pub(crate) fn release_request(&self) {
        self.release(|quotas| &quotas.requests, 1);
    }
}

/// Reserved bytes of a client's quota, released on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    client: Arc<Client>,
    bytes: usize,
}

impl Reservation {
    /// Creates a reservation of no bytes.
    pub(crate) fn empty(client: Arc<Client>) -> Reservation {
        Reservation { client, bytes: 0 }
    }

    /// Reserves more bytes. Returns false, and changes nothing, if that would exceed the quota.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let fits = self.client.try_acquire(|quotas| &quotas.bytes, bytes);
        if fits {
            self.bytes += bytes;
        }
        fits
    }

    /// Splits off a part of the reservation, at most all of it.
    pub(crate) fn split(&mut self, bytes: usize) -> Reservation {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Reservation { client: Arc::clone(&self.client), bytes }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.client.release(|quotas| &quotas.bytes, self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_is_limited_to_a_quarter_of_the_quota() {
        let listener = Arc::new(Quotas::new(8, 100));
        let client = || Arc::new(Client::new(Arc::clone(&listener)));
        let clients: Vec<_> = (0..5).map(|_| client()).collect();
        let acquire_all = |client: &Client| (0..8).filter(|_| client.try_acquire_request()).count();
        let in_use: Vec<usize> = clients.iter().map(|client| acquire_all(client)).collect();
        assert_eq!(in_use, [2, 2, 2, 2, 0]);
        clients[0].release_request();
        assert_eq!((acquire_all(&clients[4]), listener.requests.in_use()), (1, 8));
        assert_eq!(acquire_all(&Client::unlimited(Arc::new(Quotas::new(8, 100)))), 8);
    }

    #[test]
    fn reservation_releases_each_byte_once() {
        let listener = Arc::new(Quotas::new(8, 100));
        let mut reservation = Reservation::empty(Arc::new(Client::new(Arc::clone(&listener))));
        assert!(reservation.grow(20) && !reservation.grow(6) && reservation.grow(5));
        let part = reservation.split(10);
        drop(reservation);
        assert_eq!(listener.bytes.in_use(), 10);
        drop(part);
        assert_eq!(listener.bytes.in_use(), 0);
    }
}
