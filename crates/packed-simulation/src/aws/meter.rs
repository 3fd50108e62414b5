//! Lets calls take time, be throttled and fail, and counts them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evertoken_core::vault::{OutageCause, VaultError};
use fastrand::Rng;
use tokio::time::sleep;

use super::latency::draw;
use super::operation::Operation;
use super::rate_limits::RateLimits;
use super::usage::{Phase, Usage};
use crate::seeded_rng::{Stream, seeded};

/// The attempts of the AWS SDK in its standard mode.
const ATTEMPTS: u32 = 3;

/// All calls of all processes to AWS. Clones share the limits and the counts.
#[derive(Clone, Debug)]
pub(crate) struct Meter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rng: Rng,
    limits: RateLimits,
    faults_per_million: u32,
    phase: Phase,
    usage: BTreeMap<Phase, Usage>,
}

/// What fault injection does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Before,
    After,
}

/// What a call costs besides the call itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Units {
    pub(super) read: u32,
    pub(super) write: u32,
}

impl Meter {
    pub(crate) fn new(seed: u64, faults_per_million: u32) -> Self {
        Self(Arc::new(Mutex::new(State {
            rng: seeded(seed, Stream::Services),
            limits: RateLimits::new(),
            faults_per_million,
            phase: Phase::Import,
            usage: BTreeMap::new(),
        })))
    }

    /// Counts all calls from now on for this phase.
    pub(crate) fn set_phase(&self, phase: Phase) {
        self.state().phase = phase;
    }

    /// The calls of each phase.
    pub(crate) fn usage(&self) -> BTreeMap<Phase, Usage> {
        self.state().usage.clone()
    }

    /// Makes a call as the SDK does. `effect` is what it does at AWS.
    pub(super) async fn call<T, E: From<VaultError>>(
        &self,
        operation: Operation,
        units: Units,
        effect: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.begin(operation, units).await?;
        let (latency, fault) = self.state().draw(operation);
        sleep(latency / 2).await;
        if fault == Fault::Before {
            return Err(unavailable(OutageCause::Network, "no response").into());
        }
        let done = effect.await;
        sleep(latency / 2).await;
        if fault == Fault::After { Err(unavailable(OutageCause::Network, "no response").into()) } else { done }
    }

    /// Makes calls whose responses nobody needs, one after the other. Fault injection does not affect them.
    pub(crate) async fn repeat(&self, calls: &[(Operation, u32)]) -> Result<(), VaultError> {
        let mut latency = Duration::ZERO;
        for (operation, read) in calls {
            self.begin(*operation, Units { read: *read, write: 0 }).await?;
            latency += draw(*operation, &mut self.state().rng);
        }
        sleep(latency).await;
        Ok(())
    }

    /// Sends a call again, as the SDK does, until AWS accepts it.
    async fn begin(&self, operation: Operation, units: Units) -> Result<(), VaultError> {
        for attempt in 1.. {
            if self.state().accept(operation, units) {
                break;
            }
            if attempt == ATTEMPTS {
                return Err(unavailable(OutageCause::Throttled, "ThrottlingException"));
            }
            let wait = self.state().backoff(attempt);
            sleep(wait).await;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an attempt, and decides whether AWS accepts it.
    fn accept(&mut self, operation: Operation, units: Units) -> bool {
        let is_accepted = self.limits.accept(operation, units.read + units.write);
        let usage = self.usage.entry(self.phase).or_default();
        *usage.calls.entry(operation).or_default() += 1;
        if is_accepted {
            usage.read_units += u64::from(units.read);
            usage.write_units += u64::from(units.write);
        } else {
            *usage.throttled.entry(operation).or_default() += 1;
        }
        is_accepted
    }

    /// The SDK's wait after an attempt: up to a second after the first, up to two after the second.
    fn backoff(&mut self, attempt: u32) -> Duration {
        Duration::from_secs(1) * attempt * self.rng.u32(..1_000) / 1_000
    }

    fn draw(&mut self, operation: Operation) -> (Duration, Fault) {
        let latency = draw(operation, &mut self.rng);
        let fault = match self.rng.u32(..2_000_000) {
            chance if chance < self.faults_per_million => Fault::Before,
            chance if chance < 2 * self.faults_per_million => Fault::After,
            _ => Fault::None,
        };
        if fault != Fault::None {
            self.usage.entry(self.phase).or_default().failed += 1;
        }
        (latency, fault)
    }
}

fn unavailable(cause: OutageCause, code: &str) -> VaultError {
    VaultError::Unavailable { cause, code: code.to_owned() }
}
