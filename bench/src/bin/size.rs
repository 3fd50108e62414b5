//! `size`: measures the deployment package of each Lambda function, zipped as SAM does it, against baselines in Python and
//! Node.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use evertoken_bench::implementations::{self, root};
use evertoken_bench::table::{self, number, ratio};
use evertoken_tests::venv;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let evertoken = ["evertoken-callback", "evertoken-refresh"].map(|name| {
        let binary = implementations::binary(name);
        let bootstrap = folder.path().join("bootstrap");
        std::fs::copy(&binary, &bootstrap).unwrap();
        (name.to_owned(), megabytes(std::fs::metadata(&binary).unwrap().len()), zipped(&[bootstrap]))
    });
    let largest = evertoken.iter().map(|(_, _, zip)| *zip).fold(0.0, f64::max);
    let (baselines, missing) = implementations::baselines();
    let mut rows: Vec<_> = evertoken.iter().map(|(name, binary, zip)| row(name, *binary, *zip, largest)).collect();
    if baselines.iter().any(|baseline| baseline.name.starts_with("Python")) {
        let packages =
            std::fs::read_dir(root().join("target/bench/python/lib")).unwrap().next().unwrap().unwrap().path();
        let packages = entries(&packages.join("site-packages"), &["pip", "setuptools", "awslambdaric", "wheel"]);
        rows.push(row("Python, boto3, requests", f64::NAN, zipped(&packages), largest));
    }
    if baselines.iter().any(|baseline| baseline.name.starts_with("Node")) {
        rows.push(row("Node, AWS SDK", f64::NAN, zipped(&[root().join("target/bench/node/node_modules")]), largest));
    }
    println!("Deployment packages, in MB (1,000,000 bytes).\n");
    table::print(["", "binary", "zip", "zip vs. Evertoken"], &rows);
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
}

fn row(name: &str, binary: f64, zip: f64, largest: f64) -> [String; 4] {
    let binary = if binary.is_nan() { String::new() } else { number(binary) };
    [name.to_owned(), binary, number(zip), ratio(zip, largest)]
}

/// A folder's entries whose names start with none of these prefixes.
fn entries(folder: &Path, excluded: &[&str]) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_included = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        !excluded.iter().any(|prefix| name.starts_with(prefix))
    };
    all.filter(is_included).collect()
}

/// SAM zips with Python's standard library and its default compression.
fn zipped(paths: &[PathBuf]) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("function.zip");
    let status = Command::new(venv::python()).args(["-m", "zipfile", "-c"]).arg(&zip).args(paths).status().unwrap();
    assert!(status.success(), "zip failed");
    megabytes(std::fs::metadata(&zip).unwrap().len())
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap()) / 1_000_000.0
}
