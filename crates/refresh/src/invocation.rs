//! From an invocation's input to a run or to a step of a rotation, and to the answer and the log line.

use std::sync::Arc;

use evertoken_aws::{RotationError, RotationEvent, SecretsManagerVault};
use evertoken_core::clock::Clock;
use evertoken_core::events::Events;
use evertoken_core::metrics;
use evertoken_core::metrics::Metrics;
use evertoken_core::provider::Provider;
use evertoken_core::refresh::{InvalidRequest, Refresher, Report, Request, RunError};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

/// The invocation as a whole failed; single accounts never make it fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    /// The input is no request.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// No account could be looked at.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A rotation is asked for and not set up.
    #[error("rotation is off: set EVERTOKEN_ROTATION to on")]
    RotationOff,
    /// A step of a rotation was not made.
    #[error(transparent)]
    Rotation(#[from] RotationError),
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let error_type = match error {
            InvocationError::Request(_) => "InvalidRequest",
            InvocationError::Run(_) => "RunFailed",
            InvocationError::RotationOff => "RotationOff",
            InvocationError::Rotation(_) => "RotationFailed",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// All that an invocation needs.
pub(crate) struct Function<P, N> {
    pub(crate) refresher: Arc<Refresher<P, SecretsManagerVault, N>>,
    pub(crate) metrics: Arc<dyn Metrics>,
    pub(crate) answers_rotations: bool,
}

impl<P: Provider, N: Events> Function<P, N> {
    /// Answers an invocation: a run's report, or nothing for a step of a rotation.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationError> {
        if let Ok(rotation) = RotationEvent::deserialize(&event.payload) {
            self.rotate(&rotation).await?;
            return Ok(Value::Null);
        }
        let request = Request::parse(event.payload)?;
        // Until the function's own deadline comes near.
        let mut report = self.refresher.run(&request, deadline(event.context.deadline)).await?;
        self.metrics.record(&metrics::of_run(&request, &report, self.refresher.clock.now()));
        let answer = serde_json::to_value(&report).unwrap_or_default();
        report.failures.truncate(LOGGED_FAILURES);
        log(&report);
        Ok(answer)
    }

    async fn rotate(&self, event: &RotationEvent) -> Result<(), InvocationError> {
        if !self.answers_rotations {
            return Err(InvocationError::RotationOff);
        }
        let Refresher { vault, provider, clock, .. } = self.refresher.as_ref();
        Ok(vault.rotate(provider, clock, event).await?)
    }
}

/// How many failures a run's line repeats. Each has had a line of its own, and CloudWatch cuts a line at 1 MB.
const LOGGED_FAILURES: usize = 100;

/// The one line of a run: its numbers, and the answer as text.
fn log(report: &Report) {
    let answer = serde_json::to_string(report).unwrap_or_default();
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
        run.duration_ms = report.duration_ms,
        report = answer,
        "refresh run completed"
    );
}

/// Lambda gives the deadline in milliseconds since 1970.
fn deadline(milliseconds: u64) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(milliseconds / 1000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| seconds > 0)
}
