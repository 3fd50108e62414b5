//! Libraries that are preloaded into a process to change what the system tells it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;
use time::Duration;

use crate::workspace;

/// Compiles `tests/support/NAME.c` into `dir`, and returns the value for `LD_PRELOAD`.
pub fn compile(name: &str, dir: &Path) -> PathBuf {
    let library = dir.join(format!("{name}.so"));
    let source = workspace::root().join(format!("tests/support/{name}.c"));
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
    assert!(compiler.status().unwrap().success());
    library
}

/// Returns the environment variables of a process whose wall clock is this far ahead; none if it is not ahead.
pub fn shifted_clock(ahead: Duration) -> Vec<(String, String)> {
    static LIBRARY: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
        let dir = TempDir::new().unwrap();
        let library = compile("shifted_clock", dir.path());
        (dir, library)
    });
    if ahead.is_zero() {
        return Vec::new();
    }
    let library = LIBRARY.1.to_str().unwrap();
    let seconds = ahead.whole_seconds().to_string();
    [("LD_PRELOAD", library), ("CLOCK_AHEAD_SECONDS", &seconds)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}
