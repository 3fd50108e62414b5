//! What one look has found.

use serde::Serialize;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// Worth a look, and no harm yet; or it could not be looked at.
    Warning,
    /// Something does not work, or will stop working.
    Problem,
}

/// One thing that was looked at. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at, as `app secret`.
    pub(crate) subject: String,
    /// How it is.
    pub(crate) state: State,
    /// What was seen.
    pub(crate) text: String,
    /// What to do; none where all is well.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    pub(crate) fn ok(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::Ok, text: text.into(), remedy: None }
    }

    pub(crate) fn warning(subject: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warning, remedy: Some(remedy.into()), ..Self::ok(subject, text) }
    }

    pub(crate) fn problem(subject: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Problem, remedy: Some(remedy.into()), ..Self::ok(subject, text) }
    }

    /// For the terminal.
    pub(crate) fn lines(&self) -> Vec<String> {
        let state = match self.state {
            State::Ok => "ok     ",
            State::Warning => "warning",
            State::Problem => "PROBLEM",
        };
        let first = format!("{state}  {}: {}", self.subject, self.text);
        std::iter::once(first).chain(self.remedy.iter().map(|remedy| format!("         -> {remedy}"))).collect()
    }
}

/// The last line.
pub(crate) fn summary(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(State::Problem), count(State::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (problems, warnings) => format!("Problems: {problems}, warnings: {warnings}."),
    }
}
