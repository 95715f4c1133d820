//! The load generator. It sends requests over many connections and records the latencies.
//!
//! A fixed rate is an open loop: each request has an intended start, independent of the service. The latency counts
//! from the intended start and includes the wait for a connection. [`Rate::Max`] is a closed loop: each connection
//! sends its next request after the response, so latencies are those of an always full queue.

mod connection;
mod rate;
mod response;
mod stats;
mod timer;
mod worker;

pub use rate::{Rate, Spacing};
pub use response::{InvalidResponse, Response, ResponseReader};
pub use stats::{Failure, SecondStats, Stats};

use crate::cpu;
use crate::kind::RequestKind;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use worker::Worker;

/// The parameters of a run.
#[derive(Clone, Debug)]
pub struct Load {
    /// The address of the service.
    pub address: SocketAddr,
    /// The number of connections of all threads together.
    pub connections: usize,
    /// The request rate.
    pub rate: Rate,
    /// The time during which requests are started.
    pub time: Duration,
    /// The additional time for responses to requests in flight.
    pub grace: Duration,
    /// The seed of the random spacing.
    pub seed: u64,
    /// The process id of the service, if its CPU time is to be measured.
    pub pid: Option<u32>,
}

/// The default grace period, longer than a healthy service needs for a response.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(5);

/// A source of requests. Each thread has its own.
pub trait RequestSource: Send {
    /// Appends the next request to `out`. Returns `None` if there are no more requests.
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo>;

    /// Called after the response to a request, or after its failure.
    fn on_response(&mut self, request: RequestInfo, is_success: bool);
}

impl<T: RequestSource + ?Sized> RequestSource for Box<T> {
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo> {
        (**self).next_request(out)
    }

    fn on_response(&mut self, request: RequestInfo, is_success: bool) {
        (**self).on_response(request, is_success);
    }
}

/// The properties of a request that its source needs again at the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestInfo {
    /// The kind of the request.
    pub kind: RequestKind,
    /// The index of the session that sends it, or 0 without a session.
    pub session: u32,
    /// The mid of the member it is about, or 0.
    pub subject_mid: u64,
}

impl Load {
    /// Runs one thread per source until the time is over or all sources are exhausted.
    pub fn run<A: RequestSource>(&self, sources: &mut [A]) -> io::Result<Stats> {
        let threads = sources.len().max(1);
        let own_cpu_before = cpu::own_cpu_time();
        let service_cpu_before = self.pid.and_then(cpu::process_cpu_time);
        let mut workers = Vec::with_capacity(threads);
        for (index, source) in sources.iter_mut().enumerate() {
            let connections =
                self.connections.div_ceil(threads).min(self.connections - index * self.connections / threads);
            workers.push(Worker::new(self, source, connections.max(1), index, threads)?);
        }
        let results: Vec<io::Result<Stats>> = std::thread::scope(|scope| {
            let running: Vec<_> =
                workers.into_iter().map(|worker| scope.spawn(move || worker.run())).collect();
            let panicked = |_| Err(io::Error::other("a generator thread panicked"));
            running.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
        });
        let mut stats = Stats::new(Duration::ZERO);
        for result in results {
            stats.merge(result?);
        }
        let elapsed = |after: Option<Duration>, before: Option<Duration>| {
            after.zip(before).map(|(after, before)| after.saturating_sub(before))
        };
        stats.generator_cpu = elapsed(cpu::own_cpu_time(), own_cpu_before);
        stats.service_cpu = elapsed(self.pid.and_then(cpu::process_cpu_time), service_cpu_before);
        Ok(stats)
    }
}
