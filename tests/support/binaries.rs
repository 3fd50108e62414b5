//! Builds and locates the binaries under test.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::workspace;

/// Returns the path of one of the workspace's binaries. The first call in a process builds all of them, so that no test
/// runs a stale one. After `make build`, or under `cargo test --workspace`, there is nothing left to build.
pub fn path(name: &str) -> &'static Path {
    static BINARIES: LazyLock<HashMap<String, PathBuf>> = LazyLock::new(build);
    BINARIES.get(name).unwrap_or_else(|| panic!("the workspace has no binary {name}"))
}

fn build() -> HashMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    // A test, and one is enough, selects the same dependency features as `cargo test`, so nothing is compiled twice.
    cargo.args(["build", "--workspace", "--bins", "--test", "sandbox", "--message-format=json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(workspace::root()).stderr(Stdio::inherit()).output().unwrap();
    assert!(built.status.success(), "cargo could not build the binaries");
    let messages = String::from_utf8(built.stdout).unwrap();
    messages.lines().filter_map(|line| binary(&serde_json::from_str(line).ok()?)).collect()
}

/// Extracts a binary's name and path from a cargo message. Skips the executables of unit tests.
fn binary(message: &Value) -> Option<(String, PathBuf)> {
    let is_binary = message["target"]["kind"][0] == "bin" && message["profile"]["test"] == false;
    let name = message["target"]["name"].as_str().filter(|_| is_binary)?;
    Some((name.to_owned(), message["executable"].as_str()?.into()))
}
