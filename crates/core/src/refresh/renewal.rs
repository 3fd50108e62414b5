//! Renewing one account: refresh, prove, store, publish.

use time::OffsetDateTime;
use tokio::sync::Semaphore;

use super::circuit_breaker::CircuitBreaker;
use super::deadline::Deadline;
use super::document_change::{differs_only_in_time, with_data_access};
use super::outcome::RefreshOutcome;
use super::rate_limiter::RateLimiter;
use super::report::{AccountFailure, FailureKind};
use super::retrying_provider::{CallError, RetryingProvider};
use super::retrying_writer::{RetryingWriter, WriteResult, WriteRetry};
use crate::clock::Clock;
use crate::document::{Document, Health, HealthState, LastAttempt, Outcome, Versioned};
use crate::entropy::Entropy;
use crate::events::{self, Event, EventKind, Events};
use crate::policy::{self, Decision, Policy};
use crate::provider::{CheckedToken, TokenApi};
use crate::provider_error::{ErrorCategory, ProviderError, ProviderErrorKind};
use crate::vault::{AccountStore, ParkedDocuments, VaultError};

/// The result for one account.
#[derive(Debug)]
pub(super) struct RenewalResult {
    pub(super) outcome: RefreshOutcome,
    /// The current document.
    pub(super) document: Document,
    pub(super) failure: Option<AccountFailure>,
    /// Whether Instagram confirmed or denied a token that was not due.
    pub(super) checked: bool,
}

/// The dependencies of renewing an account.
pub(super) struct Renewal<'a, P, V, N> {
    pub(super) provider: &'a P,
    pub(super) vault: &'a V,
    pub(super) clock: &'a dyn Clock,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) events: &'a N,
    /// The account's policy.
    pub(super) policy: Policy,
    /// Limits how many accounts Instagram is asked about at the same time.
    pub(super) calls: &'a Semaphore,
    pub(super) rate_limiter: &'a RateLimiter,
    pub(super) deadline: &'a Deadline,
    pub(super) circuit_breaker: &'a CircuitBreaker,
    pub(super) force: bool,
}

/// The next state of an account, before it is stored.
struct Next {
    document: Document,
    outcome: RefreshOutcome,
    retry: WriteRetry,
    failure: Option<AccountFailure>,
}

/// The result if there is nothing to store.
type Early = Box<RenewalResult>;

impl<P: TokenApi, V: AccountStore + ParkedDocuments, N: Events> Renewal<'_, P, V, N> {
    fn decide(&self, document: &Document) -> Decision {
        let now = self.clock.now();
        if self.force { policy::decide_forced(document, now) } else { policy::decide(document, now, &self.policy) }
    }

    fn provider(&self) -> RetryingProvider<'_> {
        RetryingProvider { entropy: self.entropy, deadline: self.deadline, circuit_breaker: self.circuit_breaker }
    }

    fn writer(&self) -> RetryingWriter<'_, V> {
        RetryingWriter {
            vault: self.vault,
            entropy: self.entropy,
            rate_limiter: self.rate_limiter,
            deadline: self.deadline,
        }
    }

    /// Refreshes or probes the account if that is due, and otherwise checks its token if `checks`.
    pub(super) async fn renew(&self, account: Versioned, checks: bool) -> RenewalResult {
        // The semaphore is never closed.
        let calling = self.calls.acquire().await;
        let next = match self.decide(&account.document) {
            Decision::Refresh => self.refresh(&account).await,
            Decision::Probe => self.probe(&account).await,
            // It is the turn of an account of a cohort.
            Decision::AwaitOwner if checks => self.probe(&account).await,
            no_call => return self.check(account, no_call, checks).await,
        };
        drop(calling);
        match next {
            // Nothing new was learned, and a write would store the whole cohort.
            Ok(next) if account.cohort.is_some() && differs_only_in_time(&account.document, &next.document) => {
                self.publish_change(&account.document, &account, next.failure.as_ref(), next.document.last_attempt.at)
                    .await;
                self.finished(next.outcome, account.document, next.failure, next.document.last_attempt.at)
            }
            Ok(next) => self.store(account, next).await,
            Err(early) => *early,
        }
    }

    /// Checks a token that is not due, if `checks`. Writes only if Instagram says that a person must act; any other error
    /// says nothing about the token, and the next check follows.
    async fn check(&self, account: Versioned, no_call: Decision, checks: bool) -> RenewalResult {
        let answer = if checks { Some(self.ask(&account.document).await) } else { None };
        let checked = match answer {
            Some(Err(CallError::Failed(failure)))
                if matches!(failure.category(), ErrorCategory::Attention | ErrorCategory::LoginRequired) =>
            {
                let result = match self.refused(&account, CallError::Failed(failure)).await {
                    // The next check is a day away.
                    Ok(next) => self.store(account, Next { retry: WriteRetry::UntilDeadline, ..next }).await,
                    Err(early) => *early,
                };
                return RenewalResult { checked: true, ..result };
            }
            // A token that never expires has no refresh that would report this.
            Some(Err(CallError::Failed(failure)))
                if failure.category() == ErrorCategory::SetUp && account.document.expires_at.is_none() =>
            {
                let now = self.clock.now();
                self.publish_change(&account.document, &account, None, now).await;
                let report = AccountFailure::provider(&account.document.name, &account.document.username, &failure);
                return self.finished(RefreshOutcome::Failed, account.document, Some(report), now);
            }
            Some(Err(CallError::Failed(failure))) => {
                tracing::info!(account.name = %account.document.name, "token not checked: {}", failure.message());
                false
            }
            Some(Err(CallError::CircuitOpen)) | None => false,
            Some(Ok(token)) => {
                if let Some(next) = with_data_access(&account.document, &token) {
                    return RenewalResult { checked: true, ..self.record(account, next, no_call).await };
                }
                true
            }
        };
        self.publish_change(&account.document, &account, None, self.clock.now()).await;
        RenewalResult { outcome: no_call.into(), document: account.document, failure: None, checked }
    }

    /// Stores what a check has found out. If that fails, the next check finds it again.
    async fn record(&self, account: Versioned, next: Document, no_call: Decision) -> RenewalResult {
        let stored = match self.writer().store(&account, next, WriteRetry::Never).await {
            WriteResult::Written(stored) => stored,
            WriteResult::Superseded(_) | WriteResult::Failed(_) => account.clone(),
        };
        self.publish_change(&account.document, &stored, None, self.clock.now()).await;
        RenewalResult { outcome: no_call.into(), document: stored.document, failure: None, checked: true }
    }

    /// Checks the token of an account that needed its owner, or one that was stored unproven, and renews it if it is due.
    async fn probe(&self, account: &Versioned) -> Result<Next, Early> {
        let token = match self.ask(&account.document).await {
            Ok(token) => token,
            Err(error) => return self.refused(account, error).await,
        };
        let mut document = with_data_access(&account.document, &token).unwrap_or_else(|| account.document.clone());
        document.health = Health::healthy();
        document.username = token.username;
        document.last_attempt = LastAttempt::succeeded(self.clock.now(), Outcome::Probed);
        if self.decide(&document) == Decision::Refresh {
            // Whatever becomes of the refresh, the owner has acted.
            if account.document.last_attempt.outcome == Outcome::Parked {
                document.last_attempt.outcome = Outcome::Parked;
            }
            let mut next = self.refresh(&Versioned { document, ..account.clone() }).await?;
            let (before, after) = (&account.document.health, &mut next.document.health);
            if after.state == before.state {
                // The owner knows already.
                (after.since, after.announced_at) = (before.since, before.announced_at);
            }
            return Ok(next);
        }
        Ok(Next { document, outcome: RefreshOutcome::Refreshed, retry: WriteRetry::Never, failure: None })
    }

    async fn refresh(&self, account: &Versioned) -> Result<Next, Early> {
        let old = &account.document;
        // The parked token is newer than the current one, so prefer it if it works now.
        if old.last_attempt.outcome == Outcome::Parked
            && let Some(next) = self.revived(account).await
        {
            return Ok(next);
        }
        let token = match self.provider().call(|| self.provider.refresh(old)).await {
            Ok(token) => token,
            Err(error) => return self.refused(account, error).await,
        };
        // Read once, so that all times in the document and its event agree.
        let now = self.clock.now();
        let fresh = old.with_token(token, now);
        match self.ask(&fresh).await {
            Ok(token) => Ok(renewed(old, fresh, Some(token), now)),
            Err(CallError::Failed(failure))
                if failure.kind == ProviderErrorKind::OtherAccount || failure.rejects_token() =>
            {
                self.park(account, &fresh, &failure, now).await
            }
            // Instagram issued the token but did not confirm that it works. Store it, and park the old token if it
            // differs.
            Err(_) if fresh.access_token == old.access_token => Ok(renewed(old, fresh, None, now)),
            Err(_) => {
                if let Err(error) = self.writer().park(&account.version, old, WriteRetry::UntilDeadline).await {
                    tracing::warn!(account.name = %old.name, "cannot park the old token: {error}");
                }
                let mut next = renewed(old, fresh, None, now);
                next.document.last_attempt.outcome = Outcome::Unproven;
                Ok(next)
            }
        }
    }

    /// What is known about a document's token. A token of another account is an error.
    async fn ask(&self, document: &Document) -> Result<CheckedToken, CallError> {
        let token = self.provider().call(|| self.provider.check(document)).await?;
        if token.account_id == document.account_id {
            Ok(token)
        } else {
            Err(CallError::Failed(ProviderError::new(ProviderErrorKind::OtherAccount)))
        }
    }

    /// The parked token, if it is worth switching to and works.
    async fn revived(&self, account: &Versioned) -> Option<Next> {
        let current = &account.document;
        let parked = self.vault.parked(&current.name).await.ok().flatten()?;
        let wanted = parked.issued_at > current.issued_at || current.last_attempt.outcome == Outcome::Unproven;
        if !wanted || parked.account_id != current.account_id || parked.access_token == current.access_token {
            return None;
        }
        let token = self.ask(&parked).await.ok()?;
        Some(renewed(current, parked, Some(token), self.clock.now()))
    }

    /// Parks the rejected new token and keeps the old one current.
    async fn park(
        &self,
        account: &Versioned,
        fresh: &Document,
        failure: &ProviderError,
        now: OffsetDateTime,
    ) -> Result<Next, Early> {
        if let Err(error) = self.writer().park(&account.version, fresh, WriteRetry::UntilDeadline).await {
            return Err(Box::new(self.not_stored(account.document.clone(), &error, now)));
        }
        let mut document = account.document.clone();
        document.last_attempt = document.last_attempt.failed(now, Outcome::Parked);
        let failure = AccountFailure::provider(&document.name, &document.username, failure);
        Ok(Next { document, outcome: RefreshOutcome::Failed, retry: WriteRetry::Never, failure: Some(failure) })
    }

    /// Records that Instagram did not renew the token. Only an error about this token, or its expiry, changes the
    /// account's health.
    async fn refused(&self, account: &Versioned, error: CallError) -> Result<Next, Early> {
        let failure = match error {
            CallError::Failed(failure) => failure,
            CallError::CircuitOpen => {
                let document = account.document.clone();
                return Err(Box::new(RenewalResult {
                    outcome: RefreshOutcome::Left,
                    document,
                    failure: None,
                    checked: false,
                }));
            }
        };
        if failure.category() == ErrorCategory::LoginRequired
            && let Some(next) = self.revived(account).await
        {
            return Ok(next);
        }
        let now = self.clock.now();
        let mut document = account.document.clone();
        let attempt = &document.last_attempt;
        let attempt_outcome = match attempt.outcome {
            // The token still needs a check once Instagram answers.
            kept @ (Outcome::Unproven | Outcome::Parked) if !failure.rejects_token() => kept,
            _ => Outcome::Failed,
        };
        document.last_attempt = LastAttempt {
            not_before: policy::not_before(failure.retry_after, now, &self.policy),
            ..attempt.failed(now, attempt_outcome)
        };
        let mut report = AccountFailure::provider(&document.name, &document.username, &failure);
        let outcome = match failure.category() {
            ErrorCategory::LoginRequired => {
                document.health = document.health.worsened(HealthState::LoginRequired, &failure, now);
                RefreshOutcome::LoginRequired
            }
            // An expired token cannot be renewed and never works again (Meta, "refresh access token"). It has expired by
            // our clock, so runs keep asking Instagram until it confirms that.
            _ if policy::has_ended(&document, now) => {
                let ended = ProviderError::new(ProviderErrorKind::Expired);
                document.health = document.health.worsened(HealthState::LoginRequired, &ended, now);
                document.health.presumed = true;
                report.message = format!("{} The last attempt failed: {}", ended.message(), report.message);
                RefreshOutcome::LoginRequired
            }
            ErrorCategory::Attention => {
                document.health = document.health.worsened(HealthState::Attention, &failure, now);
                RefreshOutcome::Attention
            }
            ErrorCategory::Transient | ErrorCategory::Throttled | ErrorCategory::SetUp | ErrorCategory::Unknown => {
                RefreshOutcome::Failed
            }
        };
        Ok(Next { document, outcome, retry: WriteRetry::Never, failure: Some(report) })
    }

    async fn store(&self, account: Versioned, next: Next) -> RenewalResult {
        let Next { document: next, outcome, retry, failure } = next;
        let now = next.last_attempt.at;
        match self.writer().store(&account, next.clone(), retry).await {
            WriteResult::Written(stored) => {
                self.publish_change(&account.document, &stored, failure.as_ref(), now).await;
                self.finished(outcome, stored.document, failure, now)
            }
            WriteResult::Superseded(theirs) => RenewalResult {
                outcome: RefreshOutcome::Conflict,
                document: theirs.unwrap_or(account.document),
                failure: None,
                checked: false,
            },
            WriteResult::Failed(error)
                if outcome == RefreshOutcome::Refreshed && retry == WriteRetry::UntilDeadline =>
            {
                let parked = self.writer().park(&account.version, &next, WriteRetry::Never).await.is_ok();
                tracing::error!(
                    account.name = %next.name,
                    account.parked = parked,
                    "cannot store the renewed token; the old one is still in the vault"
                );
                self.not_stored(account.document, &error, now)
            }
            WriteResult::Failed(error) => self.not_stored(account.document, &error, now),
        }
    }

    /// Publishes the event that is due, if any, and records that. A crash in between leads to a second event rather than
    /// to none.
    async fn publish_change(
        &self,
        before: &Document,
        current: &Versioned,
        failure: Option<&AccountFailure>,
        at: OffsetDateTime,
    ) {
        let document = &current.document;
        let Some(kind) = events::of_change(before, document, at, self.runs_a_week()) else { return };
        let event = |reference| {
            let mut event = Event::about(current, kind, at, reference);
            // A temporary error is not part of the account's health.
            event.reason = event.reason.or_else(|| failure.map(|failure| failure.message.clone()));
            event
        };
        if !events::publish(self.events, self.entropy, event).await {
            return;
        }
        let mut announced = document.clone();
        if document.health.state != HealthState::Healthy {
            announced.health.announced_at = Some(at);
        } else if kind == EventKind::AccessExpiring {
            announced.reminded_days = events::reminder(document, at);
        }
        if announced != *document {
            let document = announced;
            self.rate_limiter.acquire().await;
            if let Err(error) = self.vault.replace(&current.version, &document).await {
                tracing::info!(account.name = %document.name, "cannot record that the event was published, so it may be published again: {error}");
            }
        }
    }

    fn runs_a_week(&self) -> u32 {
        let seconds = self.policy.run_every.whole_seconds().max(1);
        u32::try_from(time::Duration::WEEK.whole_seconds() / seconds).unwrap_or(u32::MAX)
    }

    fn finished(
        &self,
        outcome: RefreshOutcome,
        document: Document,
        failure: Option<AccountFailure>,
        now: OffsetDateTime,
    ) -> RenewalResult {
        let next_attempt_at = policy::next_attempt_at(&document, now, &self.policy);
        let failure = failure.map(|failure| AccountFailure { next_attempt_at, ..failure });
        RenewalResult { outcome, document, failure, checked: false }
    }

    fn not_stored(&self, document: Document, error: &VaultError, now: OffsetDateTime) -> RenewalResult {
        let failure = AccountFailure {
            username: Some(document.username.clone()),
            ..AccountFailure::internal(document.name.as_str(), FailureKind::Vault, error.to_string())
        };
        self.finished(RefreshOutcome::Failed, document, Some(failure), now)
    }
}

/// The next state after a successful renewal.
fn renewed(old: &Document, fresh: Document, token: Option<CheckedToken>, now: OffsetDateTime) -> Next {
    let fresh = token.as_ref().and_then(|token| with_data_access(&fresh, token)).unwrap_or(fresh);
    let document = Document {
        username: token.map_or_else(|| old.username.clone(), |token| token.username),
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(now, Outcome::Refreshed),
        unknown: old.unknown.clone(),
        ..fresh
    };
    Next { document, outcome: RefreshOutcome::Refreshed, retry: WriteRetry::UntilDeadline, failure: None }
}
