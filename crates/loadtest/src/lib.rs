//! Load tests: synthetic communities, a load generator and reports.
//!
//! | module | contents |
//! |---|---|
//! | [`load`] | the load generator: connections, schedules, responses, latencies |
//! | [`workload`] | sources of requests: mixes of endpoints for randomly drawn members |
//! | [`kind`] | kinds of requests |
//! | [`topology`] | size, mids and popularity of a synthetic community, computed without storing it |
//! | [`community`] | a synthetic community: members, relations, sessions |
//! | [`dataset`] | the file that describes a community to `bench run`: topology and sessions |
//! | [`baseline`] | fixed bodies over the HTTP stack of the service, the upper bound of its throughput |
//! | [`compare`] | alternating measurements of a service and a counterpart in one run |
//! | [`cpu`] | CPU time of processes |
//! | [`report`] | reports as a table, JSON or SVG chart |
#![forbid(unsafe_code)]
#![expect(clippy::cast_precision_loss, reason = "all counts are far below 2^52")]

pub mod baseline;
pub mod community;
pub mod compare;
pub mod cpu;
pub mod dataset;
pub mod kind;
pub mod load;
pub mod report;
pub mod topology;
pub mod workload;
