//! Checks that something renews the tokens of a vault. For `doctor`, and for `import` right after it has stored a token.

use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::finding::Finding;
use super::schedule;
use crate::aws::stack::Stack;
use crate::aws::stack_error::StackError;
use crate::context::Context;
use crate::vault::account_summary::minute;
use crate::vault::location::VaultLocation;
use crate::vault::run_record::RunRecord;
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "renewal";

/// A service runs every few hours, a command in a crontab once a day.
const LONGEST_GAP: Duration = Duration::hours(26);

/// Checks that a run over the folder was recorded lately. Nothing has to be renewed in a vault that is `empty`.
pub(crate) fn check_local(dir: &Path, is_empty: bool, vault: &VaultOption, now: OffsetDateTime) -> Finding {
    let remedy = || {
        format!(
            "Keep this running: {}\nAs a systemd unit: infra/evertoken.service. Or once a day, in your crontab: {}",
            vault.command("serve"),
            crontab_line(dir),
        )
    };
    match RunRecord::in_folder(dir).read() {
        Some(last) if (now - last).abs() <= LONGEST_GAP => {
            Finding::ok(SUBJECT, format!("the last run was at {} UTC", minute(last)))
        }
        Some(last) => {
            let conclusion = if last > now {
                "which is in the future: check the clock of this machine"
            } else {
                "so nothing renews the tokens any more"
            };
            let text = format!("the last run was at {} UTC, {conclusion}", minute(last));
            Finding::problem(SUBJECT, text, remedy())
        }
        None if is_empty => Finding::ok(SUBJECT, "there is no token to renew yet"),
        None => Finding::warning(SUBJECT, "nothing has renewed the tokens in this folder yet", remedy()),
    }
}

/// A line that works from any folder and without a search path.
fn crontab_line(dir: &Path) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "evertoken".into());
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let [program, dir] = [program, dir].map(|path| shell_words::quote(&path.to_string_lossy()).into_owned());
    // cron reads a percent sign as a line break.
    format!("17 5 * * * {program} refresh --all --local {dir}").replace('%', "\\%")
}

/// Checks that the stack's schedule is enabled. `None` if the operator may not ask, since `doctor` reports that.
pub(crate) async fn check_stack(location: &VaultLocation, context: &Context) -> Option<Finding> {
    let aws = context.aws().await.ok()?;
    match Stack::read(context, location.stack_name()).await {
        Ok(stack) => Some(schedule::check_enabled(&aws.config(), &stack).await.0),
        Err(StackError::NotFound(name)) => {
            let text = format!("there is no stack {name}, and so no schedule that renews the tokens");
            let refresh = context.vault_option.command("refresh --all");
            let remedy = format!(
                "Select your stack with --stack NAME, or deploy one: `sam build && sam deploy`. Until then, run this once a \
                 day: {refresh}"
            );
            Some(Finding::warning(SUBJECT, text, remedy))
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crontab_line_works_from_any_folder_and_escapes_what_cron_reads_as_a_line_break() {
        let parent = tempfile::TempDir::new().unwrap();
        let dir = parent.path().join("50% off");
        std::fs::create_dir(&dir).unwrap();
        let line = crontab_line(&dir.join("..").join("50% off"));
        let parent = parent.path().canonicalize().unwrap();
        let expected = format!(" refresh --all --local '{}/50\\% off'", parent.display());
        assert!(line.starts_with("17 5 * * * ") && line.ends_with(&expected), "{line}");
    }
}
