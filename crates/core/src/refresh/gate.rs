//! The way to Instagram, which Instagram may close for the whole app.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Everybody who asks Instagram something passes here first. Meta: more calls while throttled make the penalty longer
/// ("Rate Limits").
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<State>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    Until(Instant),
    Shut,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        // One assignment at a time: a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while the gate is closed. False: it stays shut for this run.
    pub(super) async fn pass(&self) -> bool {
        loop {
            let until = match *self.state() {
                State::Open => return true,
                State::Shut => return false,
                State::Until(until) if until <= Instant::now() => return true,
                State::Until(until) => until,
            };
            sleep_until(until).await;
        }
    }

    /// Closes it for a while; one that is closed longer stays so.
    pub(super) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        *state = match *state {
            State::Shut => State::Shut,
            State::Until(later) => State::Until(later.max(until)),
            State::Open => State::Until(until),
        };
    }

    /// Closes it until the run is over.
    pub(super) fn shut(&self) {
        *self.state() = State::Shut;
    }

    /// Whether it is closed until the run is over.
    pub(super) fn is_shut(&self) -> bool {
        *self.state() == State::Shut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_back_and_ends() {
        let gate = Gate::default();
        let begun = Instant::now();
        assert!(gate.pass().await);
        for seconds in [3, 9, 2] {
            gate.pause(Duration::from_secs(seconds));
        }
        assert!(gate.pass().await);
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
        assert!(gate.pass().await && !gate.is_shut());
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
    }

    #[tokio::test(start_paused = true)]
    async fn once_shut_it_stays_shut() {
        let gate = Gate::default();
        gate.shut();
        gate.pause(Duration::from_secs(1));
        assert!(gate.is_shut());
        assert!(!gate.pass().await);
    }
}
