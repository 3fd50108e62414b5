//! The simulated clock: tokio's paused clock, which jumps to the next timer when every task waits.

use std::time::Duration;

use evertoken_core::clock::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::Instant;

/// The start of every simulated year.
const START: OffsetDateTime = datetime!(2027-01-01 00:00 UTC);

pub(crate) const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Copy, Debug)]
pub(crate) struct SimulatedClock {
    origin: Instant,
}

impl SimulatedClock {
    /// A clock that shows [`START`] now. Requires a runtime whose time is paused.
    pub(crate) fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    pub(crate) async fn sleep_until(&self, since_start: Duration) {
        tokio::time::sleep_until(self.origin + since_start).await;
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = i64::try_from(self.origin.elapsed().as_secs()).unwrap_or(i64::MAX);
        START.saturating_add(time::Duration::seconds(seconds))
    }
}
