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
    if std::env::args().nth(1).as_deref() != Some("style") {
        eprintln!("usage: cargo xtask style");
        return ExitCode::from(2);
    }
    let measures = match style::measure(root()) {
        Ok(measures) => measures,
        Err(error) => {
            eprintln!("cannot list the tracked files: {error}");
            return ExitCode::FAILURE;
        }
    };
    for measure in &measures {
        println!("{measure}");
    }
    if measures.iter().any(style::Measure::is_over) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
