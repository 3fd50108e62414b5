//! Which steps are done. Holds no secret.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::credentials::app_store;
use crate::vault::location::VaultLocation;

/// The steps that only the person can vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The app is made.
    App,
    /// The three addresses are pasted.
    Addresses,
    /// The testers are invited.
    Testers,
}

/// What is remembered between two calls.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    /// The addresses were pasted for this one.
    public_url: Option<Url>,
    done: Vec<Step>,
}

/// The file and what it holds.
#[derive(Debug)]
pub(super) struct Progress {
    file: Option<PathBuf>,
    remembered: Remembered,
}

impl Progress {
    /// What was done for this place: beside a vault of files, else in the person's own state folder.
    pub(super) fn open(place: &VaultLocation, public_url: &Url, restart: bool) -> Self {
        let file = match &place.local {
            Some(dir) => Some(dir.join("setup.json")),
            None => state_folder().map(|dir| dir.join("evertoken").join(format!("setup-{}.json", place.stack_name()))),
        };
        // What cannot be read was not done: a question more does no harm.
        let text = file.as_ref().filter(|_| !restart).and_then(|file| std::fs::read_to_string(file).ok());
        let mut remembered: Remembered = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if remembered.public_url.as_ref() != Some(public_url) {
            remembered.done.retain(|step| *step != Step::Addresses);
            remembered.public_url = Some(public_url.clone());
        }
        Self { file, remembered }
    }

    pub(super) fn is_done(&self, step: Step) -> bool {
        self.remembered.done.contains(&step)
    }

    /// Remembers a step.
    pub(super) fn done(&mut self, step: Step) -> Result<()> {
        if !self.is_done(step) {
            self.remembered.done.push(step);
        }
        let Some(file) = &self.file else { return Ok(()) };
        let context = || format!("{} could not be written", file.display());
        if let Some(dir) = file.parent() {
            std::fs::create_dir_all(dir).with_context(context)?;
        }
        let text = serde_json::to_string(&self.remembered)?;
        app_store::write_private(file, text.as_bytes()).with_context(context)
    }
}

/// As the XDG Base Directory Specification has it.
fn state_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_STATE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    folder.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state")))
}
