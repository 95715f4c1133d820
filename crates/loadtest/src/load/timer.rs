//! A precise timer. The timeout of `poll` has a resolution of 1 ms, which is longer than most responses take.

use mio::{Poll, Token};
use std::io;
use std::time::Duration;

/// A timer that wakes a poll.
#[derive(Debug)]
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    clock: rustix::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Timer {
    pub(super) fn new(poll: &Poll, token: Token) -> io::Result<Timer> {
        use mio::{Interest, unix::SourceFd};
        use rustix::fd::AsRawFd;
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let clock =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        // Each expiry is an event, even if the previous one was not read.
        poll.registry().register(&mut SourceFd(&clock.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Timer { clock })
    }

    /// Sets the timer to expire once after `wait`. Returns the poll timeout to use beside it.
    pub(super) fn set(&self, wait: Duration) -> io::Result<Option<Duration>> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        // Zero would disarm the timer.
        let wait = wait.max(Duration::from_nanos(1));
        let it_value = Timespec::try_from(wait).map_err(io::Error::other)?;
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
        timerfd_settime(&self.clock, TimerfdTimerFlags::empty(), &once)?;
        Ok(None)
    }
}

#[cfg(not(target_os = "linux"))]
impl Timer {
    pub(super) fn new(_: &Poll, _: Token) -> io::Result<Timer> {
        Ok(Timer {})
    }

    pub(super) fn set(&self, wait: Duration) -> io::Result<Option<Duration>> {
        Ok(Some(wait))
    }
}
