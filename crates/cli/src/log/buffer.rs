//! Standard error with a buffer for the access log.
//!
//! A write costs as much time as a small request, so the lines of the access log are written together, at most
//! [`FLUSH_INTERVAL`] later. Every other line is written at once, after the buffered ones.

use super::clock::{self, TimeFormatter};
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The longest time that a line is buffered.
const FLUSH_INTERVAL: Duration = Duration::from_millis(200);

/// The size at which the buffer is written before that time, in bytes.
const FLUSH_BYTES: usize = 64 << 10;

static STDERR: LineBuffer = LineBuffer::new();

/// Starts the thread that writes buffered lines in time.
pub(super) fn start_flusher() -> io::Result<()> {
    thread::Builder::new().name("log".to_owned()).spawn(flush_in_time).map(drop)
}

#[expect(clippy::disallowed_methods, reason = "the thread has no other work")]
fn flush_in_time() {
    loop {
        STDERR.wait_for_lines();
        thread::sleep(FLUSH_INTERVAL);
        write(b"");
    }
}

/// Writes the buffered lines, then a line. Ignores errors.
pub(super) fn write(line: &[u8]) {
    let _ = STDERR.write_through(&mut io::stderr(), line);
}

/// Buffers a line, which a function appends to the lines before. It gets the text of the time. Ignores errors.
pub(super) fn push(append: impl FnOnce(&mut Vec<u8>, &str)) {
    let _ = STDERR.push(&mut io::stderr(), append);
}

/// Lines that are not yet written.
struct LineBuffer {
    pending: Mutex<Pending>,
    has_lines: Condvar,
}

struct Pending {
    lines: Vec<u8>,
    times: TimeFormatter,
}

impl LineBuffer {
    const fn new() -> LineBuffer {
        let pending = Pending { lines: Vec::new(), times: TimeFormatter::new() };
        LineBuffer { pending: Mutex::new(pending), has_lines: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a line is buffered.
    fn wait_for_lines(&self) {
        let pending = self.has_lines.wait_while(self.lock(), |pending| pending.lines.is_empty());
        drop(pending.unwrap_or_else(PoisonError::into_inner));
    }

    /// Buffers the line that a function appends.
    fn push(&self, out: &mut impl Write, append: impl FnOnce(&mut Vec<u8>, &str)) -> io::Result<()> {
        let Pending { lines, times } = &mut *self.lock();
        if lines.is_empty() {
            self.has_lines.notify_one();
        }
        append(lines, times.format(clock::now()));
        if lines.len() >= FLUSH_BYTES { drain(lines, out) } else { Ok(()) }
    }

    /// Writes the buffered lines, then a line.
    fn write_through(&self, out: &mut impl Write, line: &[u8]) -> io::Result<()> {
        let Pending { lines, .. } = &mut *self.lock();
        lines.extend_from_slice(line);
        drain(lines, out)
    }
}

/// Writes lines and removes them. Lines that cannot be written are lost, so that the buffer remains bounded.
fn drain(lines: &mut Vec<u8>, out: &mut impl Write) -> io::Result<()> {
    let written = out.write_all(lines);
    lines.clear();
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffered_lines_precede_the_next_line() {
        let (buffer, mut out) = (LineBuffer::new(), Vec::new());
        buffer.push(&mut out, |lines, _| lines.extend(b"1\n")).unwrap();
        buffer.push(&mut out, |lines, _| lines.extend(b"2\n")).unwrap();
        assert!(out.is_empty());
        buffer.wait_for_lines();
        buffer.write_through(&mut out, b"3\n").unwrap();
        assert_eq!(out, b"1\n2\n3\n");
    }

    #[test]
    fn full_buffer_is_written_at_once() {
        let (buffer, mut out) = (LineBuffer::new(), Vec::new());
        let line = vec![b'x'; FLUSH_BYTES / 2];
        for written in [0, FLUSH_BYTES, FLUSH_BYTES, 2 * FLUSH_BYTES] {
            buffer.push(&mut out, |lines, _| lines.extend(&line)).unwrap();
            assert_eq!(out.len(), written);
        }
    }

    #[test]
    fn unwritable_lines_are_dropped() {
        let (buffer, mut full) = (LineBuffer::new(), [0; 0]);
        buffer.push(&mut Vec::new(), |lines, _| lines.extend(b"1\n")).unwrap();
        assert!(buffer.write_through(&mut full.as_mut_slice(), b"2\n").is_err());
        let mut out = Vec::new();
        buffer.write_through(&mut out, b"3\n").unwrap();
        assert_eq!(out, b"3\n");
    }
}
