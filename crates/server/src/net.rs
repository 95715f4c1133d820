//! Limits on connections and requests in flight: no peer takes a listener's memory, places or time from the others.
//!
//! [`request`] refuses what is malformed or has no room. [`table`] holds the connections of a listener and closes those that are overdue, [`connection`] is the state of one,
//! [`quota`] counts requests and bytes in flight, [`stream`] watches a connection's bytes, [`head`] reads what the HTTP
//! library does not report of an HTTP/1 head, and [`body`] charges bodies to the quota.

pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod head;
pub(crate) mod quota;
pub(crate) mod request;
pub(crate) mod stream;
pub(crate) mod table;
