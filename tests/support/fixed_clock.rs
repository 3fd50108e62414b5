//! A clock that stands.

use evertoken_core::clock::Clock;
use time::OffsetDateTime;

/// Always the same time.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub OffsetDateTime);

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}
