//! Checks the health of each account and the time until its token expires.

use evertoken_core::document::{Document, HealthState};
use evertoken_core::variables;
use evertoken_core::vault::{AccountStore, VaultError};
use futures_util::{StreamExt, pin_mut};
use time::OffsetDateTime;

use super::finding::Finding;
use crate::context::Context;
use crate::vault::vault_option::VaultOption;

/// Fewer days left are a warning. A token is due with 40 days left, so many runs have failed.
const WARNING_DAYS: i64 = 14;

/// Fewer days left are a problem.
const PROBLEM_DAYS: i64 = 5;

/// One finding per account, sorted by name.
pub(super) async fn check(vault: &impl AccountStore, context: &Context, now: OffsetDateTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The configuration check reports a value that cannot be used.
    let due = variables::policy(&context.variables).unwrap_or_default();
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                findings.push(Finding::problem("vault", error.to_string(), remedy(&error)));
                break;
            }
        };
        findings.extend(page.accounts.iter().map(|account| of(&account.document, &context.vault_option, now)));
        findings.extend(page.unreadable.into_iter().map(|unreadable| {
            let subject = format!("account {}", unreadable.name);
            let remedy = "Restore the previous version of the document, or remove the account.";
            Finding::problem(subject, unreadable.reason.to_string(), remedy)
        }));
    }
    findings.sort_by(|one, other| one.subject.cmp(&other.subject));
    if findings.is_empty() {
        let text = format!("none yet; tokens are refreshed after {} days", due.refresh_after.whole_days());
        findings.push(Finding::ok("accounts", text));
    }
    findings
}

fn of(document: &Document, vault: &VaultOption, now: OffsetDateTime) -> Finding {
    let subject = format!("account {}", document.name);
    let user = format!("@{}", document.username);
    let days = document.expires_at.map(|expires_at| (expires_at - now).whole_days());
    let left = days.map_or_else(|| "never expires".to_owned(), |days| format!("{days} days left"));
    let refresh = vault.command(&format!("refresh {}", document.name));
    let invite = vault.command(&format!("invite --name {}", document.name));
    let reason = || document.health.message.clone().unwrap_or_default();
    let failures = document.last_attempt.failures;
    match (document.health.state, days) {
        (HealthState::LoginRequired, _) => Finding::problem(
            subject,
            format!("{user} needs a new login, {left}. {}", reason()),
            format!("Send the owner a link: {invite}"),
        ),
        (HealthState::Attention, _) => {
            let remedy = "The owner follows the message. Evertoken detects when the token works again.";
            Finding::problem(subject, format!("{user} needs its owner, {left}. {}", reason()), remedy)
        }
        (_, Some(days)) if days < PROBLEM_DAYS => {
            let remedy = format!("{refresh}; if that fails, send the owner a link: {invite}");
            Finding::problem(subject, format!("{user} has {left}"), remedy)
        }
        (_, Some(days)) if days < WARNING_DAYS => {
            Finding::warning(subject, format!("{user} has {left}: refreshing it fails"), refresh)
        }
        _ if failures > 0 => Finding::warning(
            subject,
            format!("{user} is healthy, {left}; the last {failures} attempts failed"),
            "No action needed yet: every run tries again.",
        ),
        _ => Finding::ok(subject, format!("{user} is healthy, {left}")),
    }
}

fn remedy(error: &VaultError) -> &'static str {
    match error {
        VaultError::Denied { .. } => {
            "Check the AWS credentials (AWS_PROFILE) and the permissions secretsmanager:ListSecrets, BatchGetSecretValue and \
             GetSecretValue; for a file vault, check the owner of the folder."
        }
        _ => "Try again. If the error persists, check the region and the network.",
    }
}
