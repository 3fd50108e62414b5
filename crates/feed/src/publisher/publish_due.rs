//! A run over all feeds. Every feed has a task of its own, so that an error, a panic or a delay affects no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::media::{MediaSource, PictureSource};
use evertoken_core::vault::{AccountStore, PAGE_SIZE, VaultError};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::{PublishError, Publisher};
use crate::file_path::{FilePath, SETTINGS, STATE};
use crate::files::{FeedFiles, FilesError, Invalidations};
use crate::report::{FailureKind, FeedFailure, FeedResult, Outcome, Report};

/// What to do with one feed.
#[derive(Debug)]
enum Task {
    /// Publish it if it is due.
    PublishIfDue(Box<Document>),
    /// Publish it.
    PublishNow(Box<Document>),
    /// Remove what is left of it.
    Remove,
    /// The vault did not say whether the account exists, or what its token is.
    KeepWithoutToken(FailureKind, String),
}

impl<M, P, F, V, I> Publisher<M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    /// Publishes the feeds that are due, and removes those whose account no longer exists.
    pub(super) async fn publish_due(
        self: &Arc<Self>,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Report, PublishError> {
        let begun_at = Instant::now();
        let last_start = deadline.map(|deadline| {
            let left = Duration::try_from(deadline - self.clock.now()).unwrap_or_default();
            begun_at + left.saturating_sub(self.limits.margin.min(left / 2))
        });
        self.write_widget().await?;
        let mut run = Run::new(self);
        // States first: a feed that is enabled in the meantime has its settings before its state.
        let states = self.accounts_below(STATE).await?;
        let mut accounts = self.accounts_below(SETTINGS).await?;
        for left_over in states.into_iter().filter(|account| accounts.binary_search(account).is_err()) {
            run.start(left_over, Task::Remove).await;
        }
        // No feed is always the last one if there is not enough time for all.
        let first = self.random_below(accounts.len());
        accounts.rotate_left(first);
        let mut is_late = false;
        for names in accounts.chunks(PAGE_SIZE) {
            is_late |= last_start.is_some_and(|at| Instant::now() >= at);
            if is_late {
                run.report.feeds += names.len();
                run.report.left_for_next_run += names.len();
                continue;
            }
            for (name, task) in self.tasks(names).await {
                run.start(name, task).await;
            }
        }
        Ok(run.end(begun_at).await)
    }

    /// Publishes one feed.
    pub(super) async fn publish_now(self: &Arc<Self>, account: &AccountName) -> Result<Report, PublishError> {
        let begun_at = Instant::now();
        if self.files.read(&FilePath::settings(account)).await?.is_none() {
            return Err(PublishError::NotEnabled(account.clone()));
        }
        self.write_widget().await?;
        let task = match self.vault.get(account).await {
            Ok(Some(found)) => Task::PublishNow(Box::new(found.document)),
            Ok(None) => Task::Remove,
            Err(error) => return Err(error.into()),
        };
        let mut run = Run::new(self);
        run.start(account.clone(), task).await;
        Ok(run.end(begun_at).await)
    }

    /// Decides what to do with some feeds, by one call to the vault.
    async fn tasks(&self, names: &[AccountName]) -> Vec<(AccountName, Task)> {
        let failed = |error: &VaultError| Task::KeepWithoutToken(FailureKind::Vault, error.to_string());
        let page = match self.vault.get_many(names).await {
            Ok(page) => page,
            Err(error) => return names.iter().map(|name| (name.clone(), failed(&error))).collect(),
        };
        let mut documents: HashMap<AccountName, Document> =
            page.accounts.into_iter().map(|account| (account.document.name.clone(), account.document)).collect();
        let mut tasks = Vec::new();
        for name in names {
            let unreadable = page.unreadable.iter().find(|unreadable| unreadable.name == name.as_str());
            let task = match (documents.remove(name), unreadable) {
                (Some(document), _) => Task::PublishIfDue(Box::new(document)),
                (None, Some(found)) => Task::KeepWithoutToken(FailureKind::Unreadable, found.reason.to_string()),
                // Deleting a feed cannot be undone, so the vault is asked again.
                (None, None) => match self.vault.get(name).await {
                    Ok(None) => Task::Remove,
                    Ok(Some(found)) => Task::PublishIfDue(Box::new(found.document)),
                    Err(error) => failed(&error),
                },
            };
            tasks.push((name.clone(), task));
        }
        tasks
    }

    async fn carry_out(&self, account: &AccountName, task: Task) -> FeedResult {
        let result = match task {
            Task::PublishIfDue(document) => self.publish_if_due(account, &document).await,
            Task::PublishNow(document) => self.publish(account, &document).await,
            Task::Remove => self.remove_feed(account).await.map(|()| Outcome::Removed.into()),
            Task::KeepWithoutToken(kind, message) => self.keep_without_token(account, kind, message).await,
        };
        result.unwrap_or_else(|error| FeedFailure::new(account, FailureKind::Files, &error).into())
    }

    /// Writes the widget's script if it changed.
    async fn write_widget(&self) -> Result<(), FilesError> {
        let path = FilePath::widget();
        if self.files.read(&path).await?.as_deref() == Some(&*self.widget) {
            return Ok(());
        }
        self.files.write(&path, self.widget.to_vec()).await
    }

    fn random_below(&self, count: usize) -> usize {
        let mut bytes = [0; 4];
        // Without random bytes, the first feed comes first.
        self.entropy.fill(&mut bytes).ok();
        usize::try_from(u32::from_le_bytes(bytes)).ok().and_then(|random| random.checked_rem(count)).unwrap_or(0)
    }
}

/// The feeds that a run is working on.
struct Run<'a, M, P, F, V, I> {
    publisher: &'a Arc<Publisher<M, P, F, V, I>>,
    free: Arc<Semaphore>,
    tasks: JoinSet<FeedResult>,
    accounts: HashMap<Id, AccountName>,
    report: Report,
}

impl<'a, M, P, F, V, I> Run<'a, M, P, F, V, I>
where
    M: MediaSource,
    P: PictureSource,
    F: FeedFiles,
    V: AccountStore,
    I: Invalidations,
{
    fn new(publisher: &'a Arc<Publisher<M, P, F, V, I>>) -> Self {
        Self {
            publisher,
            free: Arc::new(Semaphore::new(publisher.limits.concurrency.max(1))),
            tasks: JoinSet::new(),
            accounts: HashMap::new(),
            report: Report::default(),
        }
    }

    /// Starts a task as soon as there is room for it.
    async fn start(&mut self, account: AccountName, task: Task) {
        // The semaphore is never closed, so this never fails.
        let Ok(permit) = Arc::clone(&self.free).acquire_owned().await else { return };
        let (publisher, name) = (Arc::clone(self.publisher), account.clone());
        let id = self.tasks.spawn(async move {
            let limit = publisher.limits.feed_time;
            let result = tokio::time::timeout(limit, publisher.carry_out(&name, task)).await;
            drop(permit);
            result.unwrap_or_else(|_| {
                let message = format!("The feed was not finished within {} seconds.", limit.as_secs());
                FeedFailure::new(&name, FailureKind::TimedOut, &message).into()
            })
        });
        self.accounts.insert(id.id(), account);
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.take(ended);
        }
    }

    fn take(&mut self, ended: Result<(Id, FeedResult), JoinError>) {
        match ended {
            Ok((id, result)) => {
                self.accounts.remove(&id);
                self.report.count(result);
            }
            // The panic's message may contain anything, so it is not logged.
            Err(error) => {
                if let Some(account) = self.accounts.remove(&error.id()) {
                    let message = "The task for this feed panicked. Please report a bug.";
                    self.report.count(FeedFailure::new(&account, FailureKind::Panic, message).into());
                }
            }
        }
    }

    async fn end(mut self, begun_at: Instant) -> Report {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.take(ended);
        }
        self.report.duration_ms = u64::try_from(begun_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.report
    }
}
