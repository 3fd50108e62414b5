//! The result of one check.

use serde::Serialize;

use crate::error::{self, CliError};
use crate::vault::vault_option::VaultOption;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    Ok,
    /// Not harmful yet, or not checked.
    Warning,
    /// Something does not work or will stop working.
    Problem,
}

/// The part of the service that a check is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Group {
    /// The vault, the app and the web pages.
    #[default]
    Service,
    /// The runs and the alarms about them.
    Renewal,
    Accounts,
    Feeds,
}

impl Group {
    /// In the order of the output.
    pub(crate) const ALL: [Self; 4] = [Self::Service, Self::Renewal, Self::Accounts, Self::Feeds];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Renewal => "Renewal",
            Self::Accounts => "Accounts",
            Self::Feeds => "Feeds",
        }
    }
}

/// The result of one check. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was checked, for example `app secret`.
    pub(crate) subject: String,
    pub(crate) state: Severity,
    pub(crate) text: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
    pub(crate) group: Group,
}

impl Finding {
    pub(crate) fn ok(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: Severity::Ok, text: text.into(), remedy: None, group: Group::default() }
    }

    pub(crate) fn in_group(self, group: Group) -> Self {
        Self { group, ..self }
    }

    pub(crate) fn warning(subject: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: Severity::Warning, remedy: Some(remedy.into()), ..Self::ok(subject, text) }
    }

    pub(crate) fn problem(subject: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: Severity::Problem, remedy: Some(remedy.into()), ..Self::ok(subject, text) }
    }

    /// A problem that a command would fail with.
    pub(crate) fn failure(subject: impl Into<String>, error: &CliError, vault: &VaultOption) -> Self {
        let hint = error::hint(error, vault);
        let mut letters = hint.chars();
        let sentence = letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()));
        Self::problem(subject, error.to_string(), sentence.unwrap_or_default())
    }
}
