//! Prints the findings: grouped, with the checks that passed on one line per group.

use std::fmt::Write;

use super::finding::{Finding, Group, Severity};
use crate::error::Result;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::terminal::table::{BAD, GOOD, PLAIN, WARNING};

/// The most checks that passed to name on one line.
const NAMED: usize = 8;

/// Which findings to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Checks that passed are only counted.
    Collapsed,
    All,
}

pub(super) fn print(findings: &[Finding], detail: Detail) -> Result<()> {
    for group in Group::ALL {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.group == group).collect();
        if found.is_empty() {
            continue;
        }
        let (title, bold) = (group.title(), PLAIN.bold());
        output::styled(&format!("{bold}{title}{bold:#}"))?;
        let shown = |finding: &&&Finding| detail == Detail::All || finding.state != Severity::Ok;
        for finding in found.iter().filter(shown) {
            lines(finding).iter().try_for_each(|line| output::styled(line))?;
        }
        let passed: Vec<&str> = found.iter().filter(|each| !shown(each)).map(|each| each.subject.as_str()).collect();
        if !passed.is_empty() {
            output::styled(&format!("{}  {}", label(Severity::Ok), collapsed(group, &passed)))?;
        }
    }
    Ok(())
}

/// The finding and its remedy, with color codes.
fn lines(finding: &Finding) -> Vec<String> {
    let first = format!("{}  {}: {}", label(finding.state), finding.subject, finding.text);
    let remedy = finding.remedy.iter().flat_map(|remedy| remedy.lines());
    std::iter::once(first).chain(remedy.map(|line| format!("         -> {line}"))).collect()
}

fn label(state: Severity) -> String {
    let (text, style) = match state {
        Severity::Ok => ("ok     ", GOOD),
        Severity::Warning => ("warning", WARNING),
        Severity::Problem => ("PROBLEM", BAD),
    };
    format!("{style}{text}{style:#}")
}

fn collapsed(group: Group, passed: &[&str]) -> String {
    match (group, passed) {
        (Group::Accounts, ["accounts"]) => "no account is connected yet".to_owned(),
        (Group::Accounts, _) => counted(passed.len(), "healthy account"),
        (_, named) if named.len() <= NAMED => named.join(", "),
        (_, many) => counted(many.len(), "check"),
    }
}

/// The last line.
pub(super) fn summary(findings: &[Finding], detail: Detail) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (problems, warnings, passed) = (count(Severity::Problem), count(Severity::Warning), count(Severity::Ok));
    let mut summary = match (problems, warnings) {
        (0, 0) => "No problems found.".to_owned(),
        (problems, warnings) => format!("Problems: {problems}, warnings: {warnings}."),
    };
    if detail == Detail::Collapsed && passed > 0 {
        // Writing to a text does not fail.
        write!(summary, " --verbose shows {} as well.", counted(passed, "check that passed")).ok();
    }
    summary
}
