//! `size`: what is uploaded for each Lambda, zipped as SAM does it; beside the same work in Python and Node.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and may stop at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use evertoken_bench::contenders::{self, root};
use evertoken_bench::table::{self, number, times};
use evertoken_tests::venv;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let ours = ["evertoken-callback", "evertoken-refresh"].map(|name| {
        let binary = contenders::binary(name);
        let bootstrap = folder.path().join("bootstrap");
        std::fs::copy(&binary, &bootstrap).unwrap();
        (name.to_owned(), megabytes(std::fs::metadata(&binary).unwrap().len()), zipped(&[bootstrap]))
    });
    let largest = ours.iter().map(|one| one.2).fold(0.0, f64::max);
    let (peers, missing) = contenders::peers();
    let mut rows: Vec<_> = ours.iter().map(|(name, binary, zip)| row(name, *binary, *zip, largest)).collect();
    if peers.iter().any(|peer| peer.name.starts_with("Python")) {
        let packages =
            std::fs::read_dir(root().join("target/bench/python/lib")).unwrap().next().unwrap().unwrap().path();
        let packages = entries(&packages.join("site-packages"), &["pip", "setuptools", "awslambdaric", "wheel"]);
        rows.push(row("Python, boto3, requests", f64::NAN, zipped(&packages), largest));
    }
    if peers.iter().any(|peer| peer.name.starts_with("Node")) {
        rows.push(row("Node, AWS SDK", f64::NAN, zipped(&[root().join("target/bench/node/node_modules")]), largest));
    }
    println!("What is uploaded, in MB (a million bytes).\n");
    table::print(["", "binary", "zip", "zip, times ours"], &rows);
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(name: &str, binary: f64, zip: f64, ours: f64) -> [String; 4] {
    let binary = if binary.is_nan() { String::new() } else { number(binary) };
    [name.to_owned(), binary, number(zip), times(zip, ours)]
}

/// A folder's entries without those that begin so.
fn entries(folder: &Path, without: &[&str]) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        !without.iter().any(|prefix| name.starts_with(prefix))
    };
    all.filter(is_wanted).collect()
}

/// SAM packs with Python's own zip and its usual compression.
fn zipped(paths: &[PathBuf]) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("function.zip");
    let done = Command::new(venv::python()).args(["-m", "zipfile", "-c"]).arg(&zip).args(paths).status().unwrap();
    assert!(done.success(), "zip failed");
    megabytes(std::fs::metadata(&zip).unwrap().len())
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap()) / 1_000_000.0
}
