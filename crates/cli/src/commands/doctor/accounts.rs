//! Checks the health of each account and the time until its token expires.

use std::collections::HashMap;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, HealthState};
use evertoken_core::variables;
use evertoken_core::vault::{AccountStore, VaultError};
use futures_util::{StreamExt, pin_mut};
use time::OffsetDateTime;

use super::finding::Finding;
use super::scopes;
use crate::context::Context;
use crate::error::CliError;
use crate::terminal::plural::{counted, noun};
use crate::vault::vault_option::VaultOption;

/// Fewer days left are a warning. A token is due with 40 days left, so many runs have failed.
const WARNING_DAYS: i64 = 14;

/// Fewer days left are a problem.
const PROBLEM_DAYS: i64 = 5;

/// Facebook: access to data ends on its own, and only the person who connected the account can move that date. The first
/// reminder is sent with so many days left.
const REMINDER_DAYS: i64 = 30;

/// What the accounts of a vault have in common.
#[derive(Debug, Default)]
struct Seen {
    /// The names of each Instagram account, by its ID.
    names: HashMap<AccountId, Vec<AccountName>>,
    /// The accounts whose owners granted a scope that is retired.
    with_retired_scopes: Vec<AccountName>,
}

impl Seen {
    fn add(&mut self, document: &Document) {
        self.names.entry(document.account_id.clone()).or_default().push(document.name.clone());
        if scopes::retired(&document.scopes).next().is_some() {
            self.with_retired_scopes.push(document.name.clone());
        }
    }

    fn findings(self, vault: &VaultOption) -> Vec<Finding> {
        let repeated = self.names.into_values().filter(|names| names.len() > 1);
        let mut findings: Vec<Finding> = repeated.map(|names| same_account(names, vault)).collect();
        if let Some(name) = self.with_retired_scopes.first() {
            let accounts = counted(self.with_retired_scopes.len(), "account");
            let text =
                format!("{accounts} granted scopes that Meta has retired: {}", joined(&self.with_retired_scopes));
            let invite = vault.command(&format!("invite --name {name}"));
            findings.push(Finding::warning("retired scopes", text, format!("Send the owner a link: {invite}")));
        }
        findings
    }
}

/// Both are renewed, and each renewal counts against the account's rate limit.
fn same_account(mut names: Vec<AccountName>, vault: &VaultOption) -> Finding {
    names.sort();
    let text = format!("{} are the same Instagram account", joined(&names));
    let remove = names.iter().map(|name| vault.command(&format!("remove {name}")));
    let remedy = std::iter::once("Remove the names that no application reads:".to_owned()).chain(remove);
    Finding::warning("same account", text, remedy.collect::<Vec<_>>().join("\n"))
}

fn joined(names: &[AccountName]) -> String {
    const SHOWN: usize = 5;
    let mut texts: Vec<String> = names.iter().take(SHOWN).map(ToString::to_string).collect();
    if names.len() > SHOWN {
        texts.push(format!("{} more", names.len() - SHOWN));
    }
    texts.join(", ")
}

/// One finding per account, sorted by name, then what they have in common.
pub(super) async fn check(vault: &impl AccountStore, context: &Context, now: OffsetDateTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = Seen::default();
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
        for account in &page.accounts {
            findings.push(of(&account.document, &context.vault_option, now));
            seen.add(&account.document);
        }
        findings.extend(page.unreadable.into_iter().map(|unreadable| {
            let error = CliError::Vault(VaultError::Unreadable(unreadable.reason.clone()));
            let finding = Finding::failure(format!("account {}", unreadable.name), &error, &context.vault_option);
            Finding { text: unreadable.reason.to_string(), ..finding }
        }));
    }
    findings.sort_by(|one, other| one.subject.cmp(&other.subject));
    if findings.is_empty() {
        let text = {
            let days = due.refresh_after.whole_days();
            format!("none yet; tokens are refreshed after {days} {}", noun(days, "day"))
        };
        findings.push(Finding::ok("accounts", text));
    }
    findings.extend(seen.findings(&context.vault_option));
    findings
}

fn of(document: &Document, vault: &VaultOption, now: OffsetDateTime) -> Finding {
    let subject = format!("account {}", document.name);
    let user = format!("@{}", document.username);
    let days = document.deadline().map(|deadline| (deadline - now).whole_days());
    let what = if needs_a_person(document) { " until access to data ends" } else { " left" };
    let left = days.map_or_else(|| "never expires".to_owned(), |days| format!("{days} {}{what}", noun(days, "day")));
    let refresh = vault.command(&format!("refresh {}", document.name));
    let invite = vault.invite_command(&document.name, document.provider);
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
        (_, Some(days)) if days <= REMINDER_DAYS && needs_a_person(document) => {
            let text = format!("access to the data of {user} ends in {days} {}", noun(days, "day"));
            let remedy = format!(
                "Send a link to the person who connected the account: {invite}. A login renews the access for 90 days; \
                 Evertoken cannot"
            );
            if days < PROBLEM_DAYS {
                Finding::problem(subject, text, remedy)
            } else {
                Finding::warning(subject, text, remedy)
            }
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
            format!("{user} is healthy, {left}; {}", in_a_row(failures)),
            "No action needed yet: every run tries again.",
        ),
        _ => Finding::ok(subject, format!("{user} is healthy, {left}")),
    }
}

/// Whether only a login moves the deadline: the end of access to data, with Facebook Login.
fn needs_a_person(document: &Document) -> bool {
    document.data_access_expires_at.is_some() && document.deadline() == document.data_access_expires_at
}

fn in_a_row(failures: u32) -> String {
    if failures == 1 { "the last attempt failed".to_owned() } else { format!("the last {failures} attempts failed") }
}

pub(super) fn remedy(error: &VaultError) -> &'static str {
    match error {
        VaultError::Denied { .. } => {
            "Check the AWS credentials (AWS_PROFILE) and the permissions secretsmanager:ListSecrets, BatchGetSecretValue and \
             GetSecretValue; for a file vault, check the owner of the folder."
        }
        _ => "Try again. If the error persists, check the region and the network.",
    }
}
