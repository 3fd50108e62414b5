//! Handles an invocation: a refresh run, messages of the work queue, or a rotation step.

use std::sync::Arc;

use evertoken_aws::{RotationError, RotationEvent, lambda_deadline};
use evertoken_core::clock::Clock;
use evertoken_core::events::Events;
use evertoken_core::metrics::{self, Metrics};
use evertoken_core::provider::TokenApi;
use evertoken_core::refresh::{InvalidRequest, Refresher, Report, Request, RunError};
use evertoken_packed_aws::AwsVault;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::work_queue::Batch;
use crate::workers::{BatchResponse, PlanError, Workers};

/// The invocation failed as a whole. An error with a single account is part of the report instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("the messages of a work queue were received, but EVERTOKEN_WORK_QUEUE is not set; deploy with Workers")]
    NoWorkers,
    #[error("rotation is off; set EVERTOKEN_ROTATION to on, or deploy with the parameter Rotation=on")]
    RotationOff,
    #[error(transparent)]
    Rotation(#[from] RotationError),
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let error_type = match error {
            InvocationError::Request(_) => "InvalidRequest",
            InvocationError::Run(_) => "RunFailed",
            InvocationError::Plan(_) => "PlanFailed",
            InvocationError::NoWorkers => "NoWorkers",
            InvocationError::RotationOff => "RotationOff",
            InvocationError::Rotation(_) => "RotationFailed",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

pub(crate) struct Function<P, N> {
    pub(crate) refresher: Arc<Refresher<P, AwsVault, N>>,
    pub(crate) metrics: Arc<dyn Metrics>,
    pub(crate) rotation_enabled: bool,
    /// Set if several invocations share a run.
    pub(crate) workers: Option<Workers>,
}

impl<P: TokenApi, N: Events> Function<P, N> {
    /// Returns the run's report, the messages that a worker could not process, or `null` after a rotation step.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationError> {
        if let Some(batch) = Batch::of(&event.payload) {
            let response = self.work(&batch, lambda_deadline(event.context.deadline)).await?;
            return Ok(serde_json::to_value(response).unwrap_or_default());
        }
        match RotationEvent::deserialize(&event.payload) {
            Ok(rotation) => self.rotate(&rotation).await,
            Err(_) => self.refresh(event).await,
        }
    }

    async fn refresh(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationError> {
        let request = Request::parse(event.payload)?;
        if let Some(workers) = &self.workers
            && request == Request::default()
        {
            return Ok(response(&mut workers.plan(&self.refresher.vault).await?));
        }
        let mut report = self.refresher.run(&request, lambda_deadline(event.context.deadline)).await?;
        let response = response(&mut report);
        self.record(&request, report);
        Ok(response)
    }

    async fn work(&self, batch: &Batch, deadline: Option<OffsetDateTime>) -> Result<BatchResponse, InvocationError> {
        let workers = self.workers.as_ref().ok_or(InvocationError::NoWorkers)?;
        let (response, report) = workers.work(&self.refresher, batch, deadline).await;
        if let Some(report) = report {
            self.record(&Request::default(), report);
        }
        Ok(response)
    }

    /// Records the metrics of a run, and logs its report.
    fn record(&self, request: &Request, mut report: Report) {
        self.metrics.record(&metrics::of_run(request, &report, self.refresher.clock.now()));
        report.failures.truncate(MAX_LOGGED_FAILURES);
        log(&report);
    }

    async fn rotate(&self, event: &RotationEvent) -> Result<Value, InvocationError> {
        if !self.rotation_enabled {
            return Err(InvocationError::RotationOff);
        }
        let Refresher { vault, provider, clock, .. } = self.refresher.as_ref();
        evertoken_packed_aws::singles(vault).rotate(provider, clock, event).await?;
        Ok(Value::Null)
    }
}

/// The report as the response, with as many failures as fit into it.
fn response(report: &mut Report) -> Value {
    report.limit_failures(MAX_RESPONSE_FAILURES);
    serde_json::to_value(report).unwrap_or_default()
}

/// The bytes of failures in a response. Lambda rejects a response above 6 MB (AWS, "Lambda quotas"), and the run would count
/// as failed.
const MAX_RESPONSE_FAILURES: usize = 5_000_000;

/// CloudWatch truncates a line at 1 MB. Each failure also has a line of its own.
const MAX_LOGGED_FAILURES: usize = 100;

fn log(report: &Report) {
    let json = serde_json::to_string(report).unwrap_or_default();
    tracing::info!(
        run.accounts = report.accounts,
        run.refreshed = report.refreshed,
        run.not_due = report.not_due,
        run.too_young = report.too_young,
        run.attention = report.attention,
        run.login_required = report.login_required,
        run.failed = report.failed,
        run.conflicts = report.conflicts,
        run.left_for_next_run = report.left_for_next_run,
        run.checked = report.checked,
        run.duration_ms = report.duration_ms,
        report = json,
        "refresh run completed"
    );
}

#[cfg(test)]
mod tests {
    use evertoken_core::refresh::{AccountFailure, FailureKind};

    use super::*;

    /// AWS, "Lambda quotas": 6,291,556 bytes for the response of a synchronous invocation.
    const LAMBDA_QUOTA: usize = 6_291_556;

    fn report(failures: usize) -> Report {
        let failure = |number: usize| AccountFailure {
            name: format!("account-{number}"),
            username: Some("blue_bottle".to_owned()),
            kind: FailureKind::Transient,
            code: Some(2),
            subcode: None,
            message: "Instagram is temporarily unavailable. ".repeat(3),
            trace_id: None,
            next_attempt_at: None,
        };
        Report { failed: failures, failures: (0..failures).map(failure).collect(), ..Report::default() }
    }

    #[test]
    fn a_response_stays_below_lambdas_quota_and_counts_the_failures_left_out() {
        let response = response(&mut report(100_000));
        let size = response.to_string().len();
        assert!((4_900_000..LAMBDA_QUOTA).contains(&size), "{size}");
        let shown = response["failures"].as_array().unwrap().len();
        assert_eq!(response["failures_left_out"], 100_000 - shown);
        assert_eq!((&response["failed"], &response["failures"][0]["name"]), (&100_000.into(), &"account-0".into()));
    }

    #[test]
    fn a_response_with_few_failures_is_complete() {
        let response = response(&mut report(3));
        assert_eq!(response["failures"].as_array().unwrap().len(), 3);
        assert_eq!(response.get("failures_left_out"), None);
    }
}
