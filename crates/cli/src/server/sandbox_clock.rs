//! The sandbox's clock as the service's clock.

use evertoken_core::clock::Clock;
use evertoken_sandbox::Sandbox;
use time::OffsetDateTime;

/// Makes the whole service live in the sandbox's time, so that advancing the sandbox's clock affects everything.
#[derive(Clone, Debug)]
pub(crate) struct SandboxClock(pub(crate) Sandbox);

impl Clock for SandboxClock {
    fn now(&self) -> OffsetDateTime {
        let now = self.0.now();
        now.replace_nanosecond(0).unwrap_or(now)
    }
}
