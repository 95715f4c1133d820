//! A library that makes system calls of a child process fail, or logs them. LMDB calls the system itself, so no
//! interface of the engine could do that.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The file whose existence makes the next write of a meta page fail.
pub(crate) const FAIL_META: &str = "GUANXI_TEST_FAIL_META";

/// The source of the library.
const SOURCE: &str = include_str!("preload.c");

/// Compiles the library into a directory.
pub(crate) fn compile(dir: &Path) -> PathBuf {
    let (source, library) = (dir.join("preload.c"), dir.join("preload.so"));
    std::fs::write(&source, SOURCE).expect("the disk has room");
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl");
    let output = command.output().expect("builds of LMDB have needed a C compiler too");
    assert!(output.status.success(), "{output:?}");
    library
}
