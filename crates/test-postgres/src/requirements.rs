//! External programs that tests need. A test without its program is skipped, or fails if everything is required.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The variable that turns every skipped test into a failure.
const REQUIRE_ALL: &str = "GUANXI_TEST_REQUIRE_ALL";

/// Returns true if all `programs` are in `PATH`. Otherwise prints once that `tests` are skipped.
///
/// # Panics
///
/// If a program is missing and `GUANXI_TEST_REQUIRE_ALL` is set.
pub fn has_programs(tests: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> = programs.iter().copied().filter(|program| !is_installed(program)).collect();
    if !missing.is_empty() {
        skip(tests, &format!("not installed: {}", missing.join(", ")));
    }
    missing.is_empty()
}

/// Prints once that `tests` are skipped, and the reason.
///
/// # Panics
///
/// If `GUANXI_TEST_REQUIRE_ALL` is set.
pub fn skip(tests: &str, reason: &str) {
    static PRINTED: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    assert!(
        std::env::var_os(REQUIRE_ALL).is_none(),
        "{REQUIRE_ALL} is set, and {tests} cannot run: {reason}"
    );
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    if printed.get_or_insert_default().insert(tests.to_owned()) {
        // The test harness captures what goes through `eprintln`, so this writes to the stream itself.
        let _ = writeln!(std::io::stderr(), "skipped: {tests}; {reason}");
    }
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_executable(&folder.join(program)))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    let is_executable = |metadata: std::fs::Metadata| {
        metadata.is_file() && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
    };
    file.metadata().is_ok_and(is_executable)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}
