//! One thread of the generator: all its connections, and the schedule that they keep.

use super::answer::Answer;
use super::connection::{Asked, Broken, Connection};
use super::pace::Pace;
use super::tally::{Failure, Tally};
use super::timer::Timer;
use super::{Ask, Load};
use guanxi_types::ErrorCode;
use mio::net::TcpStream;
use mio::{Events, Poll, Token};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// How long a first connection may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// How often in a row a connection is opened again that is lost each time, before the load is given up.
const TRIES: u32 = 100;

pub(super) struct Worker<'a, A> {
    address: SocketAddr,
    asker: &'a mut A,
    poll: Poll,
    timer: Timer,
    connections: Vec<Connection>,
    /// Those with nothing in flight, the longest idle first.
    idle: VecDeque<usize>,
    /// The starts that have come and have no connection yet.
    waiting: VecDeque<Instant>,
    /// None if each connection asks again at once.
    pace: Option<Pace>,
    /// For which start the timer was set.
    set: Option<Instant>,
    began: Instant,
    grace: Duration,
    tally: Tally,
    /// Whether nothing more is begun.
    over: bool,
    lost: u32,
    buffer: Vec<u8>,
}

impl<'a, A: Ask> Worker<'a, A> {
    /// One of so many, with its connections open.
    pub(super) fn new(
        load: &Load,
        asker: &'a mut A,
        connections: usize,
        at: usize,
        threads: usize,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let timer = Timer::new(&poll, Token(connections))?;
        let open = |at: usize| {
            let stream = std::net::TcpStream::connect_timeout(&load.address, CONNECTING)?;
            stream.set_nonblocking(true)?;
            Connection::of(TcpStream::from_std(stream), poll.registry(), Token(at))
        };
        let connections: Vec<Connection> = (0..connections).map(open).collect::<io::Result<_>>()?;
        Ok(Worker {
            address: load.address,
            asker,
            idle: (0..connections.len()).collect(),
            connections,
            poll,
            timer,
            waiting: VecDeque::new(),
            pace: Pace::of(load.rate, at, threads, load.seed),
            set: None,
            began: Instant::now(),
            grace: load.grace,
            tally: Tally::new(load.time),
            over: false,
            lost: 0,
            buffer: vec![0; 64 << 10],
        })
    }

    /// Asks to the end.
    pub(super) fn run(mut self) -> io::Result<Tally> {
        let mut events = Events::with_capacity(self.connections.len() + 1);
        self.began = Instant::now();
        let end = self.began + self.tally.time;
        loop {
            let now = Instant::now();
            // A schedule is kept to its last start, even if that is noticed after the end.
            if !self.over && (now < end || self.pace.is_some()) {
                self.begin(now)?;
            }
            self.over |= now >= end;
            self.send_waiting(now)?;
            let in_flight = self.idle.len() < self.connections.len();
            if self.over && (!in_flight || now >= end + self.grace) {
                break;
            }
            let until = if self.over { end + self.grace } else { end };
            let wait = self.wait(now, until)?;
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                let Token(at) = event.token();
                if at < self.connections.len() {
                    self.ready(at, event.is_writable())?;
                }
            }
        }
        Ok(self.end())
    }

    /// How long there is nothing to do but to read answers.
    fn wait(&mut self, now: Instant, until: Instant) -> io::Result<Option<Duration>> {
        let next = self.pace.as_ref().filter(|_| !self.over).map(|pace| self.began + pace.next());
        let wake = next.map_or(until, |next| next.min(until));
        if next.is_none() {
            return Ok(Some(wake.saturating_duration_since(now)));
        }
        if self.set == Some(wake) && cfg!(target_os = "linux") {
            return Ok(None);
        }
        self.set = Some(wake);
        self.timer.set(wake.saturating_duration_since(now))
    }

    /// Begins what is to be begun by now.
    fn begin(&mut self, now: Instant) -> io::Result<()> {
        let Some(pace) = &mut self.pace else {
            while let Some(at) = self.idle.pop_front() {
                self.ask(at, now)?;
                if self.over {
                    break;
                }
            }
            return Ok(());
        };
        let since = now.saturating_duration_since(self.began);
        while pace.next() <= since && pace.next() < self.tally.time {
            let start = self.began + pace.next();
            // It is the generator that is late, unless there is no connection free.
            if self.idle.len() > self.waiting.len() {
                let late = since.saturating_sub(pace.next());
                self.tally.late.saturating_record(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX));
            }
            self.waiting.push_back(start);
            pace.go_on();
        }
        Ok(())
    }

    /// Sends what waits over connections that have nothing in flight. What was meant to start in time is sent after its end
    /// too: to leave it out would be to leave out the longest latencies.
    fn send_waiting(&mut self, now: Instant) -> io::Result<()> {
        while !self.waiting.is_empty()
            && let Some(at) = self.idle.pop_front()
        {
            let start = self.waiting.pop_front().unwrap_or(now);
            self.ask(at, start)?;
        }
        Ok(())
    }

    /// Asks something over a connection with nothing in flight; its latency counts from `start`.
    fn ask(&mut self, at: usize, start: Instant) -> io::Result<()> {
        let asker = &mut *self.asker;
        match self.connections[at].ask(start, |out| asker.ask(out)) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.over = true;
                self.idle.push_back(at);
                Ok(())
            }
            Err(broken) => self.broken(at, &broken),
        }
    }

    /// Something can be read or written.
    fn ready(&mut self, at: usize, writable: bool) -> io::Result<()> {
        let connection = &mut self.connections[at];
        if writable && let Err(broken) = connection.flush() {
            return self.broken(at, &broken);
        }
        match self.connections[at].read(&mut self.buffer) {
            Ok(Some((asked, answer))) => self.answered(at, asked, answer),
            Ok(None) => Ok(()),
            Err(broken) => self.broken(at, &broken),
        }
    }

    fn answered(&mut self, at: usize, asked: Asked, answer: Answer) -> io::Result<()> {
        let now = Instant::now();
        self.lost = 0;
        let failure = self.judge(asked, answer, now);
        if let Some(failure) = failure {
            self.tally.fail(failure);
        }
        self.asker.answered(asked.question, failure.is_none());
        if answer.last {
            self.reopen(at)?;
        }
        let over = self.over || now.saturating_duration_since(self.began) >= self.tally.time;
        let start = if self.pace.is_some() { self.waiting.pop_front() } else { Some(now).filter(|_| !over) };
        if let Some(start) = start {
            return self.ask(at, start);
        }
        self.idle.push_back(at);
        Ok(())
    }

    /// Counts an answer, or tells what is wrong with it.
    fn judge(&mut self, asked: Asked, answer: Answer, now: Instant) -> Option<Failure> {
        if answer.status != 200 {
            return Some(Failure::Status(answer.status));
        }
        let kind = asked.question.kind;
        match answer.code() {
            _ if !kind.has_envelope() => (),
            Some(0) => (),
            Some(code) if kind.may_be_blocked() && code == ErrorCode::Blocked.number() => {
                self.tally.blocked += 1;
                return None;
            }
            Some(code) => return Some(Failure::Code(code)),
            None => return Some(Failure::Nonsense),
        }
        let latency = now.saturating_duration_since(asked.start);
        self.tally.count(kind, now.saturating_duration_since(self.began), latency, answer.length);
        None
    }

    /// A connection is of no more use; another takes its place. One that had nothing in flight was only idle too long.
    fn broken(&mut self, at: usize, broken: &Broken) -> io::Result<()> {
        let failure = match broken {
            Broken::Lost => Failure::Lost,
            Broken::Nonsense => Failure::Nonsense,
        };
        if let Some(asked) = self.connections[at].asked() {
            self.tally.fail(failure);
            self.asker.answered(asked.question, false);
            self.idle.push_back(at);
        }
        self.lost += 1;
        if self.lost > TRIES {
            return Err(io::Error::other(format!("{TRIES} connections in a row were lost")));
        }
        self.reopen(at)
    }

    fn reopen(&mut self, at: usize) -> io::Result<()> {
        self.connections[at] = Connection::open(self.address, self.poll.registry(), Token(at))?;
        Ok(())
    }

    /// What came of it. What was never answered has at least the latency that it had come to.
    fn end(mut self) -> Tally {
        for _ in &self.waiting {
            self.tally.fail(Failure::Unsent);
        }
        for connection in &self.connections {
            if connection.asked().is_some() {
                self.tally.fail(Failure::Unanswered);
            }
        }
        // Who had nothing more to ask ends before the time is up.
        self.tally.time = self.tally.time.min(Instant::now().saturating_duration_since(self.began));
        self.tally
    }
}
