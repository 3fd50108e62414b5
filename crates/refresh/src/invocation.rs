//! From an invocation's input to a run, and from its report to the answer and the log line.

use std::sync::Arc;

use evertoken_core::ports::{Clock, Provider, Vault};
use evertoken_core::refresh::{InvalidRequest, Refresher, Report, Request, RunError};
use lambda_runtime::{Diagnostic, LambdaEvent};
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
    // The answer is the log line too; as text it reads alone, and a query finds its numbers.
    let line = serde_json::to_string(&report).unwrap_or_default();
    tracing::info!(report = line, "refresh run completed");
    Ok(report)
}

/// Lambda gives the deadline in milliseconds since 1970.
fn deadline(milliseconds: u64) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(milliseconds / 1000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| seconds > 0)
}
