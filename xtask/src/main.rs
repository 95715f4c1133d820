//! Tasks of this repository. `cargo xtask style` measures the rules of STYLE.md.
#![forbid(unsafe_code)]

mod style;

use std::path::Path;
use std::process::ExitCode;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a task reports to a terminal")]
fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("style") => match style::measure(root()) {
            Ok(measures) => {
                for measure in &measures {
                    println!("{measure}");
                }
                if measures.iter().any(style::Measure::is_over) {
                    ExitCode::FAILURE
                } else {
                    ExitCode::SUCCESS
                }
            }
            Err(error) => {
                eprintln!("cannot list the tracked files: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: cargo xtask style");
            ExitCode::from(2)
        }
    }
}
