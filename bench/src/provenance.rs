//! Where a result comes from: commit, date, machine, tools and command.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a result depends on. A result is recorded only if all of it is committed.
const SOURCES: [&str; 10] = [
    "crates",
    "tests/browser",
    "tests/support",
    "bench/src",
    "bench/baselines",
    // The page with a feed has the style of this guide.
    "docs/feed-widget.md",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
];

/// Where a result comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The commit that was measured.
    pub commit: String,
    /// When the measurement began.
    pub date: String,
    /// The machine, and its load when the measurement began.
    pub machine: BTreeMap<String, String>,
    /// Versions of compilers and runtimes.
    pub tools: BTreeMap<String, String>,
    /// The command that repeats the measurement.
    pub command: String,
}

impl Provenance {
    /// Describes this machine and the commit in the work tree at `root`.
    ///
    /// # Errors
    /// If sources have changed since the commit, because the result would then belong to no commit.
    pub fn collect(root: &Path, command: &str) -> Result<Self> {
        Ok(Self {
            commit: clean_commit(root)?,
            date: OffsetDateTime::now_utc().replace_nanosecond(0)?.format(&Rfc3339)?,
            machine: machine(),
            tools: [("rustc", version("rustc"))].map(|(name, version)| (name.to_owned(), version)).into(),
            command: command.to_owned(),
        })
    }

    /// Adds a tool's version.
    #[must_use]
    pub fn with_tool(mut self, name: &str, version: String) -> Self {
        self.tools.insert(name.to_owned(), version);
        self
    }

    /// # Errors
    /// If the result does not say which commit was measured, when and where.
    pub fn check(&self) -> Result<()> {
        if self.commit.len() != 40 || !self.commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            bail!("{:?} is not a commit", self.commit);
        }
        OffsetDateTime::parse(&self.date, &Rfc3339).with_context(|| format!("{:?} is not a date", self.date))?;
        if self.machine.is_empty() || self.tools.is_empty() || self.command.is_empty() {
            bail!("machine, tools or command are missing");
        }
        Ok(())
    }

    /// The commit and the date, for a sentence.
    pub fn summary(&self) -> String {
        let commit = self.commit.get(..10).unwrap_or(&self.commit);
        let date = self.date.get(..10).unwrap_or(&self.date);
        format!("commit {commit}, {date}")
    }
}

/// The commit of the work tree at `root`.
///
/// # Errors
/// If sources have changed since then.
pub fn clean_commit(root: &Path) -> Result<String> {
    let changes = git(root, &[&["status", "--porcelain", "--"], SOURCES.as_slice()].concat())?;
    if !changes.is_empty() {
        bail!("sources have changed since the last commit:\n{changes}\nhint: commit them before you record a result");
    }
    git(root, &["rev-parse", "HEAD"])
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    // Git sets these for hooks, and they would select another repository.
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    let output = command.arg("-C").arg(root).args(arguments).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The first line that `program --version` prints, or "not installed".
pub fn version(program: impl AsRef<Path>) -> String {
    let output = Command::new(program.as_ref()).arg("--version").output().ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.and_then(|text| Some(text.lines().next()?.trim().to_owned())).unwrap_or_else(|| "not installed".to_owned())
}

fn machine() -> BTreeMap<String, String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    let facts = [
        ("architecture", std::env::consts::ARCH.to_owned()),
        ("processor", model.map_or("unknown", |(_, model)| model).to_owned()),
        ("cores", cores.to_string()),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("load_average", load.split(' ').next().unwrap_or("unknown").to_owned()),
    ];
    facts.map(|(name, value)| (name.to_owned(), value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Git ignores a path that does not exist.
    #[test]
    fn all_sources_exist() {
        for source in SOURCES {
            assert!(crate::implementations::root().join(source).exists(), "{source}");
        }
    }

    #[test]
    fn nothing_is_recorded_while_a_source_has_uncommitted_changes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init", "--quiet"]).unwrap();
        for source in SOURCES {
            let path = root.join(source);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "committed").unwrap();
        }
        git(root, &["add", "."]).unwrap();
        let settings = ["user.name=Somebody", "user.email=somebody@example.com", "commit.gpgsign=false"];
        let settings = settings.map(|setting| ["-c", setting]).concat();
        git(root, &[settings.as_slice(), &["commit", "--quiet", "--message", "All sources"]].concat()).unwrap();
        assert_eq!(clean_commit(root).unwrap().len(), 40);
        for source in SOURCES {
            std::fs::write(root.join(source), "changed").unwrap();
            assert!(clean_commit(root).unwrap_err().to_string().contains(source), "{source}");
            std::fs::write(root.join(source), "committed").unwrap();
        }
        clean_commit(root).unwrap();
    }
}
