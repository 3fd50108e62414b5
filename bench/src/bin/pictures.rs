//! `pictures [ROUNDS] [--record]`: converts the same pictures with Evertoken, sharp and Pillow, and measures speed and memory.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::pictures::{CONVERTERS, Converter, Pictures, THREADS};
use evertoken_bench::provenance::{Provenance, version};
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;
use evertoken_bench::samples::Samples;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// What each program prints.
#[derive(Debug, Deserialize)]
struct Measured {
    pictures: u32,
    seconds: f64,
    cpu_ticks: u32,
    peak_kib: u32,
    webp_bytes: u32,
    jpeg_bytes: u32,
}

/// The program of a converter. Evertoken's is that of `crates/feed/examples`.
fn program(name: &str, root: &Path) -> Vec<PathBuf> {
    let baseline = root.join("target/bench/pictures");
    match name {
        "Evertoken" => vec![root.join("target/release/examples/convert_pictures")],
        "Pillow" => vec![baseline.join("python/bin/python"), baseline.join("convert.py")],
        _ => vec!["node".into(), baseline.join("convert.mjs")],
    }
}

/// Converts all pictures once, and checks that there is a file of each size and format.
fn measure(name: &str, threads: u32, root: &Path) -> Result<Measured> {
    let (program, output) = (program(name, root), TempDir::new()?);
    let threads = threads.to_string();
    let mut command = Command::new(&program[0]);
    command.args(&program[1..]).arg(root.join("target/bench/pictures/originals")).arg(&threads).arg(output.path());
    // The threads of libuv, on which sharp runs libvips.
    let run = command.env("UV_THREADPOOL_SIZE", &threads).output();
    let run = run.with_context(|| format!("cannot run {}", program[0].display()))?;
    if !run.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&run.stderr));
    }
    for width in [320, 640, 1080] {
        for (extension, magic) in [("webp", &b"RIFF"[..]), ("jpg", &[0xff, 0xd8])] {
            let file = std::fs::read(output.path().join(format!("{width}.{extension}")))
                .with_context(|| format!("{name} wrote no {extension} file of {width} pixels"))?;
            ensure!(file.starts_with(magic), "{name}: the {extension} file of {width} pixels is something else");
        }
    }
    Ok(serde_json::from_slice(&run.stdout)?)
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root = root();
    let rounds = arguments.number_or(5)?;
    let provenance = arguments.record.then(|| provenance(&root)).transpose()?;
    let mut rows = Vec::new();
    for threads in THREADS {
        for name in CONVERTERS {
            let empty = Samples::default;
            let name = name.to_owned();
            let [pictures_per_second, cpu_ms, memory_mib] = [empty(), empty(), empty()];
            rows.push(Converter { name, threads, pictures_per_second, cpu_ms, memory_mib, webp_kb: 0.0, jpeg_kb: 0.0 });
        }
    }
    for _ in 0..rounds {
        for row in &mut rows {
            let measured = measure(&row.name, row.threads, &root)?;
            let pictures = f64::from(measured.pictures);
            row.pictures_per_second.add(pictures / measured.seconds);
            // A tick is 10 ms.
            row.cpu_ms.add(f64::from(measured.cpu_ticks) * 10.0 / pictures);
            row.memory_mib.add(f64::from(measured.peak_kib) / 1024.0);
            row.webp_kb = (f64::from(measured.webp_bytes) / pictures).round() / 1000.0;
            row.jpeg_kb = (f64::from(measured.jpeg_bytes) / pictures).round() / 1000.0;
        }
    }
    let measurements = Pictures(rows);
    println!("Conversion of pictures, medians of {rounds} rounds.\n\n{}", measurements.table());
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root)?;
    }
    Ok(())
}

fn provenance(root: &Path) -> Result<Provenance> {
    let baselines = root.join("bench/baselines/pictures");
    let package: Value = serde_json::from_str(&std::fs::read_to_string(baselines.join("package.json"))?)?;
    let requirements = std::fs::read_to_string(baselines.join("requirements.txt"))?;
    let pillow = requirements.lines().find_map(|line| line.split_whitespace().next()?.strip_prefix("pillow=="));
    Ok(recording::provenance_of_feed_programs(root, "make bench-pictures")?
        .with_tool("node", version("node"))
        .with_tool("sharp", package["dependencies"]["sharp"].as_str().context("no version of sharp")?.to_owned())
        .with_tool("python", version(root.join("target/bench/pictures/python/bin/python")))
        .with_tool("pillow", pillow.context("no version of Pillow")?.to_owned()))
}
