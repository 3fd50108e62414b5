//! Calls to Instagram with retries.

use std::time::Duration;

use super::circuit_breaker::CircuitBreaker;
use super::deadline::Deadline;
use crate::backoff::{Backoff, Jitter, jitter, retry};
use crate::entropy::Entropy;
use crate::provider_error::{ProviderError, Retry};

/// Attempts per call within one run. The next run follows within hours, and there are many runs.
const ATTEMPTS: u32 = 3;

const BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(2), jitter: Jitter::Full };

/// No run waits longer than this for Instagram; the next run continues.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Calls Instagram within one run.
pub(super) struct RetryingProvider<'a> {
    pub(super) entropy: &'a dyn Entropy,
    pub(super) deadline: &'a Deadline,
    pub(super) circuit_breaker: &'a CircuitBreaker,
}

/// A call had no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// Instagram returned an error, or could not be reached in any attempt.
    Failed(ProviderError),
    /// The circuit breaker is open, so Instagram was not called.
    CircuitOpen,
}

impl RetryingProvider<'_> {
    /// The result of `call`, which is retried as the error table says.
    pub(super) async fn call<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let attempt = async || {
            if self.circuit_breaker.ready().await {
                call().await.map_err(CallError::Failed)
            } else {
                Err(CallError::CircuitOpen)
            }
        };
        let mut last = None;
        let wait = |error: &CallError, attempt| match error {
            CallError::Failed(failure) => {
                last = Some(failure.clone());
                let wait = self.wait(failure, attempt);
                self.trip(failure, wait);
                wait
            }
            CallError::CircuitOpen => None,
        };
        retry(attempt, wait).await.map_err(|error| match error {
            // Another account's call opened the breaker while this one waited for its next attempt.
            CallError::CircuitOpen => last.map_or(CallError::CircuitOpen, CallError::Failed),
            failed @ CallError::Failed(_) => failed,
        })
    }

    /// Stops all calls if Instagram limits the app: for a while if the wait is short, otherwise for the rest of the run.
    fn trip(&self, failure: &ProviderError, wait: Option<Duration>) {
        if failure.kind.retry() == Retry::PauseRun {
            match wait {
                Some(wait) => self.circuit_breaker.pause(wait),
                None => self.circuit_breaker.open(failure.retry_after),
            }
        }
    }

    /// How long to wait after this attempt; `None` if it was the last one.
    fn wait(&self, failure: &ProviderError, attempt: u32) -> Option<Duration> {
        // A little longer than Instagram asks for, so that the accounts do not return at the same moment.
        let requested = failure.retry_after.and_then(|wait| Duration::try_from(wait).ok());
        let requested = requested.map(|wait| wait.saturating_add(jitter(self.entropy, BACKOFF.first)));
        let wait = match failure.kind.retry() {
            Retry::Soon => requested.or_else(|| Some(BACKOFF.delay(attempt, self.entropy))),
            Retry::WhenTold | Retry::PauseRun => requested,
            Retry::NextRun | Retry::AfterAct => None,
        };
        wait.filter(|wait| attempt < ATTEMPTS && *wait <= LONGEST_WAIT && self.deadline.allows(*wait))
    }
}

#[cfg(test)]
mod tests;
