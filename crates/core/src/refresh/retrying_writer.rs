//! Writes to the vault with retries.

use std::time::Duration;

use tokio::time::Instant;

use super::deadline::Deadline;
use super::rate_limiter::RateLimiter;
use crate::account::AccountName;
use crate::backoff::{Backoff, Jitter, retry};
use crate::document::{Document, VersionId, Versioned};
use crate::entropy::Entropy;
use crate::vault::{AccountStore, ParkedDocuments, VaultError};

/// How often a write starts again because another writer was faster.
const WRITES: usize = 4;

const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(10), jitter: Jitter::Equal };

/// Writes within one run.
pub(super) struct RetryingWriter<'a, V> {
    pub(super) vault: &'a V,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) rate_limiter: &'a RateLimiter,
    pub(super) deadline: &'a Deadline,
}

/// The result of a write.
#[derive(Debug)]
pub(super) enum WriteResult {
    /// The document is stored in this version.
    Written(Versioned),
    /// Another writer's document stays: it holds another token than the one that ours was made of, or the account was
    /// deleted (`None`).
    Superseded(Option<Document>),
    /// The vault accepted nothing.
    Failed(VaultError),
}

/// How long a write is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteRetry {
    /// Until the deadline, because the write carries a token that Instagram has issued.
    UntilDeadline,
    /// Not beyond the SDK's own retries, because the next run can repeat the write.
    Never,
}

impl<V: AccountStore + ParkedDocuments> RetryingWriter<'_, V> {
    /// Stores the next document, unless another writer was faster.
    ///
    /// If the other document still holds the token that we started from (an operator added a note, for example), ours
    /// is written over it. If it holds another token, it is newer and stays.
    pub(super) async fn store(&self, account: &Versioned, mut next: Document, retry: WriteRetry) -> WriteResult {
        let mut version = account.version.clone();
        for _ in 0..WRITES {
            match self.retried(&next.name, retry, || self.vault.replace(&version, &next)).await {
                Ok(version) => {
                    // The account may have moved to another cohort.
                    let cohort = self.vault.cohort_of(&version).or_else(|| account.cohort.clone());
                    return WriteResult::Written(Versioned { version, document: next, cohort });
                }
                Err(VaultError::Conflict) => {}
                Err(error) => return WriteResult::Failed(error),
            }
            match self.retried(&next.name, retry, || self.vault.get(&next.name)).await {
                Ok(Some(theirs)) if same_token(&theirs.document, &account.document) => {
                    next.unknown = theirs.document.unknown;
                    version = theirs.version;
                }
                Ok(theirs) => return WriteResult::Superseded(theirs.map(|theirs| theirs.document)),
                Err(error) => return WriteResult::Failed(error),
            }
        }
        WriteResult::Failed(VaultError::Conflict)
    }

    /// Parks a document next to the current one.
    pub(super) async fn park(
        &self,
        base: &VersionId,
        document: &Document,
        retry: WriteRetry,
    ) -> Result<(), VaultError> {
        self.retried(&document.name, retry, || self.vault.park(base, document)).await
    }

    /// Calls the vault, and retries while it is unavailable: a token that Instagram has issued exists nowhere else yet.
    /// Writes are idempotent, so repeating one is harmless.
    async fn retried<T, F>(
        &self,
        name: &AccountName,
        write_retry: WriteRetry,
        call: impl Fn() -> F,
    ) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        let until = self.deadline.of_write();
        let attempt = async || {
            self.rate_limiter.acquire().await;
            call().await
        };
        let wait = |error: &VaultError, attempt| {
            let is_outage = matches!(error, VaultError::Unavailable { .. } | VaultError::Denied { .. });
            let wait = BACKOFF.delay(attempt, self.entropy);
            if !is_outage || write_retry == WriteRetry::Never || Instant::now() + wait >= until {
                return None;
            }
            if attempt == 1 {
                tracing::warn!(account.name = %name, "retrying until the vault accepts the renewed token: {error}");
            }
            Some(wait)
        };
        retry(attempt, wait).await
    }
}

/// Whether both documents hold the same token, issued at the same time.
fn same_token(one: &Document, other: &Document) -> bool {
    one.access_token == other.access_token && one.issued_at == other.issued_at
}
