//! The clock of a command: this machine's, or a sandbox's.

use evertoken_core::clock::{Clock, SystemClock};
use time::{Duration, OffsetDateTime};

/// The system's clock with an offset. The default has none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OffsetClock {
    offset: Duration,
}

/// The largest offset. All dates around it can be calculated with.
const MAX_OFFSET: Duration = Duration::days(1_000 * 365);

impl OffsetClock {
    /// How far the clock is ahead of this machine's.
    pub(crate) fn offset(self) -> Duration {
        self.offset
    }

    /// A clock that is this far ahead, within what a calendar allows.
    pub(crate) fn ahead_by(offset: Duration) -> Self {
        Self { offset: offset.clamp(-MAX_OFFSET, MAX_OFFSET) }
    }
}

impl Clock for OffsetClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now().saturating_add(self.offset)
    }
}
