//! The accounts that a run is working on.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

use super::observed_report::ObservedReport;
use super::outcome::RefreshOutcome;
use super::renewal::RenewalResult;
use super::report::{AccountFailure, FailureKind};
use super::run_observer::RunObserver;
use crate::account::AccountName;

/// Runs every account in a task of its own, so that a panic ends that task and no other.
#[derive(Debug, Default)]
pub(super) struct TaskSet {
    tasks: JoinSet<RenewalResult>,
    names: HashMap<Id, AccountName>,
}

impl TaskSet {
    pub(super) fn spawn(&mut self, name: AccountName, task: impl Future<Output = RenewalResult> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    pub(super) fn collect_finished<L: RunObserver>(&mut self, report: &mut ObservedReport<'_, L>) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.take(ended, report);
        }
    }

    pub(super) async fn collect_all<L: RunObserver>(&mut self, report: &mut ObservedReport<'_, L>) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.take(ended, report);
        }
    }

    fn take<L: RunObserver>(
        &mut self,
        ended: Result<(Id, RenewalResult), JoinError>,
        report: &mut ObservedReport<'_, L>,
    ) {
        match ended {
            Ok((id, renewed)) => {
                self.names.remove(&id);
                report.count(renewed.outcome, Some(&renewed.document));
                report.checked += usize::from(renewed.checked);
                if let Some(failure) = renewed.failure {
                    tracing::warn!(
                        account.name = failure.name,
                        failure.kind = failure.kind.as_str(),
                        failure.code = failure.code,
                        failure.subcode = failure.subcode,
                        failure.trace_id = failure.trace_id,
                        "account not refreshed: {}",
                        failure.message
                    );
                    report.failures.push(failure);
                }
            }
            Err(error) => {
                let name = self.names.remove(&error.id()).map_or_else(String::new, |name| name.to_string());
                // The panic's message may contain anything, so it is not logged.
                tracing::error!(account.name = name, "the task for an account panicked");
                report.count(RefreshOutcome::Failed, None);
                let message = "The task for this account panicked. Please report a bug.";
                report.failures.push(AccountFailure::internal(name, FailureKind::Panic, message));
            }
        }
    }
}
