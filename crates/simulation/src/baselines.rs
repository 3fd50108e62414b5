//! The baselines: simple renewal jobs that use the same provider and the same vault.
//!
//! Each stores the returned token with its real expiry, and never gives up on an account. The baselines read the vault
//! without faults, which is in their favor.

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::Document;
use evertoken_core::provider::Provider;
use evertoken_core::vault::AccountStore;
use time::Duration;

use crate::clock::{HOURS_PER_DAY, Hour, START};
use crate::plan::AccountPlan;
use crate::renewal_strategy::RenewalStrategy;
use crate::testbed::Testbed;

/// An attempt to renew the token of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenewalAttempt {
    pub(crate) name: String,
    pub(crate) succeeded: bool,
}

/// The hour at which jobs run.
const JOB_HOUR: Hour = 3;

/// The hour at which pages are viewed.
const VIEW_HOUR: Hour = 12;

/// Runs a baseline's job of this hour. `accounts` are in the order in which they were connected.
pub(crate) async fn run(
    testbed: &Testbed,
    strategy: RenewalStrategy,
    hour: Hour,
    accounts: &[&AccountPlan],
) -> Vec<RenewalAttempt> {
    let (day, hour) = (hour / HOURS_PER_DAY, hour % HOURS_PER_DAY);
    match strategy {
        RenewalStrategy::TwoDaysBeforeExpiry if hour == JOB_HOUR => {
            renew_all(testbed, accounts, |document| expires_within(testbed, document, Duration::days(2))).await
        }
        RenewalStrategy::MonthlyCron if hour == JOB_HOUR && is_first_of_month(day) => {
            renew_all(testbed, accounts, |_| true).await
        }
        RenewalStrategy::WeeklyUntilFirstError if hour == JOB_HOUR && day.is_multiple_of(7) => {
            renew_until_first_error(testbed, accounts).await
        }
        RenewalStrategy::OnUseOnly if hour == VIEW_HOUR => {
            let viewed: Vec<_> = accounts.iter().copied().filter(|account| is_viewed(account, day)).collect();
            renew_all(testbed, &viewed, |document| expires_within(testbed, document, Duration::days(10))).await
        }
        _ => Vec::new(),
    }
}

fn is_first_of_month(day: u32) -> bool {
    START.saturating_add(Duration::days(day.into())).day() == 1
}

fn is_viewed(account: &AccountPlan, day: u32) -> bool {
    day >= account.first_view && (day - account.first_view).is_multiple_of(account.view_interval)
}

fn expires_within(testbed: &Testbed, document: &Document, time: Duration) -> bool {
    document.expires_at.is_some_and(|expires_at| expires_at - testbed.clock.now() <= time)
}

async fn renew_all(
    testbed: &Testbed,
    accounts: &[&AccountPlan],
    is_due: impl Fn(&Document) -> bool,
) -> Vec<RenewalAttempt> {
    let mut attempts = Vec::new();
    for account in accounts {
        attempts.extend(renew(testbed, account, &is_due).await);
    }
    attempts
}

async fn renew_until_first_error(testbed: &Testbed, accounts: &[&AccountPlan]) -> Vec<RenewalAttempt> {
    let mut attempts = Vec::new();
    for account in accounts {
        let attempt = renew(testbed, account, |_| true).await;
        let failed = attempt.as_ref().is_some_and(|attempt| !attempt.succeeded);
        attempts.extend(attempt);
        if failed {
            break;
        }
    }
    attempts
}

/// `None` if the account does not exist or its token is not due.
async fn renew(testbed: &Testbed, account: &AccountPlan, is_due: impl Fn(&Document) -> bool) -> Option<RenewalAttempt> {
    let name: AccountName = account.name.parse().ok()?;
    let attempt = |succeeded| Some(RenewalAttempt { name: account.name.clone(), succeeded });
    let stored = testbed.vault.get(&name).await.ok()??;
    if !is_due(&stored.document) {
        return None;
    }
    let Ok(token) = testbed.provider.refresh(&stored.document.access_token).await else { return attempt(false) };
    let next = stored.document.with_token(token, testbed.clock.now());
    attempt(testbed.faulty_vault.replace(&stored.version, &next).await.is_ok())
}
