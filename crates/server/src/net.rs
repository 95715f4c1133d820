//! Connections and requests in flight, with limits: no peer exhausts the memory, slots or time of a listener.
//!
//! [`listener`] accepts connections and serves them. `request` rejects malformed requests and requests over a
//! quota. `connection_table` holds the connections of a listener and closes overdue ones. [`connection`] is the
//! state of one connection. `quota` counts requests and bytes in flight. `stream` observes the bytes of a
//! connection. `head` scans HTTP/1 heads for facts that the HTTP library does not report. `body` charges bodies
//! to the quota. [`route_table`] finds the handler of a request. [`service`] handles panics, compression and
//! security headers of every response.

pub(crate) mod body;
pub mod connection;
pub(crate) mod connection_table;
pub(crate) mod head;
pub mod listener;
pub(crate) mod quota;
pub(crate) mod request;
pub mod route_table;
pub mod service;
pub(crate) mod stream;
