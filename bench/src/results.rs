//! The committed results: one JSON file per benchmark under `bench/results`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::provenance::Provenance;

/// The measurements of one benchmark.
pub trait Measurements: Serialize + DeserializeOwned {
    /// The name of the benchmark and of its file.
    const NAME: &'static str;

    /// # Errors
    /// If something that the documentation shows was not measured.
    fn check(&self) -> Result<()>;
}

/// Measurements and where they come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded<M> {
    /// Where they come from.
    pub provenance: Provenance,
    /// The measurements.
    pub measurements: M,
}

impl<M: Measurements> Recorded<M> {
    /// Reads and checks the committed result.
    ///
    /// # Errors
    /// If the file is missing, unreadable or incomplete.
    pub fn read(root: &Path) -> Result<Self> {
        let path = path::<M>(root);
        let read = || -> Result<Self> {
            let recorded: Self = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
            recorded.check()?;
            Ok(recorded)
        };
        read().with_context(|| format!("{} cannot be published", path.display()))
    }

    /// Checks the result and replaces the committed file.
    ///
    /// # Errors
    /// If the result is incomplete. The file then does not change.
    pub fn write(&self, root: &Path) -> Result<()> {
        self.check().context("the result was not recorded")?;
        let path = path::<M>(root);
        let json = serde_json::to_string_pretty(self)?;
        std::fs::write(&path, one_line_per_list(&json)).with_context(|| format!("cannot write {}", path.display()))?;
        println!("\nRecorded in {}. `make bench-publish` updates the documentation.", path.display());
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.provenance.check()?;
        self.measurements.check()
    }
}

fn path<M: Measurements>(root: &Path) -> PathBuf {
    root.join(format!("bench/results/{}.json", M::NAME))
}

/// Puts lists of numbers on one line, so that a file of samples stays readable.
fn one_line_per_list(json: &str) -> String {
    let mut text = String::new();
    let mut in_list = false;
    for line in json.lines() {
        let content = line.trim();
        in_list &= content.starts_with(|first: char| first.is_ascii_digit());
        if in_list || (content.starts_with(']') && text.ends_with(|last: char| last.is_ascii_digit())) {
            text.push_str(content);
        } else {
            let is_first = text.is_empty();
            text.push_str(if is_first { "" } else { "\n" });
            text.push_str(line);
        }
        in_list = content.ends_with('[') || (in_list && content.ends_with(','));
        if content.ends_with(',') && in_list {
            text.push(' ');
        }
    }
    text.push('\n');
    text
}

/// # Errors
/// If `names` does not contain each of `expected`.
pub fn require<'a>(expected: &[&str], names: impl Iterator<Item = &'a str>) -> Result<()> {
    let names: Vec<_> = names.collect();
    for expected in expected {
        if !names.contains(expected) {
            bail!("{expected} was not measured");
        }
    }
    Ok(())
}
