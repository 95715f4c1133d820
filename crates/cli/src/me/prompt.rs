//! What whoever sits at the terminal is asked.

use crate::Failure;
use console::Term;
use std::io::{self, IsTerminal};

/// Asks whoever sits at the terminal. The question is no output, so it goes to standard error.
pub(crate) fn ask(question: &str, read: fn(&Term) -> io::Result<String>) -> Result<String, Failure> {
    let terminal = Term::stderr();
    if !(io::stdin().is_terminal() && terminal.is_term()) {
        return Err(format!("there is no terminal to ask on: {}", question.trim_end()).into());
    }
    terminal.write_str(question)?;
    Ok(read(&terminal)?)
}
