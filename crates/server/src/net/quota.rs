//! Quotas of requests and bytes in flight, for a listener and for each client address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The part of a listener's quota that one client address may take: a quarter.
const CLIENT_SHARE: usize = 4;

/// A number that is taken and given back, up to a limit.
#[derive(Debug)]
pub(crate) struct Quota {
    limit: usize,
    taken: AtomicUsize,
}

impl Quota {
    const fn new(limit: usize) -> Quota {
        Quota { limit, taken: AtomicUsize::new(0) }
    }

    /// Takes an amount. Returns false, and takes nothing, if that would exceed the limit.
    fn take(&self, amount: usize) -> bool {
        // Added before it is compared, so that two callers cannot both take the last place.
        let before = self.taken.fetch_add(amount, Ordering::Relaxed);
        let fits = before.saturating_add(amount) <= self.limit;
        if !fits {
            self.give(amount);
        }
        fits
    }

    fn give(&self, amount: usize) {
        self.taken.fetch_sub(amount, Ordering::Relaxed);
    }

    /// The amount that is taken.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// The quotas of a listener, or of one client of it.
#[derive(Debug)]
pub(crate) struct Quotas {
    /// Requests that are being read or worked on.
    pub(crate) requests: Quota,
    /// Bytes of heads and bodies that are being read, and of answers that are not sent yet.
    pub(crate) bytes: Quota,
}

impl Quotas {
    /// Quotas of which nothing is taken.
    pub(crate) const fn new(requests: usize, bytes: usize) -> Quotas {
        Quotas { requests: Quota::new(requests), bytes: Quota::new(bytes) }
    }
}

/// One client address of a listener.
#[derive(Debug)]
pub(crate) struct Client {
    listener: Arc<Quotas>,
    own: Quotas,
}

impl Client {
    /// A client that may take its share of the listener's quotas.
    pub(crate) fn new(listener: Arc<Quotas>) -> Client {
        let share = |quota: &Quota| quota.limit.div_ceil(CLIENT_SHARE);
        let own = Quotas::new(share(&listener.requests), share(&listener.bytes));
        Client { listener, own }
    }

    /// A client that may take all of the listener's quotas: a trusted proxy, which speaks for many.
    pub(crate) fn unlimited(listener: Arc<Quotas>) -> Client {
        Client { listener, own: Quotas::new(usize::MAX, usize::MAX) }
    }

    fn take(&self, quota: impl Fn(&Quotas) -> &Quota, amount: usize) -> bool {
        if !quota(&self.own).take(amount) {
            return false;
        }
        let fits = quota(&self.listener).take(amount);
        if !fits {
            quota(&self.own).give(amount);
        }
        fits
    }

    fn give(&self, quota: impl Fn(&Quotas) -> &Quota, amount: usize) {
        quota(&self.own).give(amount);
        quota(&self.listener).give(amount);
    }

    /// Takes a place for a request in flight. Returns false if there is none.
    pub(crate) fn take_request(&self) -> bool {
        self.take(|quotas| &quotas.requests, 1)
    }

    /// Gives a request's place back.
    pub(crate) fn give_request(&self) {
        self.give(|quotas| &quotas.requests, 1);
    }
}

/// Bytes of a client's quota, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    client: Arc<Client>,
    bytes: usize,
}

impl Reservation {
    /// A reservation of nothing yet.
    pub(crate) fn empty(client: Arc<Client>) -> Reservation {
        Reservation { client, bytes: 0 }
    }

    /// Reserves more bytes. Returns false, and changes nothing, if the quota has no room for them.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let fits = self.client.take(|quotas| &quotas.bytes, bytes);
        if fits {
            self.bytes += bytes;
        }
        fits
    }

    /// Takes a part of this reservation off, at most all of it.
    pub(crate) fn split(&mut self, bytes: usize) -> Reservation {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Reservation { client: Arc::clone(&self.client), bytes }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.client.give(|quotas| &quotas.bytes, self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_takes_a_quarter_and_all_clients_take_the_whole() {
        let listener = Arc::new(Quotas::new(8, 100));
        let client = || Arc::new(Client::new(Arc::clone(&listener)));
        let clients: Vec<_> = (0..5).map(|_| client()).collect();
        let places = |client: &Client| (0..8).filter(|_| client.take_request()).count();
        let taken: Vec<usize> = clients.iter().map(|client| places(client)).collect();
        assert_eq!(taken, [2, 2, 2, 2, 0]);
        clients[0].give_request();
        assert_eq!((places(&clients[4]), listener.requests.taken()), (1, 8));
        assert_eq!(places(&Client::unlimited(Arc::new(Quotas::new(8, 100)))), 8);
    }

    #[test]
    fn reservation_gives_back_each_byte_once() {
        let listener = Arc::new(Quotas::new(8, 100));
        let mut reservation = Reservation::empty(Arc::new(Client::new(Arc::clone(&listener))));
        assert!(reservation.grow(20) && !reservation.grow(6) && reservation.grow(5));
        let part = reservation.split(10);
        drop(reservation);
        assert_eq!(listener.bytes.taken(), 10);
        drop(part);
        assert_eq!(listener.bytes.taken(), 0);
    }
}
