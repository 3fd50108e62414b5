//! Fault injection on calls to Instagram and to the vault.

use std::sync::{Mutex, MutexGuard, PoisonError};

use evertoken_sandbox::{FaultResponse, FaultTiming};
use http::StatusCode;
use tokio::time::{Duration, sleep};

use crate::seeded_rng::{SeededRng, Stream};

/// Injects random faults and outages.
#[derive(Debug)]
pub(crate) struct FaultInjector(Mutex<State>);

#[derive(Debug)]
struct State {
    percent: f64,
    is_outage: bool,
    instagram: SeededRng,
    vault: SeededRng,
    calls: CallCounts,
}

/// The number of calls, and of those that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallCounts {
    pub(crate) total: u64,
    pub(crate) instagram: u64,
    pub(crate) failed: u64,
}

/// The outcome of a call to Instagram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CallOutcome {
    Success,
    ConnectionFailed,
    /// Instagram processes the request, but responds too late.
    Timeout,
    /// The sandbox injects a fault.
    Fault(FaultResponse, FaultTiming),
}

/// The outcome of a call to the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VaultCallOutcome {
    Success,
    /// The call fails and has no effect.
    FailsBefore,
    /// The call takes effect, but the caller gets an error.
    FailsAfter,
}

impl FaultInjector {
    /// `percent` of all calls fail.
    pub(crate) fn new(seed: u64, percent: f64) -> Self {
        Self(Mutex::new(State {
            percent,
            is_outage: false,
            instagram: SeededRng::new(seed, Stream::InstagramFaults),
            vault: SeededRng::new(seed, Stream::VaultFaults),
            calls: CallCounts::default(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every call fail.
    pub(crate) fn start_outage(&self) {
        self.state().is_outage = true;
    }

    pub(crate) fn end_outage(&self) {
        self.state().is_outage = false;
    }

    pub(crate) fn calls(&self) -> CallCounts {
        self.state().calls
    }

    /// Draws the latency and the outcome of a call to Instagram, and waits for the latency.
    pub(crate) async fn call_instagram(&self) -> CallOutcome {
        let (latency, outcome) = self.state().draw_instagram();
        sleep(latency).await;
        outcome
    }

    /// Draws the latency and the outcome of a call to the vault, and waits for the latency.
    pub(crate) async fn call_vault(&self) -> VaultCallOutcome {
        let (latency, outcome) = self.state().draw_vault();
        sleep(latency).await;
        outcome
    }
}

impl State {
    fn draw_instagram(&mut self) -> (Duration, CallOutcome) {
        let latency = milliseconds(self.instagram.in_range(100..400));
        let outcome = if self.is_outage {
            CallOutcome::ConnectionFailed
        } else if self.instagram.chance(self.percent) {
            random_fault(&mut self.instagram)
        } else {
            CallOutcome::Success
        };
        self.calls.instagram += 1;
        self.count(outcome != CallOutcome::Success);
        (latency, outcome)
    }

    fn draw_vault(&mut self) -> (Duration, VaultCallOutcome) {
        let latency = milliseconds(self.vault.in_range(5..40));
        let outcome = if self.is_outage {
            VaultCallOutcome::FailsBefore
        } else if !self.vault.chance(self.percent) {
            VaultCallOutcome::Success
        } else if self.vault.in_range(0..3) == 0 {
            VaultCallOutcome::FailsAfter
        } else {
            VaultCallOutcome::FailsBefore
        };
        self.count(outcome != VaultCallOutcome::Success);
        (latency, outcome)
    }

    fn count(&mut self, failed: bool) {
        self.calls.total += 1;
        self.calls.failed += u64::from(failed);
    }
}

fn milliseconds(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

/// One of the faults that developers report. In about a third of them, Instagram processes the request.
fn random_fault(rng: &mut SeededRng) -> CallOutcome {
    let rate_limit = |status, retry_after_seconds| FaultResponse::RateLimit { status, retry_after_seconds };
    let (response, timing) = match rng.in_range(0..20) {
        0 => (rate_limit(StatusCode::FORBIDDEN, None), FaultTiming::Before),
        1..=2 => (rate_limit(StatusCode::TOO_MANY_REQUESTS, Some(30)), FaultTiming::Before),
        3..=6 => (FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE), FaultTiming::Before),
        7 => (FaultResponse::with_body(StatusCode::BAD_GATEWAY, "<html>Bad Gateway</html>"), FaultTiming::After),
        8..=9 => (FaultResponse::Truncated, FaultTiming::Before),
        10..=12 => (FaultResponse::Truncated, FaultTiming::After),
        13..=14 => (FaultResponse::InvalidJson, FaultTiming::Before),
        15 => (FaultResponse::Oversized { bytes: 100_000 }, FaultTiming::Before),
        16..=17 => return CallOutcome::Timeout,
        _ => return CallOutcome::ConnectionFailed,
    };
    CallOutcome::Fault(response, timing)
}
