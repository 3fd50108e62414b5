//! Each account's health and days left.

use evertoken_core::document::{Document, HealthState};
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::{Vault, VaultError};
use futures_util::{StreamExt, pin_mut};
use time::OffsetDateTime;

use super::finding::Finding;

/// Days left from which on somebody should look: a token is due with 40 days left, so many runs have failed.
const LOOK: i64 = 14;

/// Days left from which on it is urgent.
const URGENT: i64 = 5;

/// All of them, in the order of their names.
pub(super) async fn check<V: Vault>(vault: &V, variables: &Variables, now: OffsetDateTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    // LocalEvents among the variables where it cannot be used.
    let due = variables::policy(variables).unwrap_or_default();
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
        findings.extend(page.accounts.iter().map(|account| of(&account.document, now)));
        findings.extend(page.unreadable.into_iter().map(|thing| {
            let text = format!("{}; it was left alone", thing.reason);
            Finding::problem(
                format!("account {}", thing.name),
                text,
                "Restore it from the version before, or remove it.",
            )
        }));
    }
    findings.sort_by(|one, other| one.subject.cmp(&other.subject));
    if findings.is_empty() {
        let text = format!("none yet; tokens are renewed when they are {} days old", due.refresh_after.whole_days());
        findings.push(Finding::ok("accounts", text));
    }
    findings
}

fn of(document: &Document, now: OffsetDateTime) -> Finding {
    let subject = format!("account {}", document.name);
    let who = format!("@{}", document.username);
    let days = document.expires_at.map(|at| (at - now).whole_days());
    let left = days.map_or_else(|| "no end".to_owned(), |days| format!("{days} days left"));
    let invite = format!("evertoken invite --name {}", document.name);
    let why = || document.health.message.clone().unwrap_or_default();
    let failures = document.last_attempt.failures;
    match (document.health.state, days) {
        (HealthState::LoginRequired, _) => Finding::problem(
            subject,
            format!("{who} needs a new login, {left}. {}", why()),
            format!("Send the owner a link: {invite}"),
        ),
        (HealthState::Attention, _) => {
            let remedy = "The owner follows the message; Evertoken sees by itself when the token works again.";
            Finding::problem(subject, format!("{who} waits for its owner, {left}. {}", why()), remedy)
        }
        (_, Some(days)) if days < URGENT => {
            let remedy = format!("evertoken refresh {}; if that fails, send the owner a link: {invite}", document.name);
            Finding::problem(subject, format!("{who} has {left}"), remedy)
        }
        (_, Some(days)) if days < LOOK => Finding::warning(
            subject,
            format!("{who} has {left}: renewals fail"),
            format!("evertoken refresh {}", document.name),
        ),
        _ if failures > 0 => Finding::warning(
            subject,
            format!("{who} is healthy, {left}; the last {failures} tries failed"),
            "Nothing yet: each run tries again.",
        ),
        _ => Finding::ok(subject, format!("{who} is healthy, {left}")),
    }
}

fn remedy(error: &VaultError) -> &'static str {
    match error {
        VaultError::Denied { .. } => {
            "Check the AWS credentials (AWS_PROFILE) and the permissions secretsmanager:ListSecrets, BatchGetSecretValue and \
             GetSecretValue; over files, the folder's owner."
        }
        _ => "Run this again; check the region and the network if it lasts.",
    }
}
