//! Shares a run among workers: the scheduled invocation sends the parts of the vault to a queue, and the function is invoked
//! again for their messages.

use std::sync::Arc;

use evertoken_core::clock::Clock;
use evertoken_core::events::Events;
use evertoken_core::provider::TokenApi;
use evertoken_core::refresh::{PartsReport, Refresher, Report, RunError};
use evertoken_core::vault::{Part, VaultError, VaultParts};
use evertoken_packed_aws::{AwsVault, PacksInAws};
use serde::Serialize;
use time::OffsetDateTime;

use crate::work_queue::{Batch, SendError, WorkQueue};

/// What the planner and the workers share.
pub(crate) struct Workers {
    pub(crate) queue: WorkQueue,
    /// Knows until when Instagram limits the app.
    pub(crate) packs: PacksInAws,
}

/// The planner could not hand over the whole vault. Lambda invokes it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Send(#[from] SendError),
}

/// The response to Lambda: the messages that it delivers again after the queue's visibility timeout
/// (`ReportBatchItemFailures`).
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResponse {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl BatchResponse {
    fn of<'a>(failed: impl IntoIterator<Item = &'a str>) -> Self {
        let failure = |id: &str| ItemFailure { item_identifier: id.to_owned() };
        Self { batch_item_failures: failed.into_iter().map(failure).collect() }
    }
}

impl Workers {
    /// Sends all parts of the vault to the queue. The report only says how many there are.
    pub(crate) async fn plan(&self, vault: &AwsVault) -> Result<Report, PlanError> {
        let parts = vault.parts().await.map_err(RunError)?;
        self.queue.send(&parts).await?;
        tracing::info!(run.planned = parts.len(), "sent all parts of the vault to the work queue");
        Ok(Report { planned: parts.len(), ..Report::default() })
    }

    /// Refreshes the accounts of the parts that the messages name. Without a report, nothing was done.
    pub(crate) async fn work<P: TokenApi, N: Events>(
        &self,
        refresher: &Arc<Refresher<P, AwsVault, N>>,
        batch: &Batch,
        deadline: Option<OffsetDateTime>,
    ) -> (BatchResponse, Option<Report>) {
        match self.is_app_limited(&*refresher.clock).await {
            Ok(false) => {}
            Ok(true) => return (BatchResponse::of(batch.postponable()), None),
            Err(error) => {
                tracing::error!("cannot read from the index whether Instagram limits the app: {error}");
                return (BatchResponse::of(batch.parts().map(|(id, _)| id)), None);
            }
        }
        let parts: Vec<Part> = batch.parts().filter_map(|(_, part)| part).collect();
        let PartsReport { report, failed } = refresher.run_parts(&parts, deadline).await;
        for (id, _) in batch.parts().filter(|(_, part)| part.is_none()) {
            tracing::error!(message.id = id, "a message in the work queue is not one of the planner's");
        }
        if let Some(wait) = report.app_limited_for {
            self.limit_app_until(refresher.clock.now().saturating_add(wait)).await;
        }
        let unfinished = batch.unfinished(&failed, report.app_limited_for.is_some());
        (BatchResponse::of(unfinished), Some(report))
    }

    async fn is_app_limited(&self, clock: &dyn Clock) -> Result<bool, VaultError> {
        let until = self.packs.packed().app_limited_until().await?;
        let is_limited = until.is_some_and(|until| until > clock.now());
        if is_limited {
            tracing::warn!(
                "Instagram limits the app, so the messages are delivered again later, or the next run sends them again"
            );
        }
        Ok(is_limited)
    }

    /// If the index cannot be written, the other workers find out themselves.
    async fn limit_app_until(&self, until: OffsetDateTime) {
        tracing::warn!("Instagram limits the app, so all workers stop until {until}");
        if let Err(error) = self.packs.packed().limit_app_until(until).await {
            tracing::error!("cannot tell the other workers that Instagram limits the app: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_names_the_messages_that_lambda_delivers_again() {
        let json = |response: &BatchResponse| serde_json::to_string(response).unwrap();
        assert_eq!(json(&BatchResponse::default()), r#"{"batchItemFailures":[]}"#);
        assert_eq!(json(&BatchResponse::of(["m-1"])), r#"{"batchItemFailures":[{"itemIdentifier":"m-1"}]}"#);
    }
}
