//! The terminal output.

use crate::Failure;
use std::fmt;
use std::io::{self, Write};

/// Prints a message on standard error, beside the output of the command. Ignores errors.
pub(crate) fn note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a line of the command's output and flushes. A closed pipe is no error.
pub(crate) fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
