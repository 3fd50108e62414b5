//! The verdict about one assumption, and the report of all.

use std::fmt::Write as _;

/// What a check observed: `Ok` confirms the assumption, `Err` refutes it.
pub type Observation = Result<String, String>;

/// The verdict about one assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The ID in docs/assumptions.md.
    pub id: &'static str,
    /// What was observed.
    pub observation: Observation,
}

impl Finding {
    /// Creates a finding.
    pub fn new(id: &'static str, observation: Observation) -> Self {
        Self { id, observation }
    }

    /// Returns the finding as a line of text.
    pub fn line(&self) -> String {
        match &self.observation {
            Ok(observed) => format!("confirmed  {}: {observed}", self.id),
            Err(observed) => format!("REFUTED    {}: {observed}", self.id),
        }
    }
}

/// Returns the report in Markdown. Assumptions without a finding were not checked.
pub fn report(findings: &[Finding], left: &[String]) -> String {
    let count = |confirmed| findings.iter().filter(|finding| finding.observation.is_ok() == confirmed).count();
    let mut text = format!(
        "# Live check\n\n{} assumptions confirmed, {} refuted. docs/assumptions.md describes them.\n\n\
         | Assumption | Verdict | Observed |\n| --- | --- | --- |\n",
        count(true),
        count(false)
    );
    for Finding { id, observation } in findings {
        let (verdict, observed) = match observation {
            Ok(observed) => ("confirmed", observed),
            Err(observed) => ("**refuted**", observed),
        };
        writeln!(text, "| `{id}` | {verdict} | {} |", observed.replace('|', "\\|").replace('\n', " ")).unwrap();
    }
    if left.is_empty() {
        text.push_str("\nEverything that the check created was removed.\n");
    } else {
        writeln!(text, "\nNot removed, so remove it yourself: {}.", left.join(", ")).unwrap();
    }
    text
}
