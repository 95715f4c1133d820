//! The connections of a listener: how many there may be, in all and from an address, and which one makes room.

use super::connection::{Connection, Timeouts};
use super::quota::{Client, Quotas};
use crate::networks::TrustedProxies;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Limits of a listener.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) per_address: usize,
    pub(crate) timeouts: Timeouts,
    /// Addresses to which no limit of an address applies.
    pub(crate) trusted: TrustedProxies,
}

/// Why a connection is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its address has as many as it may.
    Address,
    /// There are as many as there may be, and each has a request in flight.
    AllBusy,
}

/// The connections of a listener.
#[derive(Debug)]
pub(crate) struct Table {
    limits: Limits,
    quotas: Arc<Quotas>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Entry>,
    clients: HashMap<IpAddr, Counted>,
    /// The idle connections of the last scan, the longest idle one last, with the instant since which each was idle.
    idle: Vec<(Instant, u64)>,
}

#[derive(Debug)]
struct Entry {
    connection: Arc<Connection>,
    /// The address under which it counts; `None` for a trusted proxy.
    address: Option<IpAddr>,
}

#[derive(Debug)]
struct Counted {
    client: Arc<Client>,
    connections: usize,
}

impl Table {
    /// A table of no connections.
    pub(crate) fn new(limits: Limits, quotas: Arc<Quotas>) -> Arc<Table> {
        Arc::new(Table { limits, quotas, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection. If there are as many as there may be, the longest idle one is closed to make room.
    pub(crate) fn admit(self: &Arc<Table>, peer: IpAddr) -> Result<Place, Refusal> {
        let peer = peer.to_canonical();
        let address = (!self.limits.trusted.contain(peer)).then(|| client_address(peer));
        let mut open = self.open();
        let counted = address.and_then(|address| open.clients.get(&address));
        if counted.is_some_and(|counted| counted.connections >= self.limits.per_address) {
            return Err(Refusal::Address);
        }
        if open.connections.len() >= self.limits.connections && !open.close_longest_idle() {
            return Err(Refusal::AllBusy);
        }
        let client = match address {
            Some(address) => open.client(address, &self.quotas),
            None => Arc::new(Client::unlimited(Arc::clone(&self.quotas))),
        };
        let connection = Connection::new(client, self.limits.timeouts);
        let id = open.next;
        open.next += 1;
        open.connections.insert(id, Entry { connection: Arc::clone(&connection), address });
        Ok(Place { table: Arc::clone(self), id, connection })
    }

    /// Closes the longest idle connection. Returns false if none is idle.
    pub(crate) fn close_longest_idle(&self) -> bool {
        self.open().close_longest_idle()
    }

    /// Closes each connection whose time is up.
    pub(crate) fn close_overdue(&self, now: Instant) {
        let mut open = self.open();
        let overdue: Vec<u64> = open
            .connections
            .iter()
            .filter(|(_, entry)| entry.connection.is_overdue(now))
            .map(|(id, _)| *id)
            .collect();
        for id in overdue {
            open.close(id);
        }
    }

    /// The quotas of all its connections.
    #[cfg(test)]
    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    /// The number of connections.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.open().connections.len()
    }
}

impl Open {
    fn client(&mut self, address: IpAddr, quotas: &Arc<Quotas>) -> Arc<Client> {
        let counted = self
            .clients
            .entry(address)
            .or_insert_with(|| Counted { client: Arc::new(Client::new(Arc::clone(quotas))), connections: 0 });
        counted.connections += 1;
        Arc::clone(&counted.client)
    }

    fn close(&mut self, id: u64) {
        if let Some(connection) = self.remove(id) {
            connection.close();
        }
    }

    /// Removes a connection, unless that was done before.
    fn remove(&mut self, id: u64) -> Option<Arc<Connection>> {
        let Entry { connection, address } = self.connections.remove(&id)?;
        if let Some(address) = address
            && let Some(counted) = self.clients.get_mut(&address)
        {
            counted.connections -= 1;
            if counted.connections == 0 {
                self.clients.remove(&address);
            }
        }
        Some(connection)
    }

    fn close_longest_idle(&mut self) -> bool {
        let Some(id) = self.next_idle().or_else(|| {
            self.scan_idle();
            self.next_idle()
        }) else {
            return false;
        };
        self.close(id);
        true
    }

    /// The longest idle connection of the last scan that has been idle since. One scan serves many admissions: a connection
    /// that became idle later is behind all of them.
    fn next_idle(&mut self) -> Option<u64> {
        while let Some((since, id)) = self.idle.pop() {
            let entry = self.connections.get(&id);
            if entry.is_some_and(|entry| entry.connection.idle_since() == Some(since)) {
                return Some(id);
            }
        }
        None
    }

    fn scan_idle(&mut self) {
        let idle = |(id, entry): (&u64, &Entry)| Some((entry.connection.idle_since()?, *id));
        self.idle = self.connections.iter().filter_map(idle).collect();
        self.idle.sort_unstable_by(|one, other| other.cmp(one));
    }
}

/// A connection's place in the table, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    table: Arc<Table>,
    id: u64,
    /// The connection.
    pub(crate) connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.open().remove(self.id);
    }
}

/// The address under which a client counts: of IPv6 the first 64 bits, as one customer has that many.
fn client_address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn table(connections: usize, per_address: usize) -> Arc<Table> {
        let timeouts = Timeouts { header: Duration::from_secs(10), idle: Duration::from_mins(1) };
        let trusted = "10.0.0.0/8".parse().unwrap();
        Table::new(Limits { connections, per_address, timeouts, trusted }, Arc::new(Quotas::new(64, 1 << 20)))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn address_has_its_limit_and_trusted_proxy_has_none() {
        let table = table(100, 2);
        let places = |text: &str| -> Vec<Place> {
            std::iter::from_fn(|| table.admit(address(text)).ok()).take(5).collect()
        };
        let held = places("36.40.120.1");
        assert_eq!((held.len(), places("::ffff:36.40.120.1").len()), (2, 0));
        assert_eq!(table.admit(address("36.40.120.1")).unwrap_err(), Refusal::Address);
        let of_ipv6 = places("240e:1:2:3::1");
        assert_eq!(
            (of_ipv6.len(), places("240e:1:2:3:4::5").len(), places("240e:1:2:4::1").len()),
            (2, 0, 2)
        );
        assert_eq!(places("10.0.0.1").len(), 5);
        drop(held);
        assert_eq!(places("36.40.120.1").len(), 2);
        drop(of_ipv6);
        assert!(table.len() == 0 && table.open().clients.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn longest_idle_connection_makes_room() {
        let table = table(3, 3);
        let admit = |last: u8| table.admit(IpAddr::from([36, 40, 120, last]));
        let mut places = Vec::new();
        for last in 1..=3 {
            places.push(admit(last).unwrap());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // The first is not the longest idle any more, the second has a request in flight.
        drop(places[0].connection.begin());
        let request = places[1].connection.begin();
        let ids = || {
            let mut ids: Vec<u64> = table.open().connections.keys().copied().collect();
            ids.sort_unstable();
            ids
        };
        let fourth = admit(4).unwrap();
        assert_eq!(ids(), [0, 1, 3], "the third was idle the longest");
        let _requests = [places[0].connection.begin(), fourth.connection.begin()];
        assert_eq!(admit(5).unwrap_err(), Refusal::AllBusy);
        drop(request);
        let fifth = admit(5).unwrap();
        assert_eq!(ids(), [0, 3, 4]);
        // A place that was taken away gives nothing back.
        places.remove(1);
        assert_eq!(ids(), [0, 3, 4]);
        drop(fifth);
        assert_eq!(ids(), [0, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_scan_serves_many_admissions() {
        let table = table(64, 64);
        let mut places: Vec<Place> = (0..64).map(|_| table.admit(address("36.40.120.1")).unwrap()).collect();
        for last in 1..=64 {
            tokio::time::advance(Duration::from_secs(1)).await;
            places.push(table.admit(IpAddr::from([36, 40, 121, last])).unwrap());
            assert_eq!(table.open().idle.len(), 64 - usize::from(last), "no scan since the first");
        }
        assert_eq!(table.len(), 64);
    }

    #[tokio::test(start_paused = true)]
    async fn overdue_connections_are_closed_and_others_stay() {
        let table = table(10, 10);
        let silent: Vec<Place> = (0..4).map(|_| table.admit(address("36.40.120.1")).unwrap()).collect();
        let busy = table.admit(address("36.40.120.2")).unwrap();
        let _request = busy.connection.begin();
        let tasks: Vec<_> = silent
            .iter()
            .map(|place| {
                let task = tokio::spawn(std::future::pending::<()>());
                place.connection.set_task(task.abort_handle());
                task
            })
            .collect();
        tokio::time::advance(Duration::from_secs(9)).await;
        table.close_overdue(Instant::now());
        assert_eq!(table.len(), 5);
        tokio::time::advance(Duration::from_secs(1)).await;
        table.close_overdue(Instant::now());
        assert_eq!(table.len(), 1);
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
    }
}
