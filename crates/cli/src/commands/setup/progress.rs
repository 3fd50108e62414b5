//! Which steps of the setup are finished. Contains no secret.

use std::path::PathBuf;

use evertoken_file_vault::safe_folder::{self, Exposed};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{CliError, Result};
use crate::vault::location::VaultLocation;

/// The steps that only the operator can confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    App,
    Addresses,
    Testers,
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Finished {
    /// The public URL that the addresses were pasted for.
    public_url: Option<Url>,
    done: Vec<Step>,
}

#[derive(Debug)]
pub(super) struct Progress {
    file: Option<PathBuf>,
    finished: Finished,
}

impl Progress {
    /// Reads the progress from a file next to a file vault, or else in the user's state folder.
    pub(super) fn open(location: &VaultLocation, public_url: &Url, restart: bool) -> Self {
        let file = match &location.local {
            Some(dir) => Some(dir.join("setup.json")),
            None => {
                state_folder().map(|dir| dir.join("evertoken").join(format!("setup-{}.json", location.stack_name())))
            }
        };
        // If the file is unreadable, the steps are shown again, which does no harm.
        let text = file.as_ref().filter(|_| !restart).and_then(|file| safe_folder::read(file, Exposed::Repair).ok()?);
        let mut finished: Finished = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        if finished.public_url.as_ref() != Some(public_url) {
            finished.done.retain(|step| *step != Step::Addresses);
            finished.public_url = Some(public_url.clone());
        }
        Self { file, finished }
    }

    pub(super) fn is_finished(&self, step: Step) -> bool {
        self.finished.done.contains(&step)
    }

    pub(super) fn finish(&mut self, step: Step) -> Result<()> {
        if !self.is_finished(step) {
            self.finished.done.push(step);
        }
        let Some(file) = &self.file else { return Ok(()) };
        let text = serde_json::to_string(&self.finished)?;
        let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder
            .and_then(|()| safe_folder::write(file, text.as_bytes()))
            .map_err(|source| CliError::WriteFile { path: file.clone(), source })
    }
}

/// The state folder of the XDG Base Directory Specification.
fn state_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_STATE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    folder.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state")))
}
