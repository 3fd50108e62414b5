//! Accounts in work.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

use super::onlooker::{Onlooker, Watched};
use super::renewal::{End, Renewed};
use super::report::AccountFailure;
use crate::account::AccountName;

/// Each account in a task of its own: a panic ends that task and no other.
#[derive(Debug, Default)]
pub(super) struct Work {
    tasks: JoinSet<Renewed>,
    names: HashMap<Id, AccountName>,
}

impl Work {
    pub(super) fn begin(&mut self, name: AccountName, task: impl Future<Output = Renewed> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    pub(super) fn collect_finished<L: Onlooker>(&mut self, report: &mut Watched<'_, L>) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.take(ended, report);
        }
    }

    pub(super) async fn collect_all<L: Onlooker>(&mut self, report: &mut Watched<'_, L>) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.take(ended, report);
        }
    }

    fn take<L: Onlooker>(&mut self, ended: Result<(Id, Renewed), JoinError>, report: &mut Watched<'_, L>) {
        match ended {
            Ok((id, renewed)) => {
                self.names.remove(&id);
                report.count(renewed.end, Some(&renewed.document));
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
                report.count(End::Failed, None);
                let message = "The work on this account ended in a panic. Please report it.";
                report.failures.push(AccountFailure::ours(name, "panic", message));
            }
        }
    }
}
