//! `feed_page [--record]`: measures in Chromium what a page with a feed loads, and how far it shifts, with Evertoken's widget
//! and with others.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::feed_page::FeedPages;
use evertoken_bench::provenance::{Provenance, version};
use evertoken_bench::results::Recorded;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root = root();
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let provenance = arguments.record.then(|| provenance(&root, &chromium)).transpose()?;
    let settings = json!({ "root": root, "chromium": chromium }).to_string();
    let mut node = Command::new("node");
    node.arg(root.join("bench/src/feed_page/measure.mjs")).env("FEED_PAGE", settings);
    let output = node.output().context("cannot run node")?;
    if !output.status.success() {
        bail!("the pages could not be measured: {}", String::from_utf8_lossy(&output.stderr));
    }
    let measurements: FeedPages = serde_json::from_slice(&output.stdout)?;
    println!("Pages with a feed.\n\n{}", measurements.table());
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root)?;
    }
    Ok(())
}

fn provenance(root: &Path, chromium: &str) -> Result<Provenance> {
    let package = std::fs::read_to_string(root.join("bench/baselines/widgets/package.json"))?;
    let package: Value = serde_json::from_str(&package)?;
    let widgets = package.get("dependencies").and_then(Value::as_object).context("package.json lists no widgets")?;
    let widgets: Vec<_> =
        widgets.iter().map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default())).collect();
    Ok(Provenance::collect(root, "make bench-feed-page")?
        .with_tool("chromium", version(chromium))
        .with_tool("node", version("node"))
        .with_tool("widgets", widgets.join(" ")))
}
