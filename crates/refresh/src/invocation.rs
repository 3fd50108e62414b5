//! From an invocation's input to a run, and from its report to the answer and the log line.

use std::sync::Arc;

use evertoken_core::ports::{Clock, Provider, Vault};
use evertoken_core::refresh::{InvalidRequest, Refresher, Report, Request, RunError};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The invocation as a whole failed; single accounts never make it fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    /// The input is no request.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// No account could be looked at.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let error_type = match error {
            InvocationError::Request(_) => "InvalidRequest",
            InvocationError::Run(_) => "RunFailed",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Renews what is due, until the function's own deadline comes near.
pub(crate) async fn handle<P: Provider, V: Vault, C: Clock>(
    refresher: Arc<Refresher<P, V, C>>,
    event: LambdaEvent<Value>,
) -> Result<Report, InvocationError> {
    let request = Request::parse(event.payload)?;
    let report = refresher.run(&request, deadline(event.context.deadline)).await?;
    log(&report);
    Ok(report)
}

/// The answer is the log line too, number by number, so that a query can select them. The failures stand as JSON text:
/// a log line's fields are flat, and each failure has had a line of its own.
fn log(report: &Report) {
    tracing::info!(
        version = report.version,
        accounts = report.accounts,
        refreshed = report.refreshed,
        not_due = report.not_due,
        too_young = report.too_young,
        attention = report.attention,
        login_required = report.login_required,
        failed = report.failed,
        conflicts = report.conflicts,
        left_for_next_run = report.left_for_next_run,
        soonest_expiry = report.soonest_expiry.and_then(|at| at.format(&Rfc3339).ok()),
        duration_ms = report.duration_ms,
        failures = serde_json::to_string(&report.failures).unwrap_or_default(),
        "refresh run completed"
    );
}

/// Lambda gives the deadline in milliseconds since 1970.
fn deadline(milliseconds: u64) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(milliseconds / 1000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| seconds > 0)
}
