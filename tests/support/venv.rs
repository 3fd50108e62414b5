//! The Python virtual environments that `make tools` creates.

use std::path::PathBuf;

use crate::workspace;

/// Returns the directory of the virtual environment. `make mutants` sets the variable, because it tests copies of the
/// workspace, which have no `target`.
fn directory() -> PathBuf {
    std::env::var_os("EVERTOKEN_VENV").map_or_else(|| workspace::root().join("target/venv"), PathBuf::from)
}

/// Returns the path of the Python interpreter that has moto installed.
pub fn python() -> PathBuf {
    let python = directory().join("bin/python");
    assert!(python.exists(), "{} is missing: run `make tools` first", python.display());
    python
}

/// Returns the path of a program of this environment, such as `sam`.
pub fn program(name: &str) -> PathBuf {
    let program = workspace::root().join("target/venv/bin").join(name);
    assert!(program.exists(), "{} is missing: run `make tools` first", program.display());
    program
}

/// Returns the path of the Python interpreter that has MiniStack installed. MiniStack has an environment of its own.
pub fn ministack_python() -> PathBuf {
    let python = workspace::root().join("target/ministack/bin/python");
    assert!(python.exists(), "{} is missing: run `make tools` first", python.display());
    python
}

/// Returns the path of the Python interpreter that has the validators of feeds installed.
pub fn feed_validators_python() -> PathBuf {
    let python = workspace::root().join("target/feed-validators/bin/python");
    assert!(python.exists(), "{} is missing: run `make tools` first", python.display());
    python
}

/// Returns the path of the installed packages, whatever the Python version.
pub fn site_packages() -> PathBuf {
    let versions = std::fs::read_dir(directory().join("lib")).expect("run `make tools` first");
    let packages = versions.map(|version| version.unwrap().path().join("site-packages"));
    packages.into_iter().find(|packages| packages.exists()).expect("run `make tools` first")
}
