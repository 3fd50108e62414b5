//! `size [--record]`: measures the deployment package of each Lambda function, zipped as SAM does it, against baselines in
//! Python and Node.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::{self, root};
use evertoken_bench::measurements::size::{PACKAGES, Size, Sizes};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_tests::venv;

/// The beginnings of names that are not deployed: pip and its tools, and AWS's runtime client with what only it needs.
const NOT_DEPLOYED: [&str; 9] = [
    "_",
    "awslambdaric",
    "distutils",
    "pip",
    "pkg_resources",
    "runtime_client",
    "setuptools",
    "simplejson",
    "snapshot_restore_py",
];

/// boto3 and what only it needs. AWS's Python runtime contains them.
const BOTO3: [&str; 6] = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six"];

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let provenance = arguments.record.then(|| recording::provenance("make bench-size")).transpose()?;
    let (_, missing) = implementations::baselines();
    let mut sizes = Sizes::default();
    let [callback, refresh, feed, with_boto3, without_boto3, node, bundled] = PACKAGES;
    let mut add = |name: &str, zip_bytes| sizes.0.push(Size { name: name.to_owned(), zip_bytes });
    for (name, binary) in [(callback, "evertoken-callback"), (refresh, "evertoken-refresh"), (feed, "evertoken-feed")] {
        let folder = tempfile::tempdir()?;
        let bootstrap = folder.path().join("bootstrap");
        std::fs::copy(implementations::binary(binary), &bootstrap)?;
        add(name, zipped(&[bootstrap]));
    }
    let python = root().join("bench/baselines/python/handlers.py");
    if let Some(packages) = python_packages() {
        let without: Vec<_> = [NOT_DEPLOYED.as_slice(), BOTO3.as_slice(), &["python_dateutil"]].concat();
        add(with_boto3, zipped(&[entries(&packages, &NOT_DEPLOYED), vec![python.clone()]].concat()));
        add(without_boto3, zipped(&[entries(&packages, &without), vec![python]].concat()));
    }
    let folder = root().join("target/bench/node");
    let handlers = folder.join("handlers.mjs");
    let bundle = folder.join("bundle/handlers.mjs");
    if bundle.exists() {
        let modules = entries(&folder.join("node_modules"), &["esbuild", "@esbuild"]);
        add(node, zipped_as("node_modules", &modules, &handlers));
        add(bundled, zipped(&[bundle]));
    }
    println!("Deployment packages.\n\n{}", sizes.table());
    for reason in missing {
        println!("\nNot measured: {reason}");
    }
    sizes.check_limits()?;
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements: sizes }.write(&root())?;
    }
    Ok(())
}

/// The folder of the Python baseline's packages, if it is installed.
fn python_packages() -> Option<PathBuf> {
    let version = std::fs::read_dir(root().join("target/bench/python/lib")).ok()?.next()?.ok()?;
    Some(version.path().join("site-packages"))
}

/// A folder's entries whose names start with none of these prefixes. Hidden files are not deployed.
fn entries(folder: &Path, excluded: &[&str]) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_included = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        !name.starts_with('.') && !excluded.iter().any(|prefix| name.starts_with(prefix))
    };
    let mut included: Vec<_> = all.filter(is_included).collect();
    included.sort();
    included
}

/// Zips the folder that these entries would be in, and a file beside it.
fn zipped_as(name: &str, entries: &[PathBuf], file: &Path) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let modules = folder.path().join(name);
    std::fs::create_dir(&modules).unwrap();
    for entry in entries {
        let status = Command::new("cp").arg("-r").arg(entry).arg(&modules).status().unwrap();
        assert!(status.success(), "cannot copy {}", entry.display());
    }
    zipped(&[modules, file.to_owned()])
}

/// SAM zips with Python's standard library and its default compression.
fn zipped(paths: &[PathBuf]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("function.zip");
    let status = Command::new(venv::python()).args(["-m", "zipfile", "-c"]).arg(&zip).args(paths).status().unwrap();
    assert!(status.success(), "zip failed");
    std::fs::metadata(&zip).unwrap().len()
}
