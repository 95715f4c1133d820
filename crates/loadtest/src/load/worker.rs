//! A thread of the load generator: its connections and their schedule.

use super::connection::{Connection, ConnectionError, InFlight};
use super::rate::Schedule;
use super::response::Response;
use super::stats::{Failure, Stats};
use super::timer::Timer;
use super::{Load, RequestSource};
use guanxi_types::ErrorCode;
use mio::net::TcpStream;
use mio::{Events, Poll, Token};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// The time limit for opening the first connections.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The number of consecutively lost connections after which the run fails.
const MAX_LOST_IN_A_ROW: u32 = 100;

pub(super) struct Worker<'a, A> {
    address: SocketAddr,
    source: &'a mut A,
    poll: Poll,
    timer: Timer,
    connections: Vec<Connection>,
    /// Indices of the connections without a request in flight, the longest idle first.
    idle: VecDeque<usize>,
    /// Intended starts in the past that have no connection yet.
    waiting: VecDeque<Instant>,
    /// `None` in a closed loop.
    schedule: Option<Schedule>,
    /// The instant for which the timer is set.
    timer_deadline: Option<Instant>,
    started_at: Instant,
    grace: Duration,
    stats: Stats,
    /// True once no more requests are started.
    is_stopping: bool,
    lost_in_a_row: u32,
    read_buffer: Vec<u8>,
}

impl<'a, A: RequestSource> Worker<'a, A> {
    /// Opens the connections of thread `index` of `threads`.
    pub(super) fn new(
        load: &Load,
        source: &'a mut A,
        connections: usize,
        index: usize,
        threads: usize,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let timer = Timer::new(&poll, Token(connections))?;
        let open = |index: usize| {
            let stream = std::net::TcpStream::connect_timeout(&load.address, CONNECT_TIMEOUT)?;
            stream.set_nonblocking(true)?;
            Connection::from_stream(TcpStream::from_std(stream), poll.registry(), Token(index))
        };
        let connections: Vec<Connection> = (0..connections).map(open).collect::<io::Result<_>>()?;
        Ok(Worker {
            address: load.address,
            source,
            idle: (0..connections.len()).collect(),
            connections,
            poll,
            timer,
            waiting: VecDeque::new(),
            schedule: Schedule::new(load.rate, index, threads, load.seed),
            timer_deadline: None,
            started_at: Instant::now(),
            grace: load.grace,
            stats: Stats::new(load.time),
            is_stopping: false,
            lost_in_a_row: 0,
            read_buffer: vec![0; 64 << 10],
        })
    }

    /// Sends requests until the run ends.
    pub(super) fn run(mut self) -> io::Result<Stats> {
        let mut events = Events::with_capacity(self.connections.len() + 1);
        self.started_at = Instant::now();
        let end = self.started_at + self.stats.time;
        loop {
            let now = Instant::now();
            // An open loop sends every scheduled request, also one that is noticed after the end.
            if !self.is_stopping && (now < end || self.schedule.is_some()) {
                self.start_due(now)?;
            }
            self.is_stopping |= now >= end;
            self.send_waiting(now)?;
            let in_flight = self.idle.len() < self.connections.len();
            if self.is_stopping && (!in_flight || now >= end + self.grace) {
                break;
            }
            let until = if self.is_stopping { end + self.grace } else { end };
            let wait = self.wait(now, until)?;
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                let Token(index) = event.token();
                if index < self.connections.len() {
                    self.on_ready(index, event.is_writable())?;
                }
            }
        }
        Ok(self.finish())
    }

    /// Returns the poll timeout until the next start. Sets the timer where the platform has an exact one.
    fn wait(&mut self, now: Instant, until: Instant) -> io::Result<Option<Duration>> {
        let schedule = self.schedule.as_ref().filter(|_| !self.is_stopping);
        let next_start = schedule.map(|schedule| self.started_at + schedule.next_start());
        let wake = next_start.map_or(until, |next_start| next_start.min(until));
        if next_start.is_none() {
            return Ok(Some(wake.saturating_duration_since(now)));
        }
        if self.timer_deadline == Some(wake) && cfg!(target_os = "linux") {
            return Ok(None);
        }
        self.timer_deadline = Some(wake);
        self.timer.set(wake.saturating_duration_since(now))
    }

    /// Starts the requests that are due: on every idle connection, or as scheduled.
    fn start_due(&mut self, now: Instant) -> io::Result<()> {
        let Some(schedule) = &mut self.schedule else {
            while let Some(index) = self.idle.pop_front() {
                self.send_request(index, now)?;
                if self.is_stopping {
                    break;
                }
            }
            return Ok(());
        };
        let since = now.saturating_duration_since(self.started_at);
        while schedule.next_start() <= since && schedule.next_start() < self.stats.time {
            let start = self.started_at + schedule.next_start();
            // Without a free connection the service is late, and not the generator.
            if self.idle.len() > self.waiting.len() {
                let late = since.saturating_sub(schedule.next_start());
                self.stats.lateness.saturating_record(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX));
            }
            self.waiting.push_back(start);
            schedule.advance();
        }
        Ok(())
    }

    /// Sends waiting requests over idle connections, also after the end of the run. To drop them would drop the
    /// longest latencies (coordinated omission).
    fn send_waiting(&mut self, now: Instant) -> io::Result<()> {
        while !self.waiting.is_empty()
            && let Some(index) = self.idle.pop_front()
        {
            let start = self.waiting.pop_front().unwrap_or(now);
            self.send_request(index, start)?;
        }
        Ok(())
    }

    /// Sends the next request over an idle connection. Its latency counts from `start`.
    fn send_request(&mut self, index: usize, start: Instant) -> io::Result<()> {
        let source = &mut *self.source;
        match self.connections[index].send(start, |out| source.next_request(out)) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.is_stopping = true;
                self.idle.push_back(index);
                Ok(())
            }
            Err(error) => self.replace(index, &error),
        }
    }

    /// Handles readiness of a connection.
    fn on_ready(&mut self, index: usize, writable: bool) -> io::Result<()> {
        let connection = &mut self.connections[index];
        if writable && let Err(error) = connection.flush() {
            return self.replace(index, &error);
        }
        match self.connections[index].read(&mut self.read_buffer) {
            Ok(Some((in_flight, response))) => self.on_response(index, in_flight, response),
            Ok(None) => Ok(()),
            Err(error) => self.replace(index, &error),
        }
    }

    fn on_response(&mut self, index: usize, in_flight: InFlight, response: Response) -> io::Result<()> {
        let now = Instant::now();
        self.lost_in_a_row = 0;
        let failure = self.record(in_flight, response, now);
        if let Some(failure) = failure {
            self.stats.record_failure(failure);
        }
        self.source.on_response(in_flight.request, failure.is_none());
        if response.closes_connection {
            self.reopen(index)?;
        }
        let is_over = self.is_stopping || now.saturating_duration_since(self.started_at) >= self.stats.time;
        let start =
            if self.schedule.is_some() { self.waiting.pop_front() } else { Some(now).filter(|_| !is_over) };
        if let Some(start) = start {
            return self.send_request(index, start);
        }
        self.idle.push_back(index);
        Ok(())
    }

    /// Records a successful response, or returns the failure.
    fn record(&mut self, in_flight: InFlight, response: Response, now: Instant) -> Option<Failure> {
        if response.status != 200 {
            return Some(Failure::Status(response.status));
        }
        let kind = in_flight.request.kind;
        match response.code() {
            _ if !kind.has_envelope() => (),
            Some(0) => (),
            Some(code) if kind.may_be_blocked() && code == ErrorCode::Blocked.number() => {
                self.stats.blocked += 1;
                return None;
            }
            Some(code) => return Some(Failure::Code(code)),
            None => return Some(Failure::InvalidResponse),
        }
        let latency = now.saturating_duration_since(in_flight.start);
        let elapsed = now.saturating_duration_since(self.started_at);
        self.stats.record_success(kind, elapsed, latency, response.length);
        None
    }

    /// Replaces an unusable connection. Without a request in flight it counts as no failure: it was idle too long.
    fn replace(&mut self, index: usize, error: &ConnectionError) -> io::Result<()> {
        let failure = match error {
            ConnectionError::Lost => Failure::Lost,
            ConnectionError::InvalidResponse => Failure::InvalidResponse,
        };
        if let Some(in_flight) = self.connections[index].in_flight() {
            self.stats.record_failure(failure);
            self.source.on_response(in_flight.request, false);
            self.idle.push_back(index);
        }
        self.lost_in_a_row += 1;
        if self.lost_in_a_row > MAX_LOST_IN_A_ROW {
            return Err(io::Error::other(format!("lost {MAX_LOST_IN_A_ROW} connections in a row")));
        }
        self.reopen(index)
    }

    fn reopen(&mut self, index: usize) -> io::Result<()> {
        self.connections[index] = Connection::open(self.address, self.poll.registry(), Token(index))?;
        Ok(())
    }

    /// Counts unsent and unanswered requests as failures and returns the statistics.
    fn finish(mut self) -> Stats {
        for _ in &self.waiting {
            self.stats.record_failure(Failure::Unsent);
        }
        for connection in &self.connections {
            if connection.in_flight().is_some() {
                self.stats.record_failure(Failure::Unanswered);
            }
        }
        // A source may run out of requests before the end.
        self.stats.time = self.stats.time.min(Instant::now().saturating_duration_since(self.started_at));
        self.stats
    }
}
