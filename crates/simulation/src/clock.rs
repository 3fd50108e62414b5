//! The simulated clock: tokio's paused clock, which jumps to the next timer when every task waits.

use evertoken_core::clock::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::{Duration, Instant};

/// The start of every simulated year.
pub(crate) const START: OffsetDateTime = datetime!(2027-01-01 00:00 UTC);

/// Hours since the start.
pub(crate) type Hour = u32;

pub(crate) const HOURS_PER_DAY: Hour = 24;

/// The full hours from this hour to a later time; 0 for an earlier one.
pub(crate) fn hours_until(time: OffsetDateTime, hour: Hour) -> Hour {
    let since_start = (time - START).whole_hours();
    Hour::try_from(since_start).unwrap_or_default().saturating_sub(hour)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SimulatedClock {
    origin: Instant,
}

impl SimulatedClock {
    /// A clock that shows [`START`] now. Requires a runtime whose time is paused.
    pub(crate) fn start() -> Self {
        Self { origin: Instant::now() }
    }

    pub(crate) async fn sleep_until(&self, hour: Hour) {
        tokio::time::sleep_until(self.origin + Duration::from_hours(1) * hour).await;
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = i64::try_from(self.origin.elapsed().as_secs()).unwrap_or(i64::MAX);
        START.saturating_add(time::Duration::seconds(seconds))
    }
}
