//! `feeds [COUNT] [--record]`: publishes many feeds with Instagram and files in memory, and measures time and calls.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Parser;
use evertoken_bench::arguments::Arguments;
use evertoken_bench::implementations::root;
use evertoken_bench::measurements::feeds::Feeds;
use evertoken_bench::recording;
use evertoken_bench::results::Recorded;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root = root();
    let count = arguments.number_or(1000)?;
    let provenance = || recording::provenance_of_feed_programs(&root, "make bench-feeds");
    let provenance = arguments.record.then(provenance).transpose()?;
    let mut program = Command::new(root.join("target/release/examples/publish_feeds"));
    program.arg(count.to_string()).arg(root.join("target/bench/pictures/originals/00.jpg"));
    let output = program.output().context("cannot run publish_feeds")?;
    if !output.status.success() {
        bail!("publish_feeds: {}", String::from_utf8_lossy(&output.stderr));
    }
    let measurements: Feeds = serde_json::from_slice(&output.stdout)?;
    println!("Publication of {count} feeds.\n\n{}", measurements.table());
    if let Some(provenance) = provenance {
        Recorded { provenance, measurements }.write(&root)?;
    }
    Ok(())
}
