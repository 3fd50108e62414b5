//! The sandbox and its in-process API.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::activity_log::Activity;
use crate::clock::Clock;
use crate::random_id::new_sandbox_id;
use crate::settings::Settings;
use crate::state::SandboxState;
use crate::token_rejection::TokenRejection;

/// A stand-in for Instagram. Clones share one state.
#[derive(Clone)]
pub struct Sandbox {
    id: Arc<str>,
    state: Arc<Mutex<SandboxState>>,
}

impl fmt::Debug for Sandbox {
    /// Omits the state, which contains tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A sandbox that follows the system's clock.
    pub fn new(settings: Settings) -> Self {
        Self::build(settings, &Clock::system())
    }

    /// A sandbox that follows another clock, for example a simulated one. Adjusting the sandbox's clock adds an offset
    /// to that clock.
    pub fn with_clock(settings: Settings, now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self::build(settings, &Clock::from_source(now))
    }

    fn build(settings: Settings, clock: &Clock) -> Self {
        Self { id: new_sandbox_id().into(), state: Arc::new(Mutex::new(SandboxState::new(settings, clock))) }
    }

    /// A random text that distinguishes this sandbox from every other one. `GET /_sandbox/clock` shows it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time of the sandbox's clock.
    pub fn now(&self) -> OffsetDateTime {
        self.state().clock.now()
    }

    /// Advances the sandbox's clock, or sets it back by a negative duration.
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// How far the sandbox's clock is ahead of its time source.
    pub fn clock_offset(&self) -> Duration {
        self.state().clock.offset()
    }

    /// Adds a line to the control page: something that the service reported.
    pub fn log_notice(&self, text: impl Into<String>) {
        let mut state = self.state();
        let now = state.clock.now();
        state.activities.add(now, Activity::Notice(text.into()));
    }

    /// Registers a redirect URI. A reset keeps it.
    pub fn register_redirect_uri(&self, uri: &str) {
        self.state().register_redirect_uri(uri);
    }

    /// Checks whether the Graph host accepts a token now. No request is sent, so injected faults do not apply and
    /// nothing is counted.
    ///
    /// # Errors
    /// The reason why the Graph host rejects the token.
    pub fn check_token(&self, token: &str) -> Result<(), TokenRejection> {
        let state = self.state();
        state.check_token(Some(token), state.clock.now()).map(drop)
    }

    /// A panic in one request does not invalidate the state for others.
    pub(crate) fn state(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
