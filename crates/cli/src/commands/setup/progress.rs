//! How far the setup has come. Contains no secret.

use std::path::PathBuf;

use evertoken_core::document::ProviderName;
use evertoken_file_vault::safe_folder::{self, Exposed};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{CliError, Result};
use crate::terminal::output;
use crate::vault::location::VaultLocation;
use crate::vault::service_settings::ServiceSettings;

/// The steps that only the operator can confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    App,
    Addresses,
    Testers,
    FacebookApp,
    FacebookAddresses,
    FacebookPeople,
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Finished {
    /// The public URL that the addresses were pasted for.
    public_url: Option<Url>,
    done: Vec<Step>,
    /// Asked before the secret.
    app_id: Option<String>,
    /// The same for Facebook Login.
    meta_app_id: Option<String>,
    /// Only for a stack: its parameters are the settings, and this is what they should become.
    settings: Option<ServiceSettings>,
}

#[derive(Debug)]
pub(super) struct Progress {
    file: Option<PathBuf>,
    /// The folder of a file vault, which has a file for the settings.
    dir: Option<PathBuf>,
    settings: ServiceSettings,
    finished: Finished,
}

impl Progress {
    /// Reads the progress from a file next to a file vault, or else in the user's state folder.
    pub(super) fn open(location: &VaultLocation, restart: bool) -> Self {
        let dir = location.local.clone();
        let file = match &dir {
            Some(dir) => Some(dir.join("setup.json")),
            None => {
                state_folder().map(|dir| dir.join("evertoken").join(format!("setup-{}.json", location.stack_name())))
            }
        };
        // If the file is unreadable, the steps are shown again, which does no harm.
        let text = file.as_ref().and_then(|file| safe_folder::read(file, Exposed::Repair).ok()?);
        let mut finished: Finished = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        if restart {
            finished = Finished { settings: finished.settings, ..Finished::default() };
        }
        let settings = match &dir {
            Some(dir) => ServiceSettings::read(dir).unwrap_or_else(|error| {
                output::warning(&format!("{error}. It is written again."));
                ServiceSettings::default()
            }),
            None => finished.settings.clone().unwrap_or_default(),
        };
        Self { file, dir, settings, finished }
    }

    pub(super) fn settings(&self) -> &ServiceSettings {
        &self.settings
    }

    /// Changes and saves the settings.
    pub(super) fn learn(&mut self, change: impl FnOnce(&mut ServiceSettings)) -> Result<()> {
        change(&mut self.settings);
        if let Some(dir) = &self.dir {
            return self.settings.write(dir);
        }
        self.finished.settings = Some(self.settings.clone());
        self.save()
    }

    pub(super) fn app_id(&self, login: ProviderName) -> Option<&str> {
        match login {
            ProviderName::Instagram => self.finished.app_id.as_deref(),
            ProviderName::Facebook => self.finished.meta_app_id.as_deref(),
        }
    }

    pub(super) fn remember_app_id(&mut self, login: ProviderName, app_id: Option<String>) -> Result<()> {
        match login {
            ProviderName::Instagram => self.finished.app_id = app_id,
            ProviderName::Facebook => self.finished.meta_app_id = app_id,
        }
        self.save()
    }

    /// The addresses have to be pasted again for another public URL.
    pub(super) fn start_for(&mut self, public_url: &Url) {
        if self.finished.public_url.as_ref() != Some(public_url) {
            self.finished.done.retain(|step| !matches!(step, Step::Addresses | Step::FacebookAddresses));
            self.finished.public_url = Some(public_url.clone());
        }
    }

    pub(super) fn is_finished(&self, step: Step) -> bool {
        self.finished.done.contains(&step)
    }

    pub(super) fn finish(&mut self, step: Step) -> Result<()> {
        if !self.is_finished(step) {
            self.finished.done.push(step);
        }
        self.save()
    }

    fn save(&self) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_public_url_has_to_be_pasted_again_and_a_restart_repeats_every_step() {
        let dir = tempfile::TempDir::new().unwrap();
        let mut location = VaultLocation::default();
        location.local = Some(dir.path().to_owned());
        let steps = [
            Step::App,
            Step::Addresses,
            Step::Testers,
            Step::FacebookApp,
            Step::FacebookAddresses,
            Step::FacebookPeople,
        ];
        let open = |restart, public_url: &str| {
            let mut progress = Progress::open(&location, restart);
            progress.start_for(&public_url.parse().unwrap());
            progress
        };
        let mut first = open(false, "https://connect.example.com");
        for step in steps {
            first.finish(step).unwrap();
        }
        for (restart, public_url, expected) in [
            (false, "https://connect.example.com", [true; 6]),
            (false, "https://login.example.com", [true, false, true, true, false, true]),
            (true, "https://connect.example.com", [false; 6]),
        ] {
            let progress = open(restart, public_url);
            assert_eq!(steps.map(|step| progress.is_finished(step)), expected, "{restart} {public_url}");
        }
    }
}
