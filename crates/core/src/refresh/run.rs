//! A run over all accounts or some of them.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{StreamExt, pin_mut};
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;

use super::circuit_breaker::CircuitBreaker;
use super::deadline::Deadline;
use super::due::{Due, sort};
use super::observed_report::ObservedReport;
use super::outcome::RefreshOutcome;
use super::rate_limiter::RateLimiter;
use super::renewal::{Renewal, RenewalResult};
use super::report::{AccountFailure, FailureKind, Report};
use super::request::Request;
use super::run_observer::RunObserver;
use super::task_set::TaskSet;
use crate::account::AccountName;
use crate::clock::Clock;
use crate::document::Versioned;
use crate::entropy::Entropy;
use crate::events;
use crate::events::Events;
use crate::policy::{self, Policy};
use crate::provider::TokenApi;
use crate::vault::{AccountStore, PAGE_SIZE, Page, ParkedDocuments, Unreadable, VaultError};

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The number of accounts about which Instagram is asked at the same time.
    pub concurrency: usize,
    /// The number of accounts that may wait for the vault in addition: renewed tokens that are not stored yet.
    pub waiting_for_vault: usize,
    /// Writes to the vault per second; `None` if the vault limits them itself.
    pub writes_per_second: Option<u32>,
    /// No account is started later than this before the deadline, or later than a quarter of the available time.
    pub margin: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16, waiting_for_vault: 0, writes_per_second: Some(40), margin: Duration::seconds(45) }
    }
}

/// The run could not read any account.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("cannot read the accounts: {0}")]
pub struct RunError(#[from] pub VaultError);

/// Refreshes the accounts that are due.
pub struct Refresher<P, V, N> {
    /// Renews and verifies tokens.
    pub provider: P,
    /// Stores account documents.
    pub vault: V,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of random bytes for jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Publishes events.
    pub events: N,
    /// When tokens are due.
    pub policy: Policy,
    /// The limits of a run.
    pub limits: Limits,
}

/// How many documents a run keeps after the initial scan, about 4 MB.
const KEPT: usize = 2_000;

/// How many kept documents are started as one batch.
const AT_ONCE: usize = 80;

/// Counts an account that was not started.
fn leave<L: RunObserver>(due: &Due, report: &mut ObservedReport<'_, L>) {
    report.count(due.unstarted, due.document.as_ref().map(|account| &account.document));
    if due.document.is_none() {
        report.count_health(due.health, due.deadline);
    }
}

/// Reports that accounts could not be read.
pub(super) fn unread<L: RunObserver>(error: &VaultError, report: &mut ObservedReport<'_, L>) {
    tracing::error!("cannot read some of the accounts: {error}");
    let message = format!("Some accounts could not be read: {error}.");
    report.failures.push(AccountFailure::internal("", FailureKind::Vault, message));
    report.incomplete = true;
}

/// Reports a value that is not an account document.
fn unreadable<L: RunObserver>(value: Unreadable, report: &mut ObservedReport<'_, L>) {
    tracing::warn!(
        account.name = value.name,
        reason = %value.reason,
        "a value in the vault is not an account document and was not changed"
    );
    report.unreadable(value);
}

/// The state that all tasks of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    begun_at: tokio::time::Instant,
    force: bool,
    dry_run: bool,
    started_at: OffsetDateTime,
    /// How far back to look for accounts whose turn it was to be checked.
    check_window: Duration,
    deadline: Deadline,
    circuit_breaker: CircuitBreaker,
    rate_limiter: RateLimiter,
    /// One permit for each account about which Instagram may be asked.
    calls: Semaphore,
}

impl<P: TokenApi, V: AccountStore + ParkedDocuments, N: Events> Refresher<P, V, N> {
    /// Reads the accounts of `request` and refreshes those that are due, soonest expiry first. Stops starting accounts when
    /// `deadline` is near or when Instagram limits the app; the next run continues.
    ///
    /// The failure of one account is an entry in the report. An error means that no account could be read.
    pub async fn run(
        self: &Arc<Self>,
        request: &Request,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Report, RunError> {
        self.run_observed(&(), request, deadline).await
    }

    /// Like [`run`](Self::run), with an observer.
    pub async fn run_observed<L: RunObserver>(
        self: &Arc<Self>,
        observer: &L,
        request: &Request,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Report, RunError> {
        let shared = self.begin(request, deadline);
        let mut report = ObservedReport::new(observer);
        let due = match &request.accounts {
            None => self.scan_all(&shared, &mut report).await?,
            Some(names) => self.scan_named(names, &shared, &mut report).await?,
        };
        Ok(self.finish(due, &shared, report).await)
    }

    /// The state of a run that begins now.
    pub(super) fn begin(&self, request: &Request, deadline: Option<OffsetDateTime>) -> Arc<Shared> {
        Arc::new(Shared {
            begun_at: tokio::time::Instant::now(),
            force: request.force,
            dry_run: request.dry_run,
            started_at: self.clock.now(),
            check_window: if request.check_missed { Duration::MAX } else { policy::check_window(&self.policy) },
            deadline: Deadline::new(deadline.map(|deadline| deadline - self.clock.now()), self.limits.margin),
            circuit_breaker: CircuitBreaker::default(),
            rate_limiter: self.limits.writes_per_second.map_or_else(RateLimiter::unlimited, RateLimiter::new),
            calls: Semaphore::new(self.limits.concurrency.max(1)),
        })
    }

    /// Renews the accounts that a scan has found.
    pub(super) async fn finish<L: RunObserver>(
        self: &Arc<Self>,
        mut due: Vec<Due>,
        shared: &Arc<Shared>,
        mut report: ObservedReport<'_, L>,
    ) -> Report {
        sort(&mut due);
        report.observer.due(due.iter().filter(|due| due.is_renewal()).count());
        if shared.dry_run {
            for due in &due {
                leave(due, &mut report);
            }
        } else {
            self.renew_all(due, shared, &mut report).await;
        }
        report.app_limited_for = shared.circuit_breaker.open_for();
        report.duration_ms = u64::try_from(shared.begun_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        report.into_report()
    }

    async fn scan_all<L: RunObserver>(
        &self,
        shared: &Shared,
        report: &mut ObservedReport<'_, L>,
    ) -> Result<Vec<Due>, VaultError> {
        let mut due = Vec::new();
        let mut first_error = None;
        let acts_on = self.acts_on(shared);
        let pages = self.vault.scan(&acts_on);
        pin_mut!(pages);
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => self.classify(page, shared, report, &mut due),
                Err(error) if first_error.is_none() => first_error = Some(error),
                Err(error) => unread(&error, report),
            }
        }
        match first_error {
            Some(error) if report.accounts == 0 => Err(error),
            // The accounts that could be read are refreshed; the next run reads the others.
            Some(error) => {
                unread(&error, report);
                Ok(due)
            }
            None => Ok(due),
        }
    }

    async fn scan_named<L: RunObserver>(
        &self,
        names: &[AccountName],
        shared: &Shared,
        report: &mut ObservedReport<'_, L>,
    ) -> Result<Vec<Due>, VaultError> {
        let mut due = Vec::new();
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        for names in names.chunks(PAGE_SIZE) {
            let page = self.vault.get_many(names).await?;
            let absent = names.iter().filter(|name| {
                !page.accounts.iter().any(|account| account.document.name == **name)
                    && !page.unreadable.iter().any(|unreadable| unreadable.name == name.as_str())
            });
            for name in absent {
                report.accounts += 1;
                report.failed += 1;
                tracing::warn!(account.name = %name, "the vault has no account with this name");
                let message = "The vault has no account with this name.";
                report.failures.push(AccountFailure::internal(name.as_str(), FailureKind::NotFound, message));
            }
            self.classify(page, shared, report, &mut due);
        }
        Ok(due)
    }

    /// Counts the accounts that need nothing and keeps the others.
    pub(super) fn classify<L: RunObserver>(
        &self,
        page: Page,
        shared: &Shared,
        report: &mut ObservedReport<'_, L>,
        due: &mut Vec<Due>,
    ) {
        report.accounts += page.accounts.len() + page.unreadable.len();
        page.unreadable.into_iter().for_each(|value| unreadable(value, report));
        for account in page.accounts {
            let document = &account.document;
            let unstarted = self.unstarted(&account, shared);
            if self.is_due(&account, unstarted, shared) {
                let (deadline, name, health) = (document.deadline(), document.name.clone(), document.health.state);
                let cohort = account.cohort.clone();
                let document = (due.len() < KEPT).then(|| Box::new(account));
                due.push(Due { unstarted, deadline, name, cohort, health, document });
            } else {
                report.count(unstarted, Some(document));
            }
        }
    }

    /// Whether the run acts on an account.
    pub(super) fn acts_on(&self, shared: &Shared) -> impl Fn(&Versioned) -> bool + Send + Sync {
        |account| self.is_due(account, self.unstarted(account, shared), shared)
    }

    fn is_due(&self, account: &Versioned, unstarted: RefreshOutcome, shared: &Shared) -> bool {
        unstarted == RefreshOutcome::Left || (!shared.dry_run && self.is_check_due(account, shared))
    }

    /// The outcome for an account that is not started: [`RefreshOutcome::Left`] if it is due.
    fn unstarted(&self, account: &Versioned, shared: &Shared) -> RefreshOutcome {
        let (now, document) = (self.clock.now(), &account.document);
        let decision = if shared.force {
            policy::decide_forced(document, now)
        } else {
            policy::decide(document, now, &self.policy.of(account.cohort.as_ref()))
        };
        let reminds = !shared.dry_run && self.events.is_enabled() && events::is_due(document, now);
        if decision.acts() || reminds { RefreshOutcome::Left } else { decision.into() }
    }

    fn is_check_due(&self, account: &Versioned, shared: &Shared) -> bool {
        let policy = self.policy.of(account.cohort.as_ref());
        policy::is_check_due(&account.document, shared.started_at, shared.check_window, &policy)
    }

    async fn renew_all<L: RunObserver>(
        self: &Arc<Self>,
        due: Vec<Due>,
        shared: &Arc<Shared>,
        report: &mut ObservedReport<'_, L>,
    ) {
        let observer = report.observer;
        let ends = || shared.deadline.is_near() || shared.circuit_breaker.is_open() || !observer.should_continue();
        let free = Arc::new(Semaphore::new(self.limits.concurrency.max(1) + self.limits.waiting_for_vault));
        let mut tasks = TaskSet::default();
        let mut due = due.into_iter().peekable();
        while due.peek().is_some() {
            if ends() {
                due.by_ref().for_each(|due| leave(&due, report));
                break;
            }
            for account in self.next_page(&mut due, shared, report).await {
                // The semaphore is never closed, so this never fails.
                let Ok(permit) = Arc::clone(&free).acquire_owned().await else { break };
                if ends() {
                    report.count(self.unstarted(&account, shared), Some(&account.document));
                    continue;
                }
                let (this, shared) = (Arc::clone(self), Arc::clone(shared));
                tasks.spawn(account.document.name.clone(), async move {
                    let renewed = this.renew(account, &shared).await;
                    drop(permit);
                    renewed
                });
                tasks.collect_finished(report);
            }
        }
        tasks.collect_all(report).await;
    }

    /// The documents of the next batch, read again in one call unless they were kept.
    async fn next_page<L: RunObserver>(
        &self,
        due: &mut impl Iterator<Item = Due>,
        shared: &Shared,
        report: &mut ObservedReport<'_, L>,
    ) -> Vec<Versioned> {
        let (mut accounts, mut names, mut known) = (Vec::new(), Vec::new(), Vec::new());
        let mut places = HashMap::new();
        for due in due {
            places.insert(due.name.clone(), places.len());
            if let Some(document) = due.document {
                accounts.push(*document);
            } else {
                names.push(due.name);
                known.push((due.health, due.deadline));
            }
            // One call's worth. Kept documents cost no call, but should not wait long either.
            if names.len() == self.vault.most_at_once() || accounts.len() == AT_ONCE {
                break;
            }
        }
        if !names.is_empty() {
            match self.vault.get_many(&names).await {
                Ok(page) => {
                    let gone = names.len().saturating_sub(page.accounts.len() + page.unreadable.len());
                    // Accounts deleted since the initial scan are not counted.
                    report.accounts = report.accounts.saturating_sub(gone);
                    page.unreadable.into_iter().for_each(|value| unreadable(value, report));
                    accounts.extend(page.accounts);
                }
                Err(error) => {
                    for (name, (health, deadline)) in names.iter().zip(known) {
                        tracing::warn!(account.name = %name, "cannot read the account: {error}");
                        report.failed += 1;
                        report.count_health(health, deadline);
                        report.failures.push(AccountFailure::internal(
                            name.as_str(),
                            FailureKind::Vault,
                            error.to_string(),
                        ));
                    }
                }
            }
        }
        // An account may have been renewed since.
        accounts.sort_by_cached_key(|account| {
            (self.unstarted(account, shared) != RefreshOutcome::Left, places.get(&account.document.name).copied())
        });
        accounts
    }

    async fn renew(&self, account: Versioned, shared: &Shared) -> RenewalResult {
        let renewal = Renewal {
            provider: &self.provider,
            vault: &self.vault,
            clock: self.clock.as_ref(),
            entropy: self.entropy.as_ref(),
            events: &self.events,
            policy: self.policy.of(account.cohort.as_ref()),
            calls: &shared.calls,
            rate_limiter: &shared.rate_limiter,
            deadline: &shared.deadline,
            circuit_breaker: &shared.circuit_breaker,
            force: shared.force,
        };
        let checks = self.is_check_due(&account, shared);
        renewal.renew(account, checks).await
    }
}
