//! The year's time: tokio's, which stands still while there is work and jumps when all wait.

use evertoken_core::clock::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::{Duration, Instant};

/// When every year begins.
pub(crate) const START: OffsetDateTime = datetime!(2027-01-01 00:00 UTC);

/// Hours since the start.
pub(crate) type Hour = u32;

/// What time it is in the year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YearClock {
    origin: Instant,
}

impl YearClock {
    /// A clock that shows the start now. Within a runtime whose time is paused.
    pub(crate) fn starting_now() -> Self {
        Self { origin: Instant::now() }
    }

    /// Waits for an hour. What lies in the past has come already.
    pub(crate) async fn reach(&self, hour: Hour) {
        tokio::time::sleep_until(self.origin + Duration::from_hours(1) * hour).await;
    }
}

impl Clock for YearClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = i64::try_from(self.origin.elapsed().as_secs()).unwrap_or(i64::MAX);
        START.saturating_add(time::Duration::seconds(seconds))
    }
}
