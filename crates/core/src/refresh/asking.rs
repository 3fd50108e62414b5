//! Asking Instagram, and asking again.

use std::time::Duration;

use tokio::time::sleep;

use super::deadline::Deadline;
use super::gate::Gate;
use crate::failure::{Failure, Retry};
use crate::ports::Entropy;

/// Tries of one question within a run. The next run comes in some hours, and there are many of those.
const TRIES: u32 = 3;

/// Before the second try, at most; twice that before the third.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// No run waits longer than this for Instagram; the next one goes on.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Asks within one run.
#[derive(Debug)]
pub(super) struct Asking<'a, E> {
    pub(super) entropy: &'a E,
    pub(super) deadline: &'a Deadline,
    pub(super) gate: &'a Gate,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Instagram refused, or could not be reached however often.
    Failed(Failure),
    /// It was not asked: it has closed the gate for the whole app.
    NotAsked,
}

impl<E: Entropy> Asking<'_, E> {
    /// The answer to `call`, tried again where the failure's row in the table says so.
    pub(super) async fn ask<T, F>(&self, call: impl Fn() -> F) -> Result<T, NoAnswer>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut failed = None;
        for number in 1..=TRIES {
            if !self.gate.pass().await {
                break;
            }
            let failure = match call().await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = self.wait(&failure, number);
            if failure.problem.retry() == Retry::PauseRun {
                match wait {
                    Some(wait) => self.gate.pause(wait),
                    None => self.gate.shut(),
                }
            }
            failed = Some(failure);
            match wait {
                Some(wait) => sleep(wait).await,
                None => break,
            }
        }
        Err(failed.map_or(NoAnswer::NotAsked, NoAnswer::Failed))
    }

    /// How long to wait after the try of this number; none if it was the last.
    fn wait(&self, failure: &Failure, number: u32) -> Option<Duration> {
        // What Instagram names is kept, and a little more, so that not all come back at the same moment.
        let told = failure.retry_after.and_then(|told| Duration::try_from(told).ok());
        let told = told.map(|told| told.saturating_add(jitter(self.entropy, FIRST_WAIT)));
        let wait = match failure.problem.retry() {
            Retry::Soon => told.or_else(|| Some(jitter(self.entropy, FIRST_WAIT * (1 << (number - 1))))),
            Retry::WhenTold | Retry::PauseRun => told,
            Retry::NextRun | Retry::AfterAct => None,
        };
        wait.filter(|wait| number < TRIES && *wait <= LONGEST_WAIT && self.deadline.allows(*wait))
    }
}

/// A random share of `most`: full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
pub fn jitter(entropy: &impl Entropy, most: Duration) -> Duration {
    let mut bytes = [0; 2];
    // Without randomness, half of it is as good as anything.
    let share = match entropy.fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / 65_536.0,
        Err(_) => 0.5,
    };
    most.mul_f64(share)
}

#[cfg(test)]
mod tests;
