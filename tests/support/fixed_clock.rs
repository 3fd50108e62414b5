//! A clock that does not advance.

use evertoken_core::clock::Clock;
use time::OffsetDateTime;

/// A clock that always returns the same time.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub OffsetDateTime);

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}
