//! Standard error with a buffer for the access log.
//!
//! A write costs as much time as a small request, so the lines of the access log are written together, at most
//! [`FLUSH_INTERVAL`] later. Every other line is written at once, after the buffered ones.

use guanxi_server::ACCESS_LOG;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

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
        flush();
    }
}

/// Writes the buffered lines. Ignores errors.
pub(super) fn flush() {
    let _ = STDERR.write_through(&mut io::stderr(), b"");
}

/// Writers of log lines to standard error.
pub(super) struct LogWriter;

impl MakeWriter<'_> for LogWriter {
    type Writer = LineWriter;

    fn make_writer(&self) -> LineWriter {
        LineWriter { is_buffered: false }
    }

    fn make_writer_for(&self, event: &Metadata<'_>) -> LineWriter {
        LineWriter { is_buffered: event.target() == ACCESS_LOG }
    }
}

/// A writer of one line.
pub(super) struct LineWriter {
    is_buffered: bool,
}

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = if self.is_buffered {
            STDERR.push(&mut io::stderr(), line)
        } else {
            STDERR.write_through(&mut io::stderr(), line)
        };
        written.map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines that are not yet written.
struct LineBuffer {
    lines: Mutex<Vec<u8>>,
    has_lines: Condvar,
}

impl LineBuffer {
    const fn new() -> LineBuffer {
        LineBuffer { lines: Mutex::new(Vec::new()), has_lines: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a line is buffered.
    fn wait_for_lines(&self) {
        let lines = self.has_lines.wait_while(self.lock(), |lines| lines.is_empty());
        drop(lines.unwrap_or_else(PoisonError::into_inner));
    }

    /// Buffers a line.
    fn push(&self, out: &mut impl Write, line: &[u8]) -> io::Result<()> {
        let mut lines = self.lock();
        if lines.is_empty() {
            self.has_lines.notify_one();
        }
        lines.extend_from_slice(line);
        if lines.len() >= FLUSH_BYTES { drain(&mut lines, out) } else { Ok(()) }
    }

    /// Writes the buffered lines, then a line.
    fn write_through(&self, out: &mut impl Write, line: &[u8]) -> io::Result<()> {
        let mut lines = self.lock();
        lines.extend_from_slice(line);
        drain(&mut lines, out)
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
        buffer.push(&mut out, b"1\n").unwrap();
        buffer.push(&mut out, b"2\n").unwrap();
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
            buffer.push(&mut out, &line).unwrap();
            assert_eq!(out.len(), written);
        }
    }

    #[test]
    fn unwritable_lines_are_dropped() {
        let (buffer, mut full) = (LineBuffer::new(), [0; 0]);
        buffer.push(&mut Vec::new(), b"1\n").unwrap();
        assert!(buffer.write_through(&mut full.as_mut_slice(), b"2\n").is_err());
        let mut out = Vec::new();
        buffer.write_through(&mut out, b"3\n").unwrap();
        assert_eq!(out, b"3\n");
    }
}
