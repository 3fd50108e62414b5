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

/// The result of one check. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was checked, for example `app secret`.
    pub(crate) subject: String,
    pub(crate) state: Severity,
    pub(crate) text: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    pub(crate) fn ok(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: Severity::Ok, text: text.into(), remedy: None }
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

    pub(crate) fn lines(&self) -> Vec<String> {
        let state = match self.state {
            Severity::Ok => "ok     ",
            Severity::Warning => "warning",
            Severity::Problem => "PROBLEM",
        };
        let first = format!("{state}  {}: {}", self.subject, self.text);
        std::iter::once(first).chain(self.remedy.iter().map(|remedy| format!("         -> {remedy}"))).collect()
    }
}

pub(crate) fn summary(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(Severity::Problem), count(Severity::Warning)) {
        (0, 0) => "No problems found.".to_owned(),
        (problems, warnings) => format!("Problems: {problems}, warnings: {warnings}."),
    }
}
