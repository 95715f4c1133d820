//! A timer that is exact: what `poll` waits for is whole milliseconds, which is longer than most answers take.

use mio::{Poll, Token};
use std::io;
use std::time::Duration;

/// Wakes a poll at a time.
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
        // Each time that it goes off is an event of its own, read or not.
        poll.registry().register(&mut SourceFd(&clock.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Timer { clock })
    }

    /// Goes off so long from now, once; tells how long to wait beside it.
    pub(super) fn set(&self, wait: Duration) -> io::Result<Option<Duration>> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        // Nothing at all would be never.
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
