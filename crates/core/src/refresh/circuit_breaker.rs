//! The circuit breaker that stops calls to Instagram while Instagram limits the whole app.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long to wait if Instagram names no time. Its limits count the calls of one hour (Meta, "Rate Limits").
const UNNAMED_WAIT: time::Duration = time::Duration::minutes(45);

/// Every call to Instagram waits here first. Calls while the app is throttled lengthen the penalty (Meta, "Rate Limits").
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker(Mutex<State>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Calls pass.
    #[default]
    Closed,
    /// Calls wait.
    PausedUntil(Instant),
    /// Calls are rejected until the run ends. Has the time that Instagram asked to wait, if it named one.
    Open(Option<time::Duration>),
}

impl CircuitBreaker {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is a single assignment, so a panic elsewhere cannot leave a half-made one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a call may be made. Returns false if the breaker is open.
    pub(super) async fn ready(&self) -> bool {
        loop {
            let until = match *self.state() {
                State::Closed => return true,
                State::Open(_) => return false,
                State::PausedUntil(until) if until <= Instant::now() => return true,
                State::PausedUntil(until) => until,
            };
            sleep_until(until).await;
        }
    }

    /// Makes calls wait. A pause never shortens another one.
    pub(super) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        *state = match *state {
            State::Open(wait) => State::Open(wait),
            State::PausedUntil(later) => State::PausedUntil(later.max(until)),
            State::Closed => State::PausedUntil(until),
        };
    }

    /// Rejects calls until the run ends. Instagram asked to wait for this time, if it named one.
    pub(super) fn open(&self, requested: Option<time::Duration>) {
        let mut state = self.state();
        *state = match *state {
            State::Open(wait) => State::Open(wait.max(requested)),
            _ => State::Open(requested),
        };
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(*self.state(), State::Open(_))
    }

    /// For how long no call should be made, if the breaker is open.
    pub(super) fn open_for(&self) -> Option<time::Duration> {
        match *self.state() {
            State::Open(requested) => Some(requested.unwrap_or(UNNAMED_WAIT)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_wait_for_the_longest_pause() {
        let breaker = CircuitBreaker::default();
        let begun = Instant::now();
        assert!(breaker.ready().await);
        for seconds in [3, 9, 2] {
            breaker.pause(Duration::from_secs(seconds));
        }
        assert!(breaker.ready().await);
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
        assert!(breaker.ready().await && !breaker.is_open());
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_breaker_stays_open() {
        let breaker = CircuitBreaker::default();
        assert_eq!(breaker.open_for(), None);
        breaker.open(None);
        assert_eq!(breaker.open_for(), Some(time::Duration::minutes(45)));
        breaker.open(Some(time::Duration::minutes(5)));
        assert_eq!(breaker.open_for(), Some(time::Duration::minutes(5)));
        breaker.pause(Duration::from_secs(1));
        assert!(breaker.is_open());
        assert!(!breaker.ready().await);
    }
}
