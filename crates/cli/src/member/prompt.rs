//! Questions at the terminal.

use crate::Failure;
use console::Term;
use std::io::{self, IsTerminal};

/// Asks a question on standard error and reads the answer from the terminal.
pub(crate) fn prompt(question: &str, read: fn(&Term) -> io::Result<String>) -> Result<String, Failure> {
    let terminal = Term::stderr();
    if !(io::stdin().is_terminal() && terminal.is_term()) {
        return Err(format!("no terminal for the question: {}", question.trim_end()).into());
    }
    terminal.write_str(question)?;
    Ok(read(&terminal)?)
}
