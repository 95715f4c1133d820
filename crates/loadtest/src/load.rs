//! The generator: it asks over some connections, at a rate or as fast as they go, and counts what came of it.
//!
//! A rate is kept whatever the service does (an open loop): each request has an intended start, and its latency counts from
//! there, also while it waits for a connection. At [`Rate::Max`] each connection asks again as soon as it was answered (a closed
//! loop), and latencies are those of a queue that is always full.

mod answer;
mod connection;
mod pace;
mod tally;
mod timer;
mod worker;

pub use answer::{Answer, Nonsense, Reader};
pub use pace::{Rate, Spacing};
pub use tally::{Failure, Second, Tally};

use crate::cpu;
use crate::kind::Kind;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use worker::Worker;

/// Where, how fast, and how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// The service.
    pub address: SocketAddr,
    /// How many connections, of all threads together.
    pub connections: usize,
    /// How fast.
    pub rate: Rate,
    /// How long.
    pub time: Duration,
    /// How long what is in flight at the end is still waited for.
    pub grace: Duration,
    /// What the spacing of requests is drawn from.
    pub seed: u64,
    /// A process of this machine that answers, if its share of the processors is to be told.
    pub pid: Option<u32>,
}

/// A grace that is longer than what a service in order takes for an answer.
pub const GRACE: Duration = Duration::from_secs(5);

/// What is asked. Each thread has one of its own.
pub trait Ask: Send {
    /// Writes the next request behind what is in `out`; none if there is nothing more to ask.
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question>;

    /// Hears whether it was answered well.
    fn answered(&mut self, question: Question, well: bool);
}

impl<T: Ask + ?Sized> Ask for Box<T> {
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question> {
        (**self).ask(out)
    }

    fn answered(&mut self, question: Question, well: bool) {
        (**self).answered(question, well);
    }
}

/// A request that is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Of which kind.
    pub kind: Kind,
    /// With which of the asker's sessions; 0 if with none.
    pub me: u32,
    /// About whom; 0 if about nobody.
    pub them: u64,
}

impl Load {
    /// Asks on a thread for each of the askers, until the time is up or none of them has anything more to ask.
    pub fn run<A: Ask>(&self, askers: &mut [A]) -> io::Result<Tally> {
        let threads = askers.len().max(1);
        let (before, theirs) = (cpu::own(), self.pid.and_then(cpu::of));
        let mut workers = Vec::with_capacity(threads);
        for (at, asker) in askers.iter_mut().enumerate() {
            let connections =
                self.connections.div_ceil(threads).min(self.connections - at * self.connections / threads);
            workers.push(Worker::new(self, asker, connections.max(1), at, threads)?);
        }
        let tallies: Vec<io::Result<Tally>> = std::thread::scope(|scope| {
            let running: Vec<_> =
                workers.into_iter().map(|worker| scope.spawn(move || worker.run())).collect();
            let lost = |_| Err(io::Error::other("a thread of the generator broke off"));
            running.into_iter().map(|thread| thread.join().unwrap_or_else(lost)).collect()
        });
        let mut tally = Tally::new(Duration::ZERO);
        for of_one in tallies {
            tally.add(of_one?);
        }
        tally.cpu = cpu::own().zip(before).map(|(now, before)| now.saturating_sub(before));
        let now = self.pid.and_then(cpu::of);
        tally.their_cpu = now.zip(theirs).map(|(now, before)| now.saturating_sub(before));
        Ok(tally)
    }
}
