//! Whether a result about built programs may be recorded.

use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::implementations::{self, root};
use crate::provenance::{Provenance, clean_commit, version};

/// Programs that are built before they are measured.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    /// The names of their files.
    pub names: &'static [&'static str],
    /// The file next to them, which names the commit and their digests.
    pub stamp: &'static str,
    /// The make target that builds them and writes the file.
    pub target: &'static str,
}

/// Evertoken's binaries.
pub const BINARIES: Programs = Programs {
    names: &["evertoken-callback", "evertoken-refresh", "evertoken-feed"],
    stamp: "evertoken-binaries.txt",
    target: "bench-binaries",
};

/// The programs that convert pictures and publish feeds.
pub const FEED_PROGRAMS: Programs = Programs {
    names: &["convert_pictures", "publish_feeds"],
    stamp: "evertoken-feed-programs.txt",
    target: "bench-feed-programs",
};

/// The provenance of a result about Evertoken's binaries and the baselines.
///
/// # Errors
/// If sources have changed, the binaries are of another commit, or a baseline is missing. Checked before measuring.
pub fn provenance(command: &str) -> Result<Provenance> {
    let root = root();
    let commit = clean_commit(&root)?;
    BINARIES.check(&root.join("target/release"), &commit)?;
    if std::env::var_os("EVERTOKEN_BENCH_BINARIES").is_some() {
        bail!("EVERTOKEN_BENCH_BINARIES is set: a comparison of two builds is not recorded");
    }
    let (_, missing) = implementations::baselines();
    if let Some(reason) = missing.first() {
        bail!("{reason}");
    }
    Ok(Provenance::collect(&root, command)?
        .with_tool("python", version(root.join("target/bench/python/bin/python")))
        .with_tool("node", version("node"))
        .with_tool("python packages", python_packages(&root.join("bench/baselines/python/requirements.txt"))?)
        .with_tool("node packages", node_packages(&root)?))
}

/// The provenance of a result about the programs that convert pictures and publish feeds.
///
/// # Errors
/// If sources have changed, or the programs are of another commit. Checked before measuring.
pub fn provenance_of_feed_programs(root: &Path, command: &str) -> Result<Provenance> {
    FEED_PROGRAMS.check(&root.join("target/release/examples"), &clean_commit(root)?)?;
    Provenance::collect(root, command)
}

impl Programs {
    /// Checks that `folder` contains the programs of `commit`.
    ///
    /// # Errors
    /// If they are of another commit, or were replaced later.
    pub fn check(&self, folder: &Path, commit: &str) -> Result<()> {
        let target = self.target;
        let stamp = std::fs::read_to_string(folder.join(self.stamp))
            .with_context(|| format!("the commit of the binaries is not known: run make {target}"))?;
        let built_from = stamp.lines().next().unwrap_or_default();
        if built_from != commit {
            bail!("the binaries are of another commit ({built_from}, not {commit}): run make {target}");
        }
        for &name in self.names {
            let binary = std::fs::read(folder.join(name)).with_context(|| format!("{name} is missing"))?;
            let digest = hex::encode(Sha256::digest(&binary));
            if !stamp.lines().any(|line| line.starts_with(&digest) && line.ends_with(name)) {
                bail!("{name} has changed since it was built: run make {target}");
            }
        }
        Ok(())
    }
}

/// The packages that the Python baseline imports, with their pinned versions.
fn python_packages(requirements: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let pinned = text.lines().filter_map(|line| line.split_whitespace().next()?.split_once("=="));
    let imported = pinned.filter(|(name, _)| ["awslambdaric", "boto3", "requests"].contains(name));
    Ok(imported.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(" "))
}

fn node_packages(root: &Path) -> Result<String> {
    let text = std::fs::read_to_string(root.join("bench/baselines/node/package.json"))?;
    let package: serde_json::Value = serde_json::from_str(&text)?;
    let packages = ["dependencies", "devDependencies"].map(|kind| package[kind].as_object());
    let packages = packages.into_iter().flatten().flatten();
    Ok(packages
        .map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join(" "))
}
