//! A simple renewal job, as the baselines use it, with the same provider and the same vault as Evertoken.
//!
//! It stores the returned token with its real expiry, and never gives up on an account. It reads the vault without faults,
//! which is in its favor.

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::provider::TokenApi;
use evertoken_core::vault::{AccountStore, VaultError};

use crate::plan::AccountPlan;
use crate::testbed::Testbed;

/// AWS's SDKs make this many attempts by default (AWS SDKs and Tools Reference Guide, "Retry behavior").
const WRITE_ATTEMPTS: u32 = 3;

/// An attempt to renew the token of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenewalAttempt {
    pub(crate) name: String,
    pub(crate) result: RenewalResult,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RenewalResult {
    Renewed,
    /// A call failed for a reason that may be temporary.
    Failed,
    /// Instagram answered that the token does not work.
    Rejected,
}

pub(crate) struct RenewalJob<'a> {
    pub(crate) testbed: &'a Testbed,
}

impl RenewalJob<'_> {
    /// Tries each token that is due once.
    pub(crate) async fn renew_all(
        &self,
        accounts: &[&AccountPlan],
        is_due: impl Fn(&Document) -> bool,
    ) -> Vec<RenewalAttempt> {
        let mut attempts = Vec::new();
        for account in accounts {
            attempts.extend(self.renew(account, &is_due).await);
        }
        attempts
    }

    pub(crate) async fn renew_until_first_error(&self, accounts: &[&AccountPlan]) -> Vec<RenewalAttempt> {
        let mut attempts = Vec::new();
        for account in accounts {
            let attempt = self.renew(account, |_| true).await;
            let failed = attempt.as_ref().is_some_and(|attempt| attempt.result != RenewalResult::Renewed);
            attempts.extend(attempt);
            if failed {
                break;
            }
        }
        attempts
    }

    /// `None` if the account does not exist or its token is not due.
    async fn renew(&self, account: &AccountPlan, is_due: impl Fn(&Document) -> bool) -> Option<RenewalAttempt> {
        let name: AccountName = account.name.parse().ok()?;
        let attempt = |result| Some(RenewalAttempt { name: account.name.clone(), result });
        let stored = self.testbed.vault.get(&name).await.ok()??;
        if !is_due(&stored.document) {
            return None;
        }
        let token = match self.testbed.provider.refresh(&stored.document).await {
            Ok(token) => token,
            Err(error) if error.rejects_token() => return attempt(RenewalResult::Rejected),
            Err(_) => return attempt(RenewalResult::Failed),
        };
        let next = stored.document.with_token(token, self.testbed.clock.now());
        let is_stored = self.store(&stored.version, &next).await;
        attempt(if is_stored { RenewalResult::Renewed } else { RenewalResult::Failed })
    }

    /// Retries a failed write, as AWS's SDKs do by default.
    async fn store(&self, version: &VersionId, next: &Document) -> bool {
        for _ in 0..WRITE_ATTEMPTS {
            match self.testbed.faulty_vault.replace(version, next).await {
                // A conflict means that an earlier attempt took effect although it returned an error.
                Ok(_) | Err(VaultError::Conflict) => return true,
                Err(_) => {}
            }
        }
        false
    }
}
