//! The connections of a listener, with limits in total and by address. At the limit the longest idle connection is
//! closed.

use super::connection::{ConnectionState, ConnectionTimeouts};
use super::quota::{Client, Quotas};
use crate::http::client_info::client_network;
use crate::trusted_proxies::TrustedProxies;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The limits of a listener.
#[derive(Clone, Debug)]
pub(crate) struct ListenerLimits {
    pub(crate) connections: usize,
    pub(crate) per_address: usize,
    pub(crate) timeouts: ConnectionTimeouts,
    /// The proxies that are exempt from limits by address.
    pub(crate) trusted: TrustedProxies,
}

/// The reason of a rejected connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdmissionError {
    /// The address is at its limit.
    AddressLimit,
    /// The listener is at its limit, and every connection has a request in flight.
    AllBusy,
}

/// The connections of a listener.
#[derive(Debug)]
pub(crate) struct ConnectionTable {
    limits: ListenerLimits,
    quotas: Arc<Quotas>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next_id: u64,
    connections: HashMap<u64, ConnectionEntry>,
    clients: HashMap<IpAddr, ClientEntry>,
    /// The idle connections of the last scan with the start of their idle time, the longest idle one last.
    idle: Vec<(Instant, u64)>,
}

#[derive(Debug)]
struct ConnectionEntry {
    connection: Arc<ConnectionState>,
    /// The counted address, or `None` for a trusted proxy.
    address: Option<IpAddr>,
}

#[derive(Debug)]
struct ClientEntry {
    client: Arc<Client>,
    connections: usize,
}

impl ConnectionTable {
    /// Creates an empty table.
    pub(crate) fn new(limits: ListenerLimits, quotas: Arc<Quotas>) -> Arc<ConnectionTable> {
        Arc::new(ConnectionTable { limits, quotas, inner: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection. At the limit, the longest idle connection is closed first.
    pub(crate) fn admit(self: &Arc<ConnectionTable>, peer: IpAddr) -> Result<ConnectionSlot, AdmissionError> {
        let peer = peer.to_canonical();
        let address = (!self.limits.trusted.contains(peer)).then(|| client_network(peer));
        let mut open = self.lock();
        let counted = address.and_then(|address| open.clients.get(&address));
        if counted.is_some_and(|counted| counted.connections >= self.limits.per_address) {
            return Err(AdmissionError::AddressLimit);
        }
        if open.connections.len() >= self.limits.connections && !open.close_longest_idle() {
            return Err(AdmissionError::AllBusy);
        }
        let client = match address {
            Some(address) => open.client(address, &self.quotas),
            None => Arc::new(Client::unlimited(Arc::clone(&self.quotas))),
        };
        let connection = ConnectionState::new(client, self.limits.timeouts);
        let id = open.next_id;
        open.next_id += 1;
        open.connections.insert(id, ConnectionEntry { connection: Arc::clone(&connection), address });
        Ok(ConnectionSlot { table: Arc::clone(self), id, connection })
    }

    /// Closes the longest idle connection. Returns false if none is idle.
    pub(crate) fn close_longest_idle(&self) -> bool {
        self.lock().close_longest_idle()
    }

    /// Closes all connections past a deadline.
    pub(crate) fn close_overdue(&self, now: Instant) {
        let mut open = self.lock();
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

    /// Returns the quotas of the listener.
    #[cfg(test)]
    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    /// Returns the number of connections.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().connections.len()
    }
}

impl Inner {
    fn client(&mut self, address: IpAddr, quotas: &Arc<Quotas>) -> Arc<Client> {
        let counted = self.clients.entry(address).or_insert_with(|| ClientEntry {
            client: Arc::new(Client::new(Arc::clone(quotas))),
            connections: 0,
        });
        counted.connections += 1;
        Arc::clone(&counted.client)
    }

    fn close(&mut self, id: u64) {
        if let Some(connection) = self.remove(id) {
            connection.close();
        }
    }

    /// Removes a connection. Returns `None` if it was removed before.
    fn remove(&mut self, id: u64) -> Option<Arc<ConnectionState>> {
        let ConnectionEntry { connection, address } = self.connections.remove(&id)?;
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

    /// Returns the longest idle connection of the last scan that is still idle. One scan serves many admissions,
    /// since connections that became idle later are behind all of them.
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
        let idle = |(id, entry): (&u64, &ConnectionEntry)| Some((entry.connection.idle_since()?, *id));
        self.idle = self.connections.iter().filter_map(idle).collect();
        self.idle.sort_unstable_by(|one, other| other.cmp(one));
    }
}

/// A slot of the table, released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    table: Arc<ConnectionTable>,
    id: u64,
    /// The state of the connection.
    pub(crate) connection: Arc<ConnectionState>,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.table.lock().remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn table(connections: usize, per_address: usize) -> Arc<ConnectionTable> {
        let timeouts = ConnectionTimeouts { header: Duration::from_secs(10), idle: Duration::from_mins(1) };
        let trusted = "10.0.0.0/8".parse().unwrap();
        ConnectionTable::new(
            ListenerLimits { connections, per_address, timeouts, trusted },
            Arc::new(Quotas::new(64, 1 << 20)),
        )
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn connections_are_limited_by_address_except_for_proxies() {
        let table = table(100, 2);
        let admit_five = |text: &str| -> Vec<ConnectionSlot> {
            std::iter::from_fn(|| table.admit(address(text)).ok()).take(5).collect()
        };
        let held = admit_five("36.40.120.1");
        assert_eq!((held.len(), admit_five("::ffff:36.40.120.1").len()), (2, 0));
        assert_eq!(table.admit(address("36.40.120.1")).unwrap_err(), AdmissionError::AddressLimit);
        let ipv6_slots = admit_five("240e:1:2:3::1");
        assert_eq!(
            (ipv6_slots.len(), admit_five("240e:1:2:3:4::5").len(), admit_five("240e:1:2:4::1").len()),
            (2, 0, 2)
        );
        assert_eq!(admit_five("10.0.0.1").len(), 5);
        drop(held);
        assert_eq!(admit_five("36.40.120.1").len(), 2);
        drop(ipv6_slots);
        assert!(table.len() == 0 && table.lock().clients.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn longest_idle_connection_is_closed_at_the_limit() {
        let table = table(3, 3);
        let admit = |last: u8| table.admit(IpAddr::from([36, 40, 120, last]));
        let mut slots = Vec::new();
        for last in 1..=3 {
            slots.push(admit(last).unwrap());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // The first connection was active after the third, and the second has a request in flight.
        drop(slots[0].connection.start_request());
        let request = slots[1].connection.start_request();
        let ids = || {
            let mut ids: Vec<u64> = table.lock().connections.keys().copied().collect();
            ids.sort_unstable();
            ids
        };
        let fourth = admit(4).unwrap();
        assert_eq!(ids(), [0, 1, 3], "the third connection was idle the longest");
        let _requests = [slots[0].connection.start_request(), fourth.connection.start_request()];
        assert_eq!(admit(5).unwrap_err(), AdmissionError::AllBusy);
        drop(request);
        let fifth = admit(5).unwrap();
        assert_eq!(ids(), [0, 3, 4]);
        // Dropping a slot whose connection was closed changes nothing.
        slots.remove(1);
        assert_eq!(ids(), [0, 3, 4]);
        drop(fifth);
        assert_eq!(ids(), [0, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_scan_serves_many_admissions() {
        let table = table(64, 64);
        let mut slots: Vec<ConnectionSlot> =
            (0..64).map(|_| table.admit(address("36.40.120.1")).unwrap()).collect();
        for last in 1..=64 {
            tokio::time::advance(Duration::from_secs(1)).await;
            slots.push(table.admit(IpAddr::from([36, 40, 121, last])).unwrap());
            assert_eq!(table.lock().idle.len(), 64 - usize::from(last), "no scan after the first");
        }
        assert_eq!(table.len(), 64);
    }

    #[tokio::test(start_paused = true)]
    async fn overdue_connections_are_closed() {
        let table = table(10, 10);
        let silent: Vec<ConnectionSlot> =
            (0..4).map(|_| table.admit(address("36.40.120.1")).unwrap()).collect();
        let busy = table.admit(address("36.40.120.2")).unwrap();
        let _request = busy.connection.start_request();
        let tasks: Vec<_> = silent
            .iter()
            .map(|slot| {
                let task = tokio::spawn(std::future::pending::<()>());
                slot.connection.set_task(task.abort_handle());
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
