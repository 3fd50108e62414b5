//! The Python tools that `make tools` installs.

use std::path::{Path, PathBuf};

/// The workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The interpreter with moto in it.
pub fn python() -> PathBuf {
    let python = root().join("target/venv/bin/python");
    assert!(python.exists(), "{} is missing: run `make tools` first", python.display());
    python
}

/// Where the packages are, whatever Python's version.
pub fn site_packages() -> PathBuf {
    let versions = std::fs::read_dir(root().join("target/venv/lib")).expect("run `make tools` first");
    let packages = versions.map(|version| version.unwrap().path().join("site-packages"));
    packages.into_iter().find(|packages| packages.exists()).expect("run `make tools` first")
}
