//! A run over all accounts, or over some.

use std::sync::Arc;

use futures_util::{StreamExt, pin_mut};
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Pace;
use super::renewal::{End, Renewal, Renewed};
use super::report::{AccountFailure, Report, Request};
use crate::account::AccountName;
use crate::document::{Document, HealthState, Versioned};
use crate::policy::{self, Policy};
use crate::ports::{Clock, PAGE, Page, Provider, Vault, VaultError};

/// How much a run may do at once, and how near to its deadline it may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Accounts in work at the same time.
    pub concurrency: usize,
    /// Writes to the vault a second.
    pub writes_per_second: u32,
    /// No new account is begun later than this before the deadline, or than a quarter of the time there was.
    pub margin: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16, writes_per_second: 40, margin: Duration::seconds(45) }
    }
}

/// The run as a whole could not be made.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("no account could be looked at: {0}")]
pub struct RunError(#[from] pub VaultError);

/// Renews whatever is due.
#[derive(Debug)]
pub struct Refresher<P, V, C> {
    /// Who renews.
    pub provider: P,
    /// Where the documents are.
    pub vault: V,
    /// What time it is.
    pub clock: C,
    /// When a token is due.
    pub policy: Policy,
    /// How much at once.
    pub limits: Limits,
}

/// What a run remembers of an account that is due: no more, so that a hundred thousand fit into a small Lambda.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    expires_at: Option<OffsetDateTime>,
    name: AccountName,
}

impl<P: Provider, V: Vault, C: Clock> Refresher<P, V, C> {
    /// Looks at every account that `request` means and renews those that are due, soonest expiry first. Stops beginning
    /// new ones when `deadline` comes near; the next run goes on.
    ///
    /// One account's failure is an entry in the report. An error means that none could be looked at.
    pub async fn run(
        self: &Arc<Self>,
        request: &Request,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Report, RunError> {
        let begun_at = tokio::time::Instant::now();
        let last_begin = deadline.map(|deadline| {
            let time_given = (deadline - self.clock.now()).max(Duration::ZERO);
            deadline - self.limits.margin.min(time_given / 4)
        });
        let mut report = Report::default();
        let mut due = match &request.accounts {
            None => self.look_at_all(&mut report).await?,
            Some(names) => self.look_at(names, request.force, &mut report).await?,
        };
        due.sort();
        if request.dry_run {
            for due in &due {
                report.leave(due.expires_at);
            }
        } else {
            self.renew_all(due, request.force, last_begin, &mut report).await;
        }
        report.duration_ms = u64::try_from(begun_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(report)
    }

    async fn look_at_all(&self, report: &mut Report) -> Result<Vec<Due>, VaultError> {
        let mut due = Vec::new();
        let pages = self.vault.list();
        pin_mut!(pages);
        while let Some(page) = pages.next().await {
            self.sort_out(page?, false, report, &mut due);
        }
        Ok(due)
    }

    async fn look_at(&self, names: &[AccountName], force: bool, report: &mut Report) -> Result<Vec<Due>, VaultError> {
        let mut due = Vec::new();
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        for names in names.chunks(PAGE) {
            let page = self.vault.get_page(names).await?;
            let absent = names.iter().filter(|name| {
                !page.accounts.iter().any(|account| account.document.name == **name)
                    && !page.unreadable.iter().any(|unreadable| unreadable.name == name.as_str())
            });
            for name in absent {
                report.accounts += 1;
                report.failed += 1;
                let message = "There is no account of this name in the vault.";
                report.failures.push(AccountFailure::ours(name.as_str(), "not_found", message));
            }
            self.sort_out(page, force, report, &mut due);
        }
        Ok(due)
    }

    /// Counts what needs nothing and keeps what does.
    fn sort_out(&self, page: Page, force: bool, report: &mut Report, due: &mut Vec<Due>) {
        let now = self.clock.now();
        report.accounts += page.accounts.len() + page.unreadable.len();
        for unreadable in page.unreadable {
            tracing::warn!(
                account.name = unreadable.name,
                reason = %unreadable.reason,
                "a value in the vault is no account document; it was left alone"
            );
            report.failed += 1;
            let message = format!("It was left alone: {}.", unreadable.reason);
            report.failures.push(AccountFailure::ours(unreadable.name, "unreadable", message));
        }
        for Versioned { document, .. } in page.accounts {
            let decision = if force {
                policy::decide_forced(&document, now)
            } else {
                policy::decide(&document, now, &self.policy)
            };
            if decision.acts() {
                due.push(Due { expires_at: document.expires_at, name: document.name });
            } else {
                let end = match decision {
                    policy::Decision::TooYoung => End::TooYoung,
                    policy::Decision::AwaitOwner => End::Attention,
                    policy::Decision::AwaitLogin => End::LoginRequired,
                    _ => End::NotDue,
                };
                count(report, end, Some(&document));
            }
        }
    }

    async fn renew_all(
        self: &Arc<Self>,
        due: Vec<Due>,
        force: bool,
        last_begin: Option<OffsetDateTime>,
        report: &mut Report,
    ) {
        let time_is_up = || last_begin.is_some_and(|last| self.clock.now() >= last);
        let free = Arc::new(Semaphore::new(self.limits.concurrency.max(1)));
        let writes = Arc::new(Pace::new(self.limits.writes_per_second));
        let mut work = Work { tasks: JoinSet::new(), names: std::collections::HashMap::new() };
        for chunk in due.chunks(PAGE) {
            if time_is_up() {
                for due in chunk {
                    report.leave(due.expires_at);
                }
                continue;
            }
            let names: Vec<AccountName> = chunk.iter().map(|due| due.name.clone()).collect();
            match self.vault.get_page(&names).await {
                Ok(page) => {
                    let gone = chunk.len().saturating_sub(page.accounts.len() + page.unreadable.len());
                    // Removed since the first look: no longer ours to count.
                    report.accounts = report.accounts.saturating_sub(gone);
                    for unreadable in page.unreadable {
                        report.failed += 1;
                        let message = format!("It was left alone: {}.", unreadable.reason);
                        report.failures.push(AccountFailure::ours(unreadable.name, "unreadable", message));
                    }
                    for account in page.accounts {
                        // The semaphore is never closed, so a permit always comes.
                        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { break };
                        if time_is_up() {
                            report.leave(account.document.expires_at);
                            continue;
                        }
                        let (this, writes) = (Arc::clone(self), Arc::clone(&writes));
                        work.begin(account.document.name.clone(), async move {
                            let renewed = this.renew(account, force, &writes).await;
                            drop(permit);
                            renewed
                        });
                        work.collect_finished(report);
                    }
                }
                Err(error) => {
                    for due in chunk {
                        report.failed += 1;
                        report.expires(due.expires_at);
                        report.failures.push(AccountFailure::ours(due.name.as_str(), "vault", error.to_string()));
                    }
                }
            }
        }
        work.collect_all(report).await;
    }

    async fn renew(&self, account: Versioned, force: bool, pace: &Pace) -> Renewed {
        let renewal = Renewal {
            provider: &self.provider,
            vault: &self.vault,
            clock: &self.clock,
            policy: &self.policy,
            pace,
            force,
        };
        renewal.renew(account).await
    }
}

/// Accounts in work, each in a task of its own: a panic ends that task and no other.
struct Work {
    tasks: JoinSet<Renewed>,
    names: std::collections::HashMap<tokio::task::Id, AccountName>,
}

impl Work {
    fn begin(&mut self, name: AccountName, task: impl Future<Output = Renewed> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    fn collect_finished(&mut self, report: &mut Report) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.take(ended, report);
        }
    }

    async fn collect_all(&mut self, report: &mut Report) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.take(ended, report);
        }
    }

    fn take(&mut self, ended: Result<(tokio::task::Id, Renewed), tokio::task::JoinError>, report: &mut Report) {
        match ended {
            Ok((id, renewed)) => {
                self.names.remove(&id);
                count(report, renewed.end, Some(&renewed.document));
                if let Some(failure) = renewed.failure {
                    tracing::warn!(
                        account.name = failure.name,
                        failure.kind = failure.kind,
                        failure.code = failure.code,
                        failure.subcode = failure.subcode,
                        failure.trace_id = failure.trace_id,
                        "an account was not renewed: {}",
                        failure.message
                    );
                    report.failures.push(failure);
                }
            }
            Err(error) => {
                let name = self.names.remove(&error.id()).map_or_else(String::new, |name| name.to_string());
                // The panic's own message may hold anything: it is not repeated.
                tracing::error!(account.name = name, "the work on an account panicked");
                count(report, End::Failed, None);
                let message = "The work on this account ended in a panic. Please report it.";
                report.failures.push(AccountFailure::ours(name, "panic", message));
            }
        }
    }
}

fn count(report: &mut Report, end: End, document: Option<&Document>) {
    *match end {
        End::Refreshed => &mut report.refreshed,
        End::NotDue => &mut report.not_due,
        End::TooYoung => &mut report.too_young,
        End::Attention => &mut report.attention,
        End::LoginRequired => &mut report.login_required,
        End::Failed => &mut report.failed,
        End::Conflict => &mut report.conflicts,
    } += 1;
    if let Some(document) = document
        && document.health.state != HealthState::LoginRequired
    {
        report.expires(document.expires_at);
    }
}
