//! When the last refresh run over a file vault ended. It tells whether anything renews the tokens.

use std::io;
use std::path::PathBuf;

use evertoken_core::vault::DocumentLocator;
use evertoken_file_vault::reason;
use evertoken_file_vault::safe_folder::{Exposed, SafeFolder};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::any_vault::{self, AnyVault};

const FILE: &str = "last-run.json";

/// The file in the vault's folder. In AWS, the log of the refresh function is the record.
#[derive(Clone, Debug)]
pub(crate) struct RunRecord(PathBuf);

#[derive(Serialize, Deserialize)]
struct LastRun {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

impl RunRecord {
    pub(crate) fn in_folder(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The record of a file vault.
    pub(crate) fn of(vault: &AnyVault) -> Option<Self> {
        match any_vault::locator(vault) {
            DocumentLocator::Folder(dir) => Some(Self(dir)),
            _ => None,
        }
    }

    /// Records a run over all accounts. Without the record the run is still complete, so a failure is only logged.
    pub(crate) fn write(&self, at: OffsetDateTime) {
        if let Err(error) = self.try_write(at) {
            tracing::warn!("cannot record the refresh run in {FILE} ({})", reason(&error));
        }
    }

    fn try_write(&self, at: OffsetDateTime) -> io::Result<()> {
        SafeFolder::of_vault(&self.0)?.write(FILE, &serde_json::to_vec(&LastRun { at })?)
    }

    /// When the last run ended, if one is recorded.
    pub(crate) fn read(&self) -> Option<OffsetDateTime> {
        let text = SafeFolder::of_vault(&self.0).and_then(|folder| folder.read(FILE, Exposed::Repair)).ok()??;
        serde_json::from_slice::<LastRun>(&text).ok().map(|run| run.at)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_record_that_is_missing_or_malformed_counts_as_none() {
        let dir = tempfile::TempDir::new().unwrap();
        let record = RunRecord::in_folder(dir.path());
        assert_eq!(record.read(), None);
        let at = datetime!(2026-11-22 05:00 UTC);
        record.write(at);
        assert_eq!(record.read(), Some(at));
        for malformed in ["", "{}", r#"{"at":"soon"}"#, "\u{0}"] {
            fs::write(dir.path().join(FILE), malformed).unwrap();
            assert_eq!(record.read(), None, "{malformed:?}");
        }
        // A link could point to any file of the user.
        fs::remove_file(dir.path().join(FILE)).unwrap();
        let other = dir.path().join("other");
        fs::write(&other, "untouched").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join(FILE)).unwrap();
        record.write(at);
        assert_eq!(fs::read_to_string(&other).unwrap(), "untouched");
    }
}
